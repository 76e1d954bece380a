"""What engines are asked, in each engine's own terms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_llm.chat import ChatTemplate
from edge_llm.corpus import PROMPTS
from edge_llm.formats import get_format
from edge_llm.samples import Message, Sample, Tool


@dataclass(frozen=True)
class Case:
    id: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()

    def for_kit(self) -> dict[str, Any]:
        """A request of this project's engine."""
        tools = [
            {"name": tool.name, "description": tool.description, "inputSchema": tool.parameters}
            for tool in self.tools
        ]
        messages = [self._kit_message(index) for index in range(len(self.messages))]
        return {"messages": messages, **({"tools": tools} if tools else {})}

    def for_chat_template(self) -> dict[str, Any]:
        """Messages and tools as chat templates of Hugging Face expect them."""
        tools = [{"type": "function", "function": tool.to_json()} for tool in self.tools]
        messages = [_template_message(message) for message in self.messages]
        return {"messages": messages, **({"tools": tools} if tools else {})}

    def _kit_message(self, index: int) -> dict[str, Any]:
        message = self.messages[index]
        value: dict[str, Any] = {"role": message.role, "content": message.content}
        if message.calls:
            value["toolCalls"] = [
                {"id": f"{index}.{place}", "name": call.name, "input": call.arguments}
                for place, call in enumerate(message.calls)
            ]
        if message.role == "tool":
            # Results follow the turn that called, in the order of its calls.
            start = max(i for i in range(index) if self.messages[i].role == "assistant")
            value |= {"toolCallId": f"{start}.{index - start - 1}", "name": message.name or ""}
        return value


def chat_cases(count: int) -> list[Case]:
    """Plain requests without tools."""
    return [
        Case(f"prompt-{index + 1}", (Message("user", request),))
        for index, request in enumerate(PROMPTS[:count])
    ]


def sample_cases(samples: Sequence[Sample]) -> list[Case]:
    return [Case(sample.id, tuple(sample.messages), tuple(sample.tools)) for sample in samples]


def format_name(directory: Path) -> str | None:
    """The tool format that a model's chat template writes, None for one without tools."""
    template = (directory / "chat_template.jinja").read_text(encoding="utf-8")
    if "<tool_call>" in template:
        return "hermes"
    return "functiongemma" if "<start_function_declaration>" in template else None


def prompt_text(case: Case, directory: Path) -> str:
    """What the model reads, by the definition that it was trained with where there is one."""
    name = format_name(directory)
    if name is not None and case.tools:
        return get_format(name).prompt(list(case.messages), list(case.tools))
    chat = case.for_chat_template()
    return ChatTemplate(directory).render(chat["messages"], reply=True)


def calls_of(text: str, name: str | None) -> str:
    """The calls in an answer as one comparable text; without a format, the text itself."""
    if name is None:
        return text
    parsed = get_format(name).parse(text)
    if parsed.malformed:
        return f"malformed: {text}"
    return json.dumps([call.to_json() for call in parsed.calls], sort_keys=True)


def _template_message(message: Message) -> dict[str, Any]:
    value: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.calls:
        value["tool_calls"] = [
            {"type": "function", "function": call.to_json()} for call in message.calls
        ]
    if message.name is not None:
        value["name"] = message.name
    return value
