"""Reads apps: files of hand-written requests, each with its tools."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge_llm.samples import (
    Answer,
    Call,
    Json,
    Message,
    Sample,
    Tool,
    message_from_json,
    tool_from_json,
)

#: Kinds whose right answer is words.
NO_CALL_KINDS = frozenset(
    ("missing-value", "negation", "out-of-range", "irrelevant", "near-miss", "chat")
)


@dataclass(frozen=True)
class App:
    name: str
    #: One sentence on what the app is.
    about: str
    tools: tuple[Tool, ...]
    requests: tuple[Sample, ...]

    def tool(self, name: str) -> Tool:
        return next(tool for tool in self.tools if tool.name == name)


def read_apps(folders: Iterable[Path]) -> list[App]:
    """All apps of some folders of `pipeline/data`, in a fixed order."""
    return [read_app(path) for folder in folders for path in sorted(folder.glob("*.json"))]


def read_app(path: Path) -> App:
    value: Json = json.loads(path.read_text(encoding="utf-8"))
    tools = tuple(tool_from_json(tool) for tool in value["tools"])
    source = f"{path.parent.name}/{path.stem}"
    requests = tuple(
        _request(request, f"{source}/{index}", source, tools)
        for index, request in enumerate(value["requests"])
    )
    return App(value["app"], value["about"], tools, requests)


def time_message(now: str) -> Message:
    """`now` such as 2026-03-12T09:30, local time."""
    day = datetime.fromisoformat(now).strftime("%A")
    return Message("system", f"Current time: {now} ({day})")


def _request(value: Json, name: str, source: str, tools: tuple[Tool, ...]) -> Sample:
    messages = [message_from_json(turn) for turn in value.get("history", [])]
    if value.get("say"):
        messages.append(Message("user", value["say"]))
    if "now" in value:
        messages.insert(0, time_message(value["now"]))
    calls = tuple(Call(call["name"], call["arguments"]) for call in value["calls"])
    answer = Answer(calls, "" if calls else value.get("reply", ""))
    return Sample(name, value["kind"], source, tools, tuple(messages), answer)
