"""Reads one file of the user's and collects what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edge_llm.project.faults import Fault
from edge_llm.project.located_json import JsonError, JsonPath, LocatedJson, parse


class JsonFile:
    """A JSON file with a list of its faults; `entries` are the items of its top-level array."""

    def __init__(self, path: Path, what: str) -> None:
        """`what` says in the plural what the array holds ("tools")."""
        self.path, self._what = path, what
        self.faults: list[Fault] = []
        self._json: LocatedJson | None = None
        self.entries: list[Any] = []
        text = self._read()
        if text is not None:
            self._parse(text)

    def fault(self, at: JsonPath, reason: str, advice: str) -> None:
        """Records a fault at the value or member `at`."""
        line, column = self._json.place(at) if self._json else (1, 1)
        self.faults.append(Fault(str(self.path), line, column, reason, advice))

    def line(self, at: JsonPath) -> int:
        return self._json.place(at)[0] if self._json else 0

    def _read(self) -> str | None:
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            reason, advice = "there is no such file", f"Write your {self._what} into it"
        except UnicodeDecodeError as error:
            reason, advice = f"is not UTF-8 text ({error.reason})", "Save the file as UTF-8"
        except OSError as error:
            reason = f"cannot be read ({error.strerror})"
            advice = "Check the path and its permissions"
        self.faults.append(Fault(str(self.path), 0, 0, reason, advice))
        return None

    def _parse(self, text: str) -> None:
        if not text.strip():
            self.fault((), "is empty", f"Write a JSON array of {self._what} into it")
            return
        try:
            self._json = parse(text)
        except JsonError as error:
            self.faults.append(
                Fault(
                    str(self.path),
                    error.line,
                    error.column,
                    f"is not valid JSON: {error.reason}",
                    "Correct it there",
                )
            )
            return
        for path in self._json.repeated:
            self.fault(path, f'"{path[-1]}" is given twice in one object', "Remove one of the two")
        value = self._json.value
        if not isinstance(value, list):
            self.fault(
                (),
                f"holds {kind_of(value)}, not an array",
                f"Put the {self._what} between [ and ]",
            )
        elif not value:
            self.fault((), f"holds no {self._what}", "Add at least one")
        else:
            self.entries = value


def kind_of(value: Any) -> str:
    """What JSON calls a value, with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"
