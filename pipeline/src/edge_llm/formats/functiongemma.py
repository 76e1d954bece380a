"""Google's FunctionGemma: declarations in a developer turn, calls between markers of its own.

Written after the model card of google/functiongemma-270m-it. Strings stand between <escape>
tokens and are not escaped otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from edge_llm.formats.base import Parsed, tool_texts
from edge_llm.samples import Answer, Call, Message, Tool, canonical

_ESCAPE = "<escape>"
_INTRODUCTION = "You are a model that can do function calling with the following functions"
_CALL = re.compile(
    r"<start_function_call>\s*call:(?P<name>[^{]+)(?P<body>\{.*?)<end_function_call>", re.DOTALL
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


class FunctionGemma:
    name = "functiongemma"
    call_opening = "<start_function_call>"
    end_token = "<end_of_turn>"

    @property
    def renamed_tokens(self) -> Mapping[str, str]:
        """None: the markers are in Gemma's own vocabulary."""
        return {}

    @property
    def chat_template(self) -> str:
        """Empty: a FunctionGemma base brings its own template."""
        return ""

    def prompt(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool],
        written: dict[int, str] | None = None,
    ) -> str:
        system = messages[0].content if messages and messages[0].role == "system" else ""
        rest = messages[1:] if system else messages
        parts = ["<bos>"]
        if system or tools:
            declared = "".join(tool_texts(tools, _declaration, written))
            head = _INTRODUCTION if tools else ""
            between = "\n" if system and head else ""
            parts.append(
                f"<start_of_turn>developer\n{system}{between}{head}{declared}<end_of_turn>\n"
            )
        # A call, its results and what follows them are one turn of the model.
        open_turn = False
        for message in rest:
            if message.role == "tool":
                parts.append(
                    f"<start_function_response>response:{message.name}"
                    f"{_result(message.content)}<end_function_response>"
                )
                continue
            if message.role == "user":
                parts.append(f"<start_of_turn>user\n{message.content}<end_of_turn>\n")
                continue
            parts.append("" if open_turn else "<start_of_turn>model\n")
            parts.append(message.content + _calls_text(message.calls))
            open_turn = bool(message.calls)
            if not open_turn:
                parts.append("<end_of_turn>\n")
        return "".join(parts) + ("" if open_turn else "<start_of_turn>model\n")

    def answer(self, answer: Answer) -> str:
        if answer.calls:
            return _calls_text(answer.calls) + "<start_function_response>"
        return answer.text + self.end_token

    def parse(self, text: str) -> Parsed:
        text = text.split(self.end_token)[0].split("<start_function_response>")[0]
        calls: list[Call] = []
        malformed = None
        for match in _CALL.finditer(text):
            try:
                value, end = _read(match["body"], 0)
                if not isinstance(value, dict) or match["body"][end:].strip():
                    raise ValueError("arguments are no object")
                calls.append(Call(match["name"].strip(), value))
            except (ValueError, IndexError) as error:
                malformed = f"{error}: {match[0]!r}"
        rest = _CALL.sub("", text)
        if self.call_opening in rest:
            malformed = "the call is cut off"
            rest = rest.split(self.call_opening)[0]
        return Parsed(tuple(calls), rest.strip(), malformed)


def _calls_text(calls: Sequence[Call]) -> str:
    return "".join(
        f"<start_function_call>call:{call.name}{_write(canonical(call.arguments))}<end_function_call>"
        for call in calls
    )


def _result(content: str) -> str:
    try:
        value = json.loads(content)
    except ValueError:
        value = content
    return _write(value if isinstance(value, dict) else {"value": value})


def _declaration(tool: Tool) -> str:
    schema = _schema(tool.parameters) if tool.parameters.get("properties") else None
    fields: dict[str, Any] = {"description": tool.description}
    if schema:
        fields["parameters"] = schema
    return (
        f"<start_function_declaration>declaration:{tool.name}"
        f"{_write(fields)}<end_function_declaration>"
    )


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Type names in capitals and the order of fields that the model was trained on."""
    ordered: dict[str, Any] = {}
    if "properties" in schema:
        ordered["properties"] = {key: _schema(item) for key, item in schema["properties"].items()}
        if schema.get("required"):
            ordered["required"] = schema["required"]
    if schema.get("description"):
        ordered["description"] = schema["description"]
    if "enum" in schema:
        ordered["enum"] = schema["enum"]
    if isinstance(schema.get("items"), dict):
        ordered["items"] = _schema(schema["items"])
    for limit in ("minimum", "maximum"):
        if limit in schema:
            ordered[limit] = schema[limit]
    kind = schema.get("type", "string")
    ordered["type"] = (kind[0] if isinstance(kind, list) else kind).upper()
    return ordered


def _write(value: Any) -> str:
    if isinstance(value, str):
        return f"{_ESCAPE}{value}{_ESCAPE}"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_write(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_write(item) for item in value) + "]"
    return json.dumps(value)


def _read(text: str, at: int) -> tuple[Any, int]:
    """The value that begins at `at`, and where it ends."""
    at = _skip_blanks(text, at)
    if text.startswith(_ESCAPE, at):
        start = at + len(_ESCAPE)
        end = text.index(_ESCAPE, start)
        return text[start:end], end + len(_ESCAPE)
    if text[at] == "{":
        return _read_object(text, at + 1)
    if text[at] == "[":
        return _read_list(text, at + 1)
    for word, value in (("true", True), ("false", False), ("null", None)):
        if text.startswith(word, at):
            return value, at + len(word)
    number = _NUMBER.match(text, at)
    if not number:
        raise ValueError(f"no value at {at}")
    return json.loads(number[0]), number.end()


def _read_object(text: str, at: int) -> tuple[dict[str, Any], int]:
    value: dict[str, Any] = {}
    at = _skip_blanks(text, at)
    if text[at] == "}":
        return value, at + 1
    while True:
        colon = text.index(":", at)
        key = text[at:colon].strip()
        if any(mark in key for mark in "{}[],<"):
            raise ValueError(f"no key: {key!r}")
        value[key], at = _read(text, colon + 1)
        at = _skip_blanks(text, at)
        if text[at] == "}":
            return value, at + 1
        if text[at] != ",":
            raise ValueError(f"unexpected {text[at]!r}")
        at += 1


def _read_list(text: str, at: int) -> tuple[list[Any], int]:
    value: list[Any] = []
    at = _skip_blanks(text, at)
    if text[at] == "]":
        return value, at + 1
    while True:
        item, at = _read(text, at)
        value.append(item)
        at = _skip_blanks(text, at)
        if text[at] == "]":
            return value, at + 1
        if text[at] != ",":
            raise ValueError(f"unexpected {text[at]!r}")
        at += 1


def _skip_blanks(text: str, at: int) -> int:
    while text[at].isspace():
        at += 1
    return at
