"""One training or test case: tools, a conversation and the right answer. Stored as JSON Lines."""

from __future__ import annotations

import gc
import json
import marshal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

Json = dict[str, Any]
Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True)
class Tool:
    name: str
    description: str
    #: JSON Schema of an object.
    parameters: Json

    def to_json(self) -> Json:
        return {
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
        }


@dataclass(frozen=True)
class Call:
    name: str
    arguments: Json

    def to_json(self) -> Json:
        return {"name": self.name, "arguments": self.arguments}


@dataclass(frozen=True)
class Message:
    role: Role
    #: Text; of role `tool`, the result as JSON text.
    content: str
    #: What an assistant's turn called.
    calls: tuple[Call, ...] = ()
    #: The tool a result comes from.
    name: str | None = None

    def to_json(self) -> Json:
        value: Json = {"role": self.role, "content": self.content}
        if self.calls:
            value["calls"] = [call.to_json() for call in self.calls]
        if self.name is not None:
            value["name"] = self.name
        return value


@dataclass(frozen=True)
class Answer:
    """Calls in order, or text where no call is right."""

    calls: tuple[Call, ...] = ()
    text: str = ""

    def to_json(self) -> Json:
        return {"calls": [call.to_json() for call in self.calls], "text": self.text}


@dataclass(frozen=True)
class Sample:
    id: str
    #: One of the kinds of `pipeline/data/README.md`.
    kind: str
    #: Where it comes from, such as `requests/banking`.
    source: str
    tools: tuple[Tool, ...]
    messages: tuple[Message, ...]
    answer: Answer
    #: How much its loss counts. Default 1.
    weight: float = field(default=1.0)

    def to_json(self) -> Json:
        value: Json = {
            "id": self.id,
            "kind": self.kind,
            "source": self.source,
            "tools": [tool.to_json() for tool in self.tools],
            "messages": [message.to_json() for message in self.messages],
            "answer": self.answer.to_json(),
        }
        if self.weight != 1.0:
            value["weight"] = self.weight
        return value


def sample_from_json(value: Json) -> Sample:
    """Reads what `Sample.to_json` writes. Raises KeyError for a missing field."""
    return Sample(
        id=value["id"],
        kind=value["kind"],
        source=value["source"],
        tools=tuple(tool_from_json(tool) for tool in value["tools"]),
        messages=tuple(message_from_json(message) for message in value["messages"]),
        answer=Answer(_calls(value["answer"]["calls"]), value["answer"]["text"]),
        weight=value.get("weight", 1.0),
    )


def tool_from_json(value: Json) -> Tool:
    return Tool(value["name"], value.get("description", ""), value["parameters"])


def message_from_json(value: Json) -> Message:
    """A result's content may be any JSON value; it becomes text here."""
    content = value.get("content", "")
    text = content if isinstance(content, str) else dump(content)
    return Message(value["role"], text, _calls(value.get("calls", [])), value.get("name"))


def read_samples(path: Path) -> list[Sample]:
    """Equal tools are one object. Raises ValueError with the number of a line that is no sample."""
    samples = []
    seen: dict[bytes, Tool] = {}
    with path.open(encoding="utf-8") as lines, _without_collector():
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                sample = sample_from_json(json.loads(line))
                samples.append(replace(sample, tools=tuple(_once(t, seen) for t in sample.tools)))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path}:{number}: not a sample: {error!r}") from error
    return samples


def _once(tool: Tool, seen: dict[bytes, Tool]) -> Tool:
    # Version 2 of the form has no references, so equal values have equal bytes.
    key = marshal.dumps((tool.name, tool.description, tool.parameters), 2)
    return seen.setdefault(key, tool)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Looking for cycles in millions of new objects that have none is most of reading them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def write_samples(path: Path, samples: Iterable[Sample]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        for sample in samples:
            lines.write(dump(sample.to_json()) + "\n")


def dump(value: Any) -> str:
    """JSON as JavaScript and the chat templates write it: `24`, never `24.0`."""
    text = json.dumps(value, ensure_ascii=False)
    # Only a text with one of these can hold a whole float.
    if ".0" in text or "e+" in text:
        return json.dumps(canonical(value), ensure_ascii=False)
    return text


def canonical(value: Any) -> Any:
    """Whole floats become integers, since JSON in JavaScript knows no difference."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return value


def _calls(values: Iterable[Json]) -> tuple[Call, ...]:
    return tuple(Call(value["name"], value["arguments"]) for value in values)
