"""Several wishes in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from edge_llm.expand.slots import (
    ValuePool,
    find_slots,
    other_value,
    resaid,
    say_instead,
    spoken,
)
from edge_llm.expand.words import but_not, enumerate_values, join
from edge_llm.samples import Answer, Call, Sample


def joined(samples: Sequence[Sample], random: Random) -> Sample | None:
    """Two or three requests of one app said together."""
    calls = [call for sample in samples for call in sample.answer.calls]
    if any(calls.count(call) > 1 for call in calls):
        return None
    say = join([sample.messages[-1].content for sample in samples], random)
    return replace(resaid(samples[0], say), kind="parallel", answer=Answer(tuple(calls)))


def with_one_that_fails(good: Sample, bad: Sample, random: Random) -> Sample:
    """A wish that can be granted beside one that cannot: only the first is called."""
    pair = [good.messages[-1].content, bad.messages[-1].content]
    random.shuffle(pair)
    return replace(resaid(good, join(pair, random)), kind="single")


def with_one_unwanted(wish: Sample, unwanted: Sample, random: Random) -> Sample | None:
    if any(call in wish.answer.calls for call in unwanted.answer.calls):
        return None
    say = but_not(wish.messages[-1].content, unwanted.messages[-1].content, random)
    return None if say is None else replace(resaid(wish, say), kind="single")


def repeated(sample: Sample, pool: ValuePool, random: Random) -> Sample | None:
    """One wish for several values: `the hall and the kitchen`."""
    if len(sample.answer.calls) != 1:
        return None
    say = sample.messages[-1].content
    slots = [
        slot
        for slot in find_slots(say, sample.answer.calls, sample.tools)
        if not slot.is_number and slot.required
    ]
    if not slots:
        return None
    slot, call = random.choice(slots), sample.answer.calls[0]
    values = [call.arguments[slot.key]]
    for _ in range(random.choice((1, 1, 1, 2, 2, 3))):
        value = other_value(slot, pool, random)
        if value is not None and value not in values and spoken(value).lower() not in say.lower():
            values.append(value)
    if len(values) < 2 or len({spoken(value).lower() for value in values}) < len(values):
        return None
    words = [spoken(value) if slot.is_enum else str(value) for value in values]
    calls = tuple(Call(call.name, {**call.arguments, slot.key: value}) for value in values)
    changed = say_instead(sample, slot, enumerate_values(words, random))
    return replace(changed, kind="parallel", answer=Answer(calls))
