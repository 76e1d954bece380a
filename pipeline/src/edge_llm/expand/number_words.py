"""Numbers as English says them: in words, as a share, an hour of the day or a duration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

_BELOW_TWENTY = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen"""
_FROM_TWENTY = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES, _TENS = _BELOW_TWENTY.split(), _FROM_TWENTY.split()
SHARES = {
    "half": 50,
    "a quarter": 25,
    "one quarter": 25,
    "three quarters": 75,
    "a third": 33,
    "one third": 33,
}
#: Milliseconds.
UNITS = {"millisecond": 1, "second": 1000, "minute": 60_000, "hour": 3_600_000}
_NAMED_DURATIONS = {
    500: "half a second",
    30_000: "half a minute",
    60_000: "a minute",
    90_000: "a minute and a half",
    900_000: "a quarter of an hour",
    1_800_000: "half an hour",
    2_700_000: "three quarters of an hour",
    3_600_000: "an hour",
    5_400_000: "an hour and a half",
}


@dataclass(frozen=True)
class Reading:
    """Words of a sentence that are a number."""

    start: int
    said: str
    #: `clock`, `duration`, `share` or `number`.
    family: str
    #: Hour, milliseconds, percent or the number itself.
    amount: Fraction

    @property
    def end(self) -> int:
        return self.start + len(self.said)


def in_words(number: int, joint: str = "-") -> str:
    """`twenty-five`, `three hundred and four`; from 0 to 999."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (joint + _ONES[ones] if ones else "")
    hundreds, rest = divmod(number, 100)
    return f"{_ONES[hundreds]} hundred" + (f" and {in_words(rest, joint)}" if rest else "")


def _plain(words: str) -> str:
    return words.lower().replace("-", " ").replace(" and ", " ").replace("a hundred", "one hundred")


_NUMBERS = {_plain(in_words(number)): number for number in range(1000)}
_NUMBERS |= {"half a dozen": 6, "a dozen": 12, "two dozen": 24, "three dozen": 36}

# What `_NUMBERS` does not know ends up in a run too, and makes it no number: "nineteen ninety".
_WORD = rf"(?:{'|'.join([*_ONES, *_TENS])}|hundred|dozen|thousand|million|point|oh)\b"
_RUN = (
    rf"(?:(?:half )?a (?=hundred|dozen|thousand|million))?+(?!point|oh){_WORD}"
    rf"(?:(?:(?<=hundred) and)?[ -]{_WORD})*+"
)
_COUNT = rf"(?:\d++|{_RUN})"
_PART = r"in the (?:morning|afternoon|evening)|at night"
_FORMS = re.compile(
    # An hour of the day ...
    rf"(?P<name>noon|midnight)\b|(?P<full>\d{{1,2}}):00(?: ?(?P<half>[ap]m))?\b"
    rf"|(?P<hour>{_COUNT}) ?"
    rf"(?P<part>[ap]m\b|[ap]\.m\.|o['\u2019]clock(?: (?:{_PART}))?\b|(?:{_PART})\b)"
    # ... a duration ...
    r"|(?P<piece>half|(?:a|one) quarter of|three quarters of) an? (?P<of>hour|minute|second)\b"
    rf"|(?P<count>{_COUNT}|an?\b)(?P<more> and a half)?"
    r" (?P<unit>(?:milli)?seconds?|minutes?|hours?)\b(?P<also> and a half\b)?"
    # ... a share, unless it goes on as something else ...
    r"|(?P<share>half(?! an?\b)|(?:a|one) (?:quarter|third)|three quarters)\b"
    # ... or a number.
    rf"|(?P<number>{_RUN})",
    re.IGNORECASE,
)


def readings(say: str) -> Iterator[Reading]:
    """The numbers of a sentence that are more than digits, from left to right."""
    for match in _FORMS.finditer(say):
        before, after = say[: match.start()], say[match.end() :]
        # Not a part of a code, a date, a price or another word.
        if re.search(r"[\w:/.,#$€£'\u2019-]$", before) or re.match(
            r"[\w%'\u2019:/\u2013-]|[.,]\d", after
        ):
            continue
        if match["name"] or match["full"] or match["hour"]:
            family, amount = "clock", _hour(match)
        elif match["piece"] or match["unit"]:
            family, amount = "duration", _milliseconds(match)
        elif match["share"]:
            family, amount = "share", Fraction(SHARES[match["share"].lower()])
        else:
            family, amount = "number", _count(match["number"])
        if amount is not None:
            yield Reading(match.start(), match[0], family, amount)


def clock_ways(hour: int) -> list[str]:
    """How an hour from 0 to 23 can be said."""
    twelve, half = hour % 12 or 12, "am" if hour < 12 else "pm"
    ways = [f"{twelve} {half}", f"{twelve} {half}", f"{twelve}{half}", f"{hour:02}:00"]
    if hour in (0, 12):
        return [*ways, *["noon" if hour else "midnight"] * 4]
    part = "in the morning" if hour < 12 else "in the afternoon" if hour < 18 else "in the evening"
    part = "at night" if hour > 21 else part
    ways += [f"{twelve} {part}", f"{in_words(twelve)} {part}"]
    # "8 o'clock" may be either half of the day.
    return [*ways, f"{hour} o'clock"] if hour > 12 else ways


def duration_ways(milliseconds: int, plural_only: bool) -> list[str]:
    """How a duration can be said; `plural_only` leaves out those that begin with an article."""
    named = _NAMED_DURATIONS.get(milliseconds)
    ways = [named, named] if named and not plural_only else []
    for unit, size in UNITS.items():
        count, rest = divmod(milliseconds, size)
        if not rest and 2 <= count <= (120 if size > 1 else 900):
            ways += [f"{count} {unit}s", f"{in_words(count)} {unit}s"]
    return ways


def _count(words: str) -> Fraction | None:
    value = int(words) if words.isdecimal() else _NUMBERS.get(_plain(words))
    return None if value is None else Fraction(value)


def _hour(match: re.Match[str]) -> Fraction | None:
    if match["name"]:
        return Fraction(0 if match["name"].lower() == "midnight" else 12)
    count = _count(match["full"] or match["hour"])
    part = (match["half"] or match["part"] or "").lower().replace(".", "")
    part = re.sub(r"^o.clock ?", "", part)
    if count is None or not part:
        return count if count is not None and count < 24 else None
    # The first of each row is said in the first half of the day, the second in the other.
    am, pm = {
        "am": (range(1, 13), ()),
        "pm": ((), range(1, 13)),
        "in the morning": (range(1, 12), ()),
        "in the afternoon": ((), (12, *range(1, 7))),
        "in the evening": ((), range(4, 12)),
        "at night": ((12, *range(1, 5)), range(8, 12)),
    }[part]
    if count in am:
        return count % 12
    return count % 12 + 12 if count in pm else None


def _milliseconds(match: re.Match[str]) -> Fraction | None:
    if match["piece"]:
        share = {"h": Fraction(1, 2), "t": Fraction(3, 4)}.get(match["piece"][0].lower())
        return (share or Fraction(1, 4)) * UNITS[match["of"].lower()]
    unit, alone = match["unit"].lower(), match["count"].lower() in ("a", "an")
    count = Fraction(1) if alone else _count(match["count"])
    halves = bool(match["more"]) + bool(match["also"])
    # "A ten minute walk", "a second lamp", "an hour and a half hours".
    single = count == 1 and not match["more"]
    second = alone and unit == "second" and not match["also"]
    if count is None or unit.endswith("s") == single or second or halves > 1:
        return None
    return (count + Fraction(halves, 2)) * UNITS[unit.rstrip("s")]
