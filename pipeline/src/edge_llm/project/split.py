"""Which examples are trained on and which are held out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from edge_llm.samples import Sample

FEWEST = 5
"""Examples that say something different, below which none can be held out."""


@dataclass(frozen=True)
class Split:
    train: list[Sample]
    valid: list[Sample]
    test: list[Sample]


def split_examples(samples: Sequence[Sample], held_out: float, seed: int) -> Split:
    """Holds out the share `held_out` of the examples, two thirds of them for the test.

    Examples that differ in values only ("lamp to 40", "lamp to 60") stay together, since
    expansion makes each out of the other. Held out are as many kinds as possible. Raises
    ValueError where there are too few examples.
    """
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[shape_of(sample)].append(sample)
    if len(groups) < FEWEST:
        raise ValueError(
            f"there are {len(groups)} different examples; at least {FEWEST} are needed to train "
            "on some and test on others. Add more, with other words and not only other values"
        )
    count = min(max(2, round(held_out * len(groups))), len(groups) - 3)
    chosen = _over_kinds(list(groups.values()), seed)[:count]
    for_valid = max(1, count // 3)
    valid, test = chosen[:for_valid], chosen[for_valid:]
    held = {sample.id for group in chosen for sample in group}
    return Split([sample for sample in samples if sample.id not in held], _flat(valid), _flat(test))


def shape_of(sample: Sample) -> str:
    """The conversation without numbers and without the values that its calls take from it."""
    text = conversation_of(sample)
    values = {
        str(value).replace("_", " ").casefold()
        for call in sample.answer.calls
        for value in _leaves(call.arguments)
    }
    for value in sorted(values, key=len, reverse=True):
        if len(value) > 2:
            text = text.replace(value, "*")
    return re.sub(r"\d+([.,:]\d+)?", "*", text)


def conversation_of(sample: Sample) -> str:
    """What was said, without case, punctuation and repeated spaces."""
    said = "\n".join(f"{turn.role} {turn.content}" for turn in sample.messages)
    return "\n".join(
        " ".join(re.sub(r"[^\w\s.:]", " ", line).split()).rstrip(" .").casefold()
        for line in said.split("\n")
    )


def without(samples: Iterable[Sample], others: Iterable[Sample]) -> list[Sample]:
    """Those samples whose words are in none of the others."""
    taken = {conversation_of(sample) for sample in others}
    return [sample for sample in samples if conversation_of(sample) not in taken]


def _over_kinds(groups: list[list[Sample]], seed: int) -> list[list[Sample]]:
    """The groups in an order that goes round the kinds, the commonest first."""
    by_kind: dict[str, list[list[Sample]]] = defaultdict(list)
    for group in groups:
        by_kind[group[0].kind].append(group)
    random = Random(seed)
    for bag in by_kind.values():
        random.shuffle(bag)
    # A kind's last example is trained on rather than held out.
    bags = sorted((bag[1:] for bag in by_kind.values()), key=len, reverse=True)
    firsts = [bag[0] for bag in by_kind.values()]
    order: list[list[Sample]] = []
    while any(bags):
        for bag in bags:
            if bag:
                order.append(bag.pop())
    return order + firsts


def _leaves(value: Any) -> Iterable[Any]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield value


def _flat(groups: Iterable[list[Sample]]) -> list[Sample]:
    return [sample for group in groups for sample in group]
