"""Whether words that could be a number are one where they stand."""

from __future__ import annotations

import re

from edge_llm.expand.number_words import Reading, in_words, readings
from edge_llm.expand.words import find_once

_ENGLISH = """
    the a an to at for and of my is it its i i'm me you we this that these with from by off up
    please turn set make put give can could what how show start in on after until every all"""
_FOREIGN = """
    der die das den dem und ist auf für mit ein eine einen bitte nicht um von zu im le la les des du
    et est pour une à dans sur el los las y para por con del al il lo di che per e het een op voor
    met van niet de om o os uma não em w na do z się och på för ett att jeg og til en un"""
_ENGLISH_WORDS, _FOREIGN_WORDS = frozenset(_ENGLISH.split()), frozenset(_FOREIGN.split())
# Words of other languages too: French, Polish, Norwegian, Italian and Dutch.
_ALSO_FOREIGN = re.compile(r"\d|six|ten|eleven|zero|half", re.IGNORECASE)
_MONTH = "(?:jan|febr)uary|march|april|may|june|july|august|(?:septem|octo|novem|decem)ber"
_MONEY = "euros?|dollars?|pounds?|francs?|quid|bucks"
_NUMBER = rf"(?:\d+|(?:{'|'.join(in_words(n) for n in (*range(20), *range(20, 100, 10)))})\b)"
_ORDINAL = r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)\b"
#: Of each family, what it must not follow ...
_NOT_AFTER = {
    "clock": rf"\b(?:past|half|an?|from {_NUMBER} \w+"
    rf"|{_NUMBER} ?(?:to|till|until|and|or|-|\u2013)) $",
    "duration": rf"(?:{_NUMBER} (?:to|or|and)|(?:hours?|minutes?|seconds?)(?:,| and)?) $",
    "share": r"\b(?:an?|one|the|first|second|other|and|in|past|\d) $",
    "number": rf"(?:\b(?:minus|negative|point|past|oh|all|these|those|other|us|you|both|{_MONEY}"
    rf"|{_MONTH}|(?:from|between) \S+ (?:to|and))|\d) $",
}
#: ... and what must not follow it.
_NOT_BEFORE = {
    "clock": rf" ?(?:to|till|until|or|-|\u2013) ?{_NUMBER}",
    "duration": rf",? (?:(?:and|or|to) )?{_NUMBER}| (?:past|to) |(?:,? and)? (?:half )?an? ",
    "share": r" (?:past|to|turns?|way|time|dozen|hour|of an?)\b",
    "number": rf" (?:and a half|and a quarter|quarters?|thirds?|{_ORDINAL}|{_MONTH}|\d"
    rf"|(?:{_MONEY}) (?:and )?{_NUMBER})",
}
_DAY_PART = re.compile(
    r"\b(?:tonight|at night|(?:this|the|tomorrow|yesterday|\w+day)"
    r" (?:morning|afternoon|evening))\b",
    re.IGNORECASE,
)
ARTICLE_FITS = re.compile(
    r"(?:^|[.,:;!?] |\b(?:for|in|after|to|by|within|about|around|only|just|it|them|is|of|than) )$",
    re.IGNORECASE,
)


def stands_alone(say: str, reading: Reading) -> bool:
    """Whether the words are of an English sentence and say no more than they hold."""
    before, after = say[: reading.start], say[reading.end :]
    if not is_english(before + " " + after, reading.said):
        return False
    if re.search(_NOT_AFTER[reading.family], before, re.IGNORECASE):
        return False
    if re.match(_NOT_BEFORE[reading.family], after, re.IGNORECASE):
        return False
    if reading.said[:1].isupper() and not re.search(r"(?:^|[.!?]\s+)$", before):
        return False
    if reading.family == "clock":
        return not _DAY_PART.search(before) and not _DAY_PART.search(after)
    if re.fullmatch("an? (?:hour|minute)", reading.said, re.IGNORECASE):
        # Not "twice an hour".
        return bool(ARTICLE_FITS.search(before))
    if reading.said.lower() == "one":
        # Not "the red one", "one of them".
        return bool(re.search(r"\b(?:to|at|number|level) $", before)) and not re.match(
            " [a-z]", after
        )
    return True


def is_in_hour(say: str, part: str) -> bool:
    """Whether digits are those of "10 am", which cannot be exchanged alone."""
    at = find_once(say, part)
    hours = [reading for reading in readings(say) if reading.family == "clock"]
    return at is not None and any(reading.start <= at < reading.end for reading in hours)


def is_english(rest: str, said: str) -> bool:
    """Whether a sentence is English beside its number; the number may be proof enough."""
    words = re.findall(r"[^\W\d_]+(?:['\u2019]\w+)?", rest.lower())
    english = sum(word in _ENGLISH_WORDS for word in words)
    foreign = sum(word in _FOREIGN_WORDS for word in words)
    return english > foreign or not (foreign or _ALSO_FOREIGN.search(said) or not rest.isascii())
