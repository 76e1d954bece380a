"""Which kind of request an example is, and what to answer where the app gave no reply."""

from __future__ import annotations

import re

from edge_llm.project.example import Example
from edge_llm.samples import Answer, Message, Sample, Tool

_NEGATED = re.compile(
    r"\b(don'?t|do not|never|not|no|leave|keep|nicht|keine?[rnms]?|pas|non?)\b", re.I
)
_REPLIES = {
    "negation": "Okay, I leave it as it is.",
    "result-to-answer": "Done.",
    "follow-up": "Okay.",
}
_REFUSAL = "Sorry, I can't do that here."


def kind_of(example: Example) -> str:
    """The kind, told by what the example expects; see `pipeline/data/README.md`.

    Kinds without calls are a guess from words, numbers and the reply: they decide how often
    a request is drawn and how it is multiplied, never its answer.
    """
    if example.history:
        if example.query:
            return "follow-up"
        return "multi-step" if example.calls else "result-to-answer"
    if example.calls:
        return "single" if len(example.calls) == 1 else "parallel"
    if example.answer.text.rstrip().endswith("?"):
        return "missing-value"
    if _NEGATED.search(example.query):
        return "negation"
    return "out-of-range" if re.search(r"\d", example.query) else "irrelevant"


def sample_of(example: Example, index: int, tools: tuple[Tool, ...]) -> Sample:
    """The example as a sample named after its position in the file."""
    kind = kind_of(example)
    said = (Message("user", example.query),) if example.query else ()
    text = "" if example.calls else example.answer.text or _REPLIES.get(kind, _REFUSAL)
    return Sample(
        id=f"app/{index}",
        kind=kind,
        source="app",
        tools=tools,
        messages=(*example.history, *said),
        answer=Answer(example.calls, text),
    )
