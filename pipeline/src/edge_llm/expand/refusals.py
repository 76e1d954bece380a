"""Requests that must not be called, made from ones that are: the closest lesson there is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from edge_llm.expand.slots import Slot, ValuePool, find_slots, limits, resaid, say_instead
from edge_llm.expand.words import ACKNOWLEDGEMENTS, find_once, negate
from edge_llm.samples import Answer, Json, Sample

_LEAD = r"(?:\s+(?:to|in|for|at|on|by|from|of|with|into|about|called|named|as)(?:\s+(?:the|a|an))?)"


def say_no_calls(sample: Sample, kind: str, say: str, reply: str) -> Sample:
    return replace(resaid(sample, say), kind=kind, answer=Answer((), reply))


def negated(sample: Sample, random: Random) -> Sample | None:
    say = negate(sample.messages[-1].content, random)
    if say is None:
        return None
    return say_no_calls(sample, "negation", say, random.choice(ACKNOWLEDGEMENTS))


def out_of_range(sample: Sample, pool: ValuePool, random: Random) -> Sample | None:
    """A number beyond the limits, or a word that the enumeration lacks."""
    slots = [slot for slot in _slots(sample) if slot.is_enum or _bounded(slot.schema)]
    if not slots:
        return None
    slot = random.choice(slots)
    if slot.is_enum:
        word = pool.stranger(slot.schema, random)
        if word is None:
            return None
        shown = _listed([str(item) for item in slot.schema["enum"]])
        name = slot.key.replace("_", " ")
        reply = random.choice(
            (
                f"I can't do {word}. The {name} can be {shown}.",
                f"{word[:1].upper()}{word[1:]} is not available; choose {shown}.",
                f"There is no {word} here, only {shown}.",
            )
        )
    else:
        low, high = limits(slot.schema)
        word = _beyond(low, high, random)
        reply = random.choice(_limit_replies(slot.key.replace("_", " "), low, high))
    say = say_instead(sample, slot, word).messages[-1].content
    return say_no_calls(sample, "out-of-range", say, reply)


def lacking(sample: Sample, random: Random) -> Sample | None:
    """The same wish with a required value left out."""
    say = sample.messages[-1].content
    slots = [slot for slot in _slots(sample) if slot.required and "default" not in slot.schema]
    random.shuffle(slots)
    for slot in slots:
        value = re.escape(slot.said)
        shorter = re.sub(
            rf"{_LEAD}\s+{value}(?:\s+(?:%|percent|degrees?|minutes?|euros?|dollars?))?\b",
            "",
            say,
            count=1,
            flags=re.IGNORECASE,
        )
        if shorter == say or len(shorter.split()) < 2:
            continue
        reply = _question(slot, random)
        return say_no_calls(sample, "missing-value", shorter.strip(" ,"), reply)
    return None


def _slots(sample: Sample) -> Sequence[Slot]:
    if len(sample.answer.calls) != 1:
        return []
    return find_slots(sample.messages[-1].content, sample.answer.calls, sample.tools)


def _bounded(schema: Json) -> bool:
    low, high = limits(schema)
    return schema.get("type") in ("integer", "number") and (high < 1_000_000 or float("-inf") < low)


def _beyond(low: float, high: float, random: Random) -> str:
    if high < 1_000_000 and (random.random() < 0.75 or low == float("-inf")):
        span = max(high - max(low, 0), 1)
        over = high + random.choice((1, 0.1 * span, 0.5 * span, span, 4 * span, 9 * span))
        return str(max(int(over), int(high) + 1))
    under = min(int(low) - 1, -1) if random.random() < 0.5 else int(low) - random.randint(1, 40)
    return str(under if under < low else int(low) - 1)


def _limit_replies(name: str, low: float, high: float) -> list[str]:
    low_text, high_text = _number(low), _number(high)
    if low == float("-inf") or high >= 1_000_000:
        edge = f"at most {high_text}" if low == float("-inf") else f"at least {low_text}"
        return [f"The {name} must be {edge}.", f"That does not work: {name} has to be {edge}."]
    return [
        f"The {name} must be between {low_text} and {high_text}.",
        f"I can only set {name} from {low_text} to {high_text}.",
        f"That is out of range; {name} goes from {low_text} to {high_text}.",
    ]


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _question(slot: Slot, random: Random) -> str:
    name = slot.key.replace("_", " ")
    if slot.is_enum:
        return f"Which {name}: {_listed([str(item) for item in slot.schema['enum']])}?"
    if slot.is_number:
        return random.choice((f"What {name} should I use?", f"Which {name}?", f"How much {name}?"))
    return random.choice((f"Which {name}?", f"What is the {name}?", f"Please tell me the {name}."))


def _listed(values: list[str]) -> str:
    shown = [value.replace("_", " ") for value in values[:8]]
    return ", ".join(shown[:-1]) + (" or " if len(shown) > 1 else "") + shown[-1]


def without_values(say: str, slots: Sequence[Slot]) -> list[str]:
    """The words of values, which must stay as they are."""
    return [slot.said for slot in slots if find_once(say, slot.said) is not None]
