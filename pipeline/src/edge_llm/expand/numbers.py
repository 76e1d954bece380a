"""Number arguments that are said otherwise than in the call's digits, and other values for them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

from edge_llm.expand.number_context import ARTICLE_FITS, is_english, stands_alone
from edge_llm.expand.number_words import (
    SHARES,
    UNITS,
    Reading,
    clock_ways,
    duration_ways,
    in_words,
    readings,
)
from edge_llm.expand.words import find_once
from edge_llm.samples import Answer, Call, Json, Message, Sample, Tool
from edge_llm.schema_check import schema_problems

_TO_WORDS = 0.15
"""Share of exchanged digits that become words."""
_NAMES_CODE = re.compile(
    "(?:id|code|year|number|no|nr|pin|phone|port|zip|version|ref|ticket|order|month|day|date)"
)

_SHORT = {"ms": "milliseconds", "secs": "seconds", "mins": "minutes", "hrs": "hours"}


@dataclass(frozen=True)
class SpokenNumber:
    """A number argument and the words that say it."""

    call: int
    key: str
    value: float
    reading: Reading
    schema: Json


def find_spoken(say: str, calls: Sequence[Call], tools: Sequence[Tool]) -> list[SpokenNumber]:
    """Arguments said once, in one form that is more than their digits, and of no other argument."""
    parameters = {tool.name: tool.parameters.get("properties", {}) for tool in tools}
    known = [reading for reading in readings(say) if stands_alone(say, reading)]
    leaves = [leaf for call in calls for leaf in _leaves(call.arguments)]
    numbers = Counter(leaf for leaf in leaves if isinstance(leaf, int | float))
    texts = [leaf.replace("_", " ").lower() for leaf in leaves if isinstance(leaf, str)]
    found = []
    for index, call in enumerate(calls):
        for key, value in call.arguments.items():
            schema = parameters[call.name].get(key, {})
            if not _is_number(value) or schema.get("type") not in ("integer", "number"):
                continue
            fitting = [reading for reading in known if _value(reading, key, schema) == value]
            if "enum" in schema or len(fitting) != 1 or numbers[value] != 1:
                continue
            said = fitting[0].said
            rest = say[: fitting[0].start] + " … " + say[fitting[0].end :]
            if re.search(rf"(?<!\d){re.escape(str(value))}(?!\d)", rest):
                continue
            if find_once(say, said) is not None and not any(said.lower() in t for t in texts):
                found.append(SpokenNumber(index, key, value, fitting[0], schema))
    claims = Counter(one.reading.start for one in found)
    return [one for one in found if claims[one.reading.start] == 1]


def say_another(sample: Sample, old: SpokenNumber, random: Random) -> Sample:
    """Another allowed value in a form of the same family; the sample itself if none is found."""
    for _ in range(12):
        said = _another(sample, old, random)
        new = next(readings(said), None)
        value = _value(new, old.key, old.schema) if new else None
        if value is None or value == old.value or any(schema_problems(value, old.schema)):
            continue
        changed = _changed(sample, old.call, old.key, old.reading, said, value)
        if _says(changed, old.call, old.key, said):
            return changed
    return sample


def sometimes_in_words(sample: Sample, call: int, key: str, random: Random) -> Sample:
    """`thirty` for `30`, where the digits are a plain number of the sentence."""
    say, value = sample.messages[-1].content, sample.answer.calls[call].arguments[key]
    at = find_once(say, str(value))
    if at is None or random.random() >= _TO_WORDS or not isinstance(value, int):
        return sample
    after = say[at + len(str(value)) :]
    # Nobody writes "thirty ml" or "thirty%".
    plain = re.match(
        r"[.,!?;]*(?:$|\s+(?:[a-z]{4,}|on|in|to|at|as|of|or|by|and|for|the|now)\b)", after
    )
    coded = re.search(r"(?:[^\s]|\b[A-Z\d]+ )$", say[:at]) or any(
        map(_NAMES_CODE.fullmatch, _words(key))
    )
    if not 2 <= value <= 100 or not plain or coded or not is_english(say[:at] + after, "0"):
        return sample
    said = in_words(value, random.choice("--- "))
    changed = _changed(
        sample, call, key, Reading(at, str(value), "number", Fraction(0)), said, value
    )
    return changed if _says(changed, call, key, said) else sample


def _another(sample: Sample, old: SpokenNumber, random: Random) -> str:
    """Words of the same family for a value drawn at random; empty where these do not fit."""
    say, reading = sample.messages[-1].content, old.reading
    if reading.family == "clock":
        said = random.choice(clock_ways(random.randrange(24)))
    elif reading.family == "share":
        said = random.choice(list(SHARES))
    elif reading.family == "duration":
        # "Pasta 9 minutes and sauce 25" leans on the unit.
        alone = sum(old.key in call.arguments for call in sample.answer.calls) == 1
        said = _duration(say, reading, not alone, random)
    else:
        said = _number(say, reading, random)
    return said[:1].upper() + said[1:] if reading.said[:1].isupper() else said


def _duration(say: str, old: Reading, same_unit: bool, random: Random) -> str:
    unit = random.choice([size for size in UNITS.values() if size <= old.amount] or [1])
    draw = random.random()
    if draw < 0.2:
        wanted = random.choice((15, 30, 45, 60, 90)) * UNITS["minute"]
    elif draw < 0.7:
        wanted = random.randint(1, max(int(3 * old.amount / unit), 3)) * unit
    else:
        wanted = int(random.choice((0.5, 1, 1.5)) * unit)
    ways = duration_ways(wanted, not ARTICLE_FITS.search(say[: old.start]))
    if same_unit:
        ways = [
            way for way in ways if way.split()[-1].rstrip("s") == old.said.split()[-1].rstrip("s")
        ]
    return random.choice(ways) if ways and wanted <= 6 * old.amount else ""


def _number(say: str, old: Reading, random: Random) -> str:
    number = random.randint(0, min(3 * max(int(old.amount), 3), 900))
    if number > 100 and random.random() < 0.7:
        number = round(number, -2)
    counted = re.match(r" [a-z]+", say[old.end :])
    if counted and number < 2:
        return ""  # "one nights"
    said = in_words(number, random.choice("--- "))
    if number in (12, 24) and counted and counted[0].endswith("s") and random.random() < 0.5:
        said = "a dozen" if number == 12 else "two dozen"
    article = re.search(r"\ban? $", say[: old.start], re.IGNORECASE)
    needs_an = said.startswith(("eight", "eleven"))
    fits = not article or (needs_an == (article[0].lower() == "an ") and "doz" not in said)
    return said if fits else ""


def _value(reading: Reading, key: str, schema: Json) -> int | float | None:
    """What a parameter's value is in these words; None where they are not of its kind."""
    words, about = _words(key), f"{' '.join(_words(key))}. {schema.get('description', '')}".lower()
    low, high = schema.get("minimum"), schema.get("maximum")
    clock = bool(
        schema.get("type") == "integer"
        and (low is not None and high is not None and 0 <= low < high <= 24)
        and re.search(r"(?<!per )(?<!an )(?<!every )\bhour\b|\bhours of the day\b", about)
    )
    amount = reading.amount
    if reading.family == "duration":
        units = set(re.findall(r"\b(?:milli)?second(?=s\b)|\bminute(?=s\b)|\bhour(?=s\b)", about))
        if len(units) != 1 or "per" in words or re.search(r"\bof (?:the )?(?:hour|day)\b", about):
            return None
        amount /= UNITS[units.pop()]
    elif reading.family == "share":
        if not re.search("percent|%", about) and (low, high) != (0, 100):
            return None
    elif (reading.family == "clock") != clock:
        return None
    if amount.denominator == 1:
        return int(amount)
    # Nobody wants 0.5666 hours.
    return float(amount) if amount.denominator in (2, 4) else None


def _words(key: str) -> list[str]:
    parts = [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", key)]
    return [_SHORT.get(part, part) for part in parts]


def _changed(
    sample: Sample, call: int, key: str, old: Reading, said: str, value: int | float
) -> Sample:
    say, calls = sample.messages[-1].content, list(sample.answer.calls)
    calls[call] = Call(calls[call].name, {**calls[call].arguments, key: value})
    message = Message("user", say[: old.start] + said + say[old.end :])
    return replace(sample, messages=(*sample.messages[:-1], message), answer=Answer(tuple(calls)))


def _says(sample: Sample, call: int, key: str, said: str) -> bool:
    """Whether these words would be found again as that argument."""
    spoken = find_spoken(sample.messages[-1].content, sample.answer.calls, sample.tools)
    return any((one.call, one.key, one.reading.said) == (call, key, said) for one in spoken)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _leaves(value: Any) -> Iterator[Any]:
    """Numbers and texts of an argument, however deep."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)
    elif isinstance(value, str) or _is_number(value):
        yield value
