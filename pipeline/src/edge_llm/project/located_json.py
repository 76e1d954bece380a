"""JSON that knows where in its file every value stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import Any

JsonPath = tuple[str | int, ...]
"""Keys and indices from the root: `(0, "parameters", "type")`."""

_SPACE = re.compile(r"[ \t\n\r]*")
_LITERAL = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_CONSTANTS = {"true": True, "false": False, "null": None}


class JsonError(ValueError):
    """Text that is not JSON, with the place (both from 1)."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column


@dataclass(frozen=True)
class LocatedJson:
    value: Any
    places: dict[JsonPath, tuple[int, int]]
    """Line and column of every value, and of a member's key rather than its value."""
    repeated: list[JsonPath]
    """Members given twice in one object, where JSON readers silently keep the last."""

    def place(self, path: JsonPath) -> tuple[int, int]:
        """Where `path` stands; a path that is not in the file falls back to its parent."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def parse(text: str) -> LocatedJson:
    """Reads JSON strictly (no comments, no trailing commas, no NaN); raises `JsonError`."""
    return _Reader(text).document()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self._string = JSONDecoder().raw_decode
        self._places: dict[JsonPath, tuple[int, int]] = {}
        self._repeated: list[JsonPath] = []

    def document(self) -> LocatedJson:
        start = self._skip(1 if self._text.startswith("\ufeff") else 0)
        try:
            value, end = self._value(start, ())
        except JSONDecodeError as error:
            raise self._error(self._reason(error), error.pos) from None
        except RecursionError:
            raise self._error("values are nested too deeply", start) from None
        if end < len(self._text):
            raise self._error("there is more text after the end of the JSON value", end)
        return LocatedJson(value, self._places, self._repeated)

    def _value(self, at: int, path: JsonPath) -> tuple[Any, int]:
        """The value that starts at `at`, and where the next token starts."""
        self._places.setdefault(path, self._place(at))
        first = self._text[at : at + 1]
        if first == "{":
            return self._object(at, path)
        if first == "[":
            return self._array(at, path)
        if first == '"':
            value, end = self._string(self._text, at)
            return value, self._skip(end)
        literal = _LITERAL.match(self._text, at)
        if not literal:
            raise self._error("expected a value" + self._hint(at), at)
        word, end = literal.group(), self._skip(literal.end())
        if word in _CONSTANTS:
            return _CONSTANTS[word], end
        return (int(word) if word.lstrip("-").isdigit() else float(word)), end

    def _object(self, at: int, path: JsonPath) -> tuple[dict[str, Any], int]:
        members: dict[str, Any] = {}
        at = self._skip(at + 1)
        if self._text[at : at + 1] == "}":
            return members, self._skip(at + 1)
        while True:
            if self._text[at : at + 1] != '"':
                raise self._error("expected a name in double quotes" + self._hint(at), at)
            name, end = self._string(self._text, at)
            if name in members:
                self._repeated.append((*path, name))
            self._places[(*path, name)] = self._place(at)
            colon = self._skip(end)
            if self._text[colon : colon + 1] != ":":
                raise self._error(f'expected ":" after "{name}"', colon)
            members[name], at = self._value(self._skip(colon + 1), (*path, name))
            closed, at = self._next(at, "}")
            if closed:
                return members, at

    def _array(self, at: int, path: JsonPath) -> tuple[list[Any], int]:
        items: list[Any] = []
        at = self._skip(at + 1)
        if self._text[at : at + 1] == "]":
            return items, self._skip(at + 1)
        while True:
            item, at = self._value(at, (*path, len(items)))
            items.append(item)
            closed, at = self._next(at, "]")
            if closed:
                return items, at

    def _next(self, at: int, close: str) -> tuple[bool, int]:
        """Passes a comma or the closing bracket."""
        mark = self._text[at : at + 1]
        if mark not in (",", close) or not mark:
            raise self._error(f'expected "," or "{close}"' + self._hint(at), at)
        return mark == close, self._skip(at + 1)

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at

    def _hint(self, at: int) -> str:
        rest = self._text[at : at + 2]
        if not rest:
            return ", but the file ends here"
        if rest.startswith(("//", "/*", "#")):
            return "; JSON has no comments"
        if rest[0] in "}]":
            return "; JSON allows no comma before a closing bracket"
        if rest[0] == "'":
            return "; JSON strings stand in double quotes"
        return f", found {rest[0]!r}"

    def _reason(self, error: JSONDecodeError) -> str:
        if self._text[error.pos : error.pos + 1] in ("\n", "\r"):
            return "this string has no closing quote"
        return error.msg.removesuffix(" at").lower()

    def _place(self, at: int) -> tuple[int, int]:
        line = bisect_right(self._lines, at)
        return line, at - self._lines[line - 1] + 1

    def _error(self, reason: str, at: int) -> JsonError:
        return JsonError(reason, *self._place(at))
