"""Reads an app's examples.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_llm.project.arguments import read_calls
from edge_llm.project.example import Example
from edge_llm.project.faults import Fault
from edge_llm.project.json_file import JsonFile, kind_of
from edge_llm.project.located_json import JsonPath
from edge_llm.project.tools_file import ToolsFile
from edge_llm.samples import Answer, Call, Message

_FIELDS = {"userQuery", "expectedToolCalls", "expectedReply", "history"}
_ROLES = ("user", "assistant", "tool")


def read_examples(path: Path, known: ToolsFile) -> tuple[list[Example], list[Fault]]:
    """The examples that are in order, and every fault of the file."""
    file = JsonFile(path, "examples")
    examples: list[Example] = []
    for index in range(len(file.entries)):
        example = _Entry(file, index, known).read()
        if example:
            examples.append(example)
    _find_disagreements(file, examples)
    return examples, file.faults


class _Entry:
    def __init__(self, file: JsonFile, index: int, known: ToolsFile) -> None:
        self._file, self._at, self._known = file, (index,), known
        self._value = file.entries[index]

    def read(self) -> Example | None:
        file, value = self._file, self._value
        if not isinstance(value, dict):
            file.fault(self._at, f"this example is {kind_of(value)}", "Write {userQuery, …}")
            return None
        before = len(file.faults)
        for key in value.keys() - _FIELDS:
            file.fault(
                (*self._at, key),
                f"examples have no field {key!r}",
                f"Known are {', '.join(sorted(_FIELDS))}",
            )
        history = self._history()
        query = self._query(history)
        if "expectedToolCalls" not in value:
            file.fault(
                self._at, "has no expectedToolCalls", "Write [] where no tool is to be called"
            )
        calls = self._calls("expectedToolCalls", value.get("expectedToolCalls", []))
        reply = value.get("expectedReply", "")
        if not isinstance(reply, str):
            self._fault("expectedReply", f"is {kind_of(reply)}, not a string", "Quote it")
        if len(file.faults) > before:
            return None
        return Example(query, Answer(calls=calls, text=reply), history, file.line(self._at))

    def _query(self, history: tuple[Message, ...]) -> str:
        query = self._value.get("userQuery")
        if query is None and history and history[-1].role == "tool":
            return ""
        if query is None:
            self._file.fault(self._at, "has no userQuery", "Add what the user says")
        elif not isinstance(query, str):
            self._fault("userQuery", f"is {kind_of(query)}, not a string", "Quote it")
        elif not query.strip():
            self._fault("userQuery", "is empty", "Write what the user says")
        return query.strip() if isinstance(query, str) else ""

    def _history(self) -> tuple[Message, ...]:
        history = self._value.get("history", [])
        if not isinstance(history, list):
            self._fault("history", f"is {kind_of(history)}, not an array", "Write [{role, …}]")
            return ()
        read = [self._message(index, turn) for index, turn in enumerate(history)]
        return tuple(message for message in read if message)

    def _message(self, index: int, turn: Any) -> Message | None:
        at: JsonPath = (*self._at, "history", index)
        if not isinstance(turn, dict) or turn.get("role") not in _ROLES:
            self._file.fault(at, "this turn has no known role", f"Use one of {', '.join(_ROLES)}")
            return None
        role, content = turn["role"], turn.get("content", "")
        name = turn.get("name")
        if role == "tool":
            if not isinstance(content, str):
                content = json.dumps(content, ensure_ascii=False)
            if isinstance(name, str) and not self._known.may_have(name):
                self._file.fault(
                    (*at, "name"),
                    f"is the result of the unknown tool {name!r}",
                    f"Known are {', '.join(self._known.tools) or 'none'}",
                )
        elif not isinstance(content, str):
            self._file.fault(
                (*at, "content"), f"the content is {kind_of(content)}, not a string", "Quote it"
            )
            return None
        calls = self._calls("history", turn["calls"], index, "calls") if "calls" in turn else ()
        return Message(role=role, content=content, calls=calls, name=name)

    def _calls(self, field: str, value: Any, *rest: str | int) -> tuple[Call, ...]:
        return read_calls(self._file, (*self._at, field, *rest), value, self._known)

    def _fault(self, field: str, reason: str, advice: str) -> None:
        self._file.fault((*self._at, field), f"{field} {reason}", advice)


def _find_disagreements(file: JsonFile, examples: Sequence[Example]) -> None:
    first: dict[str, Example] = {}
    for example in examples:
        other = first.setdefault(example.sentence, example)
        if other.wanted != example.wanted:
            file.faults.append(
                Fault(
                    str(file.path),
                    example.line,
                    0,
                    f"expects other calls than the same request in line {other.line}",
                    "Keep the right one of the two",
                )
            )
