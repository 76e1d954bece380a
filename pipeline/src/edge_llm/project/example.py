"""One request that the user of an app may say, with what is to happen."""

from __future__ import annotations

import json
from dataclasses import dataclass

from edge_llm.samples import Answer, Call, Message


@dataclass(frozen=True)
class Example:
    query: str
    """What the user says; empty where the history ends with a tool's result."""
    answer: Answer
    history: tuple[Message, ...] = ()
    line: int = 0
    """Line of examples.json, from 1."""

    @property
    def calls(self) -> tuple[Call, ...]:
        return self.answer.calls

    @property
    def sentence(self) -> str:
        """The request with its history, without case, spacing and final punctuation: two
        examples with the same one are the same request."""
        before = [f"{message.role}:{message.content}" for message in self.history]
        return "\n".join(
            " ".join(text.split()).casefold() for text in [*before, self.query.rstrip(" .!?")]
        )

    @property
    def wanted(self) -> str:
        """The expected calls in a form that can be compared."""
        calls = [{"name": call.name, "arguments": call.arguments} for call in self.calls]
        return json.dumps(calls, sort_keys=True, ensure_ascii=False)
