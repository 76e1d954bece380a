"""Values of a request that stand in its words, and other values for them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from edge_llm.expand.apps import App
from edge_llm.expand.number_context import is_in_hour
from edge_llm.expand.numbers import find_spoken, say_another, sometimes_in_words
from edge_llm.expand.words import find_once
from edge_llm.samples import Answer, Call, Json, Message, Sample, Tool


@dataclass(frozen=True)
class Slot:
    """An argument whose value is said word for word, once."""

    call: int
    key: str
    #: The words in the sentence.
    said: str
    schema: Json
    required: bool

    @property
    def is_enum(self) -> bool:
        return "enum" in self.schema

    @property
    def is_number(self) -> bool:
        return self.schema.get("type") in ("integer", "number")


class ValuePool:
    """Values that people really gave for a parameter of that name, in all apps."""

    def __init__(self, apps: Iterable[App]) -> None:
        strings: dict[str, set[str]] = defaultdict(set)
        words: set[str] = set()
        for app in apps:
            for request in app.requests:
                for call in request.answer.calls:
                    for key, value in call.arguments.items():
                        if isinstance(value, str) and not re.search(r"\d[-:]\d", value):
                            strings[_kind_of(key)].add(value)
            for tool in app.tools:
                for schema in tool.parameters.get("properties", {}).values():
                    words.update(str(item) for item in schema.get("enum", []))
        self._strings = {key: sorted(values) for key, values in strings.items()}
        self._words = sorted(words)

    def string(self, key: str, schema: Json, random: Random) -> str | None:
        """Another value for a free string; None where too few are known."""
        known = self._strings.get(_kind_of(key), [])
        if len(known) < 4 or "pattern" in schema or "format" in schema:
            return None
        value = random.choice(known)
        longest, least = schema.get("maxLength", 10_000), schema.get("minLength", 0)
        return value if least <= len(value) <= longest else None

    def stranger(self, schema: Json, random: Random) -> str | None:
        """A value of another enumeration, unlike all of this one's."""
        own = {str(item).lower() for item in schema["enum"]}
        for _ in range(8):
            word = random.choice(self._words)
            plain = word.lower()
            if plain not in own and not any(plain in item or item in plain for item in own):
                return spoken(word)
        return None


def _kind_of(key: str) -> str:
    """`from_city` and `toCity` take what `city` takes."""
    return re.split(r"_|(?<=[a-z])(?=[A-Z])", key)[-1].lower()


def spoken(value: Any) -> str:
    """An argument as a person says it."""
    return str(value).replace("_", " ").strip()


def find_slots(say: str, calls: Sequence[Call], tools: Sequence[Tool]) -> list[Slot]:
    by_name = {tool.name: tool for tool in tools}
    slots = []
    values = [str(value).lower() for call in calls for value in call.arguments.values()]
    for index, call in enumerate(calls):
        parameters = by_name[call.name].parameters
        for key, value in call.arguments.items():
            schema = parameters.get("properties", {}).get(key, {})
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                continue
            said = spoken(value) if "enum" in schema else str(value)
            if values.count(str(value).lower()) == 1 and find_once(say, said) is not None:
                slots.append(Slot(index, key, said, schema, key in parameters.get("required", [])))
    return slots


def other_value(slot: Slot, pool: ValuePool, random: Random) -> str | int | float | None:
    """A different value that the schema allows."""
    if slot.is_enum:
        others = [item for item in slot.schema["enum"] if spoken(item) != slot.said]
        return random.choice(others) if others else None
    if slot.is_number:
        return _other_number(slot, random)
    value = pool.string(slot.key, slot.schema, random)
    return None if value is None or value.lower() == slot.said.lower() else value


def _other_number(slot: Slot, random: Random) -> int | float | None:
    old = float(slot.said)
    low, high = limits(slot.schema)
    decimals = len(slot.said.partition(".")[2])
    size = max(abs(old), 3)
    low = max(low, 0 if old >= 0 else -size * 3)
    high = min(high, size * 3 if size < 1000 else size * 1.6)
    if low >= high:
        return None
    if decimals:
        value: float = round(random.uniform(low, high), decimals)
    else:
        value = random.randint(-int(-low // 1), int(high))
        if size >= 100 and old % 10 == 0:
            value = min(max(round(value, -1), -(-low // 1)), high // 1)
    step = slot.schema.get("multipleOf")
    if step:
        value = round(value / step) * step
    value = int(value) if float(value).is_integer() else value
    return value if value != old and low <= value <= high else None


def limits(schema: Json) -> tuple[float, float]:
    """Smallest and largest value; infinite where the schema does not say."""
    low = schema.get("minimum", float("-inf"))
    high = schema.get("maximum", float("inf"))
    if "exclusiveMinimum" in schema:
        low = max(low, schema["exclusiveMinimum"] + (1 if schema["type"] == "integer" else 0.01))
    if "exclusiveMaximum" in schema:
        high = min(high, schema["exclusiveMaximum"] - (1 if schema["type"] == "integer" else 0.01))
    return low, high


def put(sample: Sample, slot: Slot, said: str, value: Any) -> Sample:
    """The same request with another value, in the words and in the call."""
    calls = list(sample.answer.calls)
    call = calls[slot.call]
    calls[slot.call] = Call(call.name, {**call.arguments, slot.key: value})
    return replace(say_instead(sample, slot, said), answer=Answer(tuple(calls)))


def say_instead(sample: Sample, slot: Slot, said: str) -> Sample:
    """Other words for a value; the calls stay."""
    say = sample.messages[-1].content
    at = find_once(say, slot.said)
    if at is None:
        raise ValueError(f"{slot.said!r} does not stand in {say!r}")
    if say[at : at + 1].isupper() and slot.is_enum:
        said = said[:1].upper() + said[1:]
    return resaid(sample, say[:at] + said + say[at + len(slot.said) :])


def resaid(sample: Sample, say: str) -> Sample:
    return replace(sample, messages=(*sample.messages[:-1], Message("user", say)))


def vary_values(sample: Sample, pool: ValuePool, random: Random, share: float) -> Sample:
    """Exchanges about `share` of the values that are said word for word or as spoken numbers."""
    if sample.messages[-1].role != "user" or len(sample.messages) > 2:
        return sample
    say, calls, tools = sample.messages[-1].content, sample.answer.calls, sample.tools
    spoken_numbers = {(one.call, one.key) for one in find_spoken(say, calls, tools)}
    for place in sorted(spoken_numbers):
        if random.random() > share:
            continue
        # An exchange moves what stands behind it.
        for one in find_spoken(sample.messages[-1].content, sample.answer.calls, tools):
            if (one.call, one.key) == place:
                sample = say_another(sample, one, random)
    for slot in find_slots(sample.messages[-1].content, sample.answer.calls, sample.tools):
        say = sample.messages[-1].content
        if (slot.call, slot.key) in spoken_numbers or random.random() > share:
            continue
        if slot.is_number and is_in_hour(say, slot.said):
            continue
        value = other_value(slot, pool, random)
        # The new value must not be taken for another word of the sentence.
        if (
            value is None
            or find_once(say, slot.said) is None
            or spoken(value).lower() in say.lower()
        ):
            continue
        sample = put(sample, slot, spoken(value) if slot.is_enum else str(value), value)
        if slot.is_number and not slot.is_enum:
            sample = sometimes_in_words(sample, slot.call, slot.key, random)
    return sample
