"""What every tool format can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from edge_llm.samples import Answer, Call, Message, Tool


@dataclass(frozen=True)
class Parsed:
    calls: tuple[Call, ...]
    #: What stands outside of calls.
    text: str
    #: Why a call could not be read, if one could not.
    malformed: str | None = None


class ToolFormat(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def chat_template(self) -> str:
        """Jinja source. Renders the same prompts as `prompt`."""
        ...

    @property
    def renamed_tokens(self) -> Mapping[str, str]:
        """Unused special tokens of SmolLM2's vocabulary, and the markers they become.

        Markers that are one token make the choice between a call and words one step.
        """
        ...

    @property
    def call_opening(self) -> str:
        """The text an answer begins with when it is a call."""
        ...

    @property
    def end_token(self) -> str: ...

    def prompt(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool],
        written: dict[int, str] | None = None,
    ) -> str:
        """The conversation up to where the assistant's answer begins.

        `written` holds the text of tools by their identity, from one prompt to the next:
        for many prompts of the same tool objects, which have to live as long as it does.
        """
        ...

    def answer(self, answer: Answer) -> str:
        """The right answer, with the token that ends it."""
        ...

    def parse(self, text: str) -> Parsed:
        """Reads an answer, with or without its end token."""
        ...


def tool_texts(
    tools: Sequence[Tool], write: Callable[[Tool], str], written: dict[int, str] | None
) -> list[str]:
    """Texts of tools, each made once as long as `written` is kept."""
    if written is None:
        return [write(tool) for tool in tools]
    for tool in tools:
        if id(tool) not in written:
            written[id(tool)] = write(tool)
    return [written[id(tool)] for tool in tools]
