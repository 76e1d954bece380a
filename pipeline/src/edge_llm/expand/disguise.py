"""The same tools under other names, so that a model reads them rather than remembers them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from edge_llm.samples import Answer, Call, Json, Message, Sample, Tool

Style = Callable[[list[str]], str]

_VERBS = {
    "get": ("fetch", "read", "retrieve", "check", "query", "show"),
    "set": ("update", "change", "adjust", "configure"),
    "add": ("create", "insert", "append"),
    "create": ("add", "make", "new"),
    "delete": ("remove", "erase", "discard"),
    "remove": ("delete", "drop"),
    "find": ("search", "lookup", "locate"),
    "search": ("find", "query", "lookup"),
    "show": ("display", "get", "view"),
    "list": ("get", "show", "enumerate"),
    "send": ("deliver", "post", "submit"),
    "start": ("begin", "launch", "run"),
    "stop": ("end", "halt"),
    "book": ("reserve", "order"),
    "calculate": ("compute", "calc", "get"),
    "convert": ("transform", "change"),
    "turn": ("switch",),
}
_STYLES: tuple[Style, ...] = (
    lambda words: "_".join(words),
    lambda words: words[0] + "".join(word.capitalize() for word in words[1:]),
    lambda words: "".join(word.capitalize() for word in words),
    lambda words: "-".join(words),
    lambda words: ".".join((words[0], "_".join(words[1:]))) if len(words) > 1 else words[0],
)


def parts_of(name: str) -> list[str]:
    """`getRoomTemperature` and `get_room.temperature` are the same three words."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return [part.lower() for part in re.split(r"[^A-Za-z0-9]+", spaced) if part]


def disguise(sample: Sample, random: Random) -> Sample:
    """Other names for tools and parameters, in tools, history and answer alike."""
    names = _tool_names(sample, random)
    keys = _key_names(sample, random)
    keep_words, keep_notes = random.random() > 0.07, random.random() > 0.1
    shuffled = random.random() < 0.3
    tools = tuple(
        _tool(tool, names, keys, keep_words, keep_notes, random if shuffled else None)
        for tool in sample.tools
    )
    messages = tuple(
        Message(
            message.role,
            message.content,
            _calls(message.calls, names, keys),
            names.get(message.name, message.name) if message.name else None,
        )
        for message in sample.messages
    )
    answer = Answer(_calls(sample.answer.calls, names, keys), sample.answer.text)
    return replace(sample, tools=tools, messages=messages, answer=answer)


_PREFIXES = ("app", "api", "do", "my", "svc", "core", "home", "v2", "user", "main", "tool", "x")
_SUFFIXES = ("now", "v2", "tool", "action", "info", "item", "data", "task", "request", "fn")
_KEY_SUFFIXES = ("value", "param", "arg", "input", "field")


def _tool_names(sample: Sample, random: Random) -> dict[str, str]:
    if random.random() < 0.3:
        return {}
    affix = random.random()
    style = random.choice(_STYLES)
    synonyms = random.random() < 0.3
    # Names that tell nothing force a look at the descriptions.
    opaque = random.random() < 0.08 and all(len(tool.description) > 12 for tool in sample.tools)
    names: dict[str, str] = {}
    for index, tool in enumerate(sample.tools):
        words = parts_of(tool.name)
        if synonyms and words and words[0] in _VERBS:
            words[0] = random.choice(_VERBS[words[0]])
        if affix < 0.12:
            words = [_PREFIXES[int(affix * 100)], *words]
        elif affix < 0.22:
            words = [*words, _SUFFIXES[int(affix * 100) - 12]]
        name = (
            f"{random.choice(('fn', 'tool', 'f', 'action'))}_{index + 1}"
            if opaque
            else style(words)
        )
        names[tool.name] = name
    return names if len(set(names.values())) == len(names) else {}


def _key_names(sample: Sample, random: Random) -> dict[str, str]:
    if random.random() < 0.5:
        return {}
    style = _STYLES[random.randrange(2)]
    keys = {key for tool in sample.tools for key in tool.parameters.get("properties", {})}
    more = [random.choice(_KEY_SUFFIXES)] if random.random() < 0.2 else []
    renamed = {key: style(parts_of(key) + more) for key in sorted(keys)}
    return renamed if len(set(renamed.values())) == len(renamed) else {}


def _tool(
    tool: Tool,
    names: Mapping[str, str],
    keys: Mapping[str, str],
    keep_words: bool,
    keep_notes: bool,
    random: Random | None,
) -> Tool:
    properties = [
        (keys.get(key, key), schema if keep_notes else _without_note(schema))
        for key, schema in tool.parameters.get("properties", {}).items()
    ]
    if random:
        random.shuffle(properties)
    parameters: Json = {**tool.parameters, "properties": dict(properties)}
    if "required" in parameters:
        parameters["required"] = [keys.get(key, key) for key in parameters["required"]]
    return Tool(names.get(tool.name, tool.name), tool.description if keep_words else "", parameters)


def _without_note(schema: Json) -> Json:
    # What a description says of units and forms is needed; plain notes are not.
    note = schema.get("description", "")
    if re.search(r"\d|e\.g|YYYY|HH|:|left out|default|ISO|percent|fraction|in [a-z]+s\b", note):
        return schema
    return {key: value for key, value in schema.items() if key != "description"}


def _calls(
    calls: tuple[Call, ...], names: Mapping[str, str], keys: Mapping[str, str]
) -> tuple[Call, ...]:
    return tuple(
        Call(
            names.get(call.name, call.name),
            {keys.get(key, key): value for key, value in call.arguments.items()},
        )
        for call in calls
    )
