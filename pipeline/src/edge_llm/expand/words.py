"""Sentences as people say them: which parts can be exchanged, joined, negated, misspelt."""

from __future__ import annotations

import re
from random import Random

_IMPERATIVES = """
    add adjust activate aim apply archive arm ask assign attach begin block book boost brew bring
    brighten buy call cancel change charge check clear close connect convert cook cool copy count
    crank create crop cut decrease delete dial dim disable disarm disconnect display do double
    download drain draw drive drop dry email empty enable engage enter erase export extend fade feed
    fetch fill find flash flip flush fold forward freeze get give go grant heat hide hold increase
    insert invite keep kill launch leave let lift light list load lock log look lower make mark
    maximise mix move mute note notify open order pack park pause pay pick pin play plot post
    preheat press print pump push put raise read record refill refund release reload remind remove
    rename
    repeat replace report reserve reset restart restore resume reverse rinse roll rotate run save
    scan schedule scroll search select send set share shift show shuffle shut silence skip slow
    sort speed spin spray start stop store submit subscribe swap switch take tell tilt toggle trim
    tune turn tweak unblock unlock unmute unpair update upload use vacuum warm wash water write
    zoom"""
IMPERATIVES = frozenset(_IMPERATIVES.split())

_DONT = ("don't", "do not", "please don't", "dont", "please do not", "Don't", "Do not", "never")
_BEFORE = (
    "I don't want you to {}",
    "no need to {}",
    "there is no need to {}",
    "you don't have to {}",
    "whatever you do, don't {}",
    "I was about to say {}, but no",
    "I almost said {} but let's leave it",
    "please make sure you do not {}",
    "let's not {}",
    "under no circumstances {}",
    "I changed my mind, don't {}",
    "it's fine as it is, do not {}",
    "hold off, don't {}",
    "refrain from anything, so don't {}",
)
_AFTER = (
    "{}... no, never mind",
    "{}, actually don't",
    "{}. Scratch that",
    "{} - wait, no, leave it",
    "{}, or rather, forget it",
    "{}? no, please leave it as it is",
    "{}. Hmm, on second thought, no",
    "{}, just kidding, do nothing",
    "{} oh wait cancel that thought",
    "{}. No no, better not",
)
ACKNOWLEDGEMENTS = (
    "Okay, I'll leave it as it is.",
    "All right, nothing was changed.",
    "Okay, I won't do anything.",
    "Sure, I'll leave that alone.",
    "Understood, I did nothing.",
    "Fine, everything stays as it is.",
)
_JOINTS = (
    " and ",
    ", and ",
    " and then ",
    ", then ",
    "; ",
    ", also ",
    " plus ",
    ". Also, ",
    ". Then ",
)
_POLITE_BEFORE = (
    "please ",
    "hey, ",
    "could you ",
    "can you ",
    "ok ",
    "so, ",
    "hi, ",
    "I'd like you to ",
)
_POLITE_AFTER = (" please", ", thanks", " thank you", " pls", ", would you", " now", " for me")
_ORDINAL = re.compile(r"(st|nd|rd|th)\b")


def find_once(text: str, part: str) -> int | None:
    """Where `part` stands as a whole word, if it stands there exactly once."""
    if not part.strip():
        return None
    found = [
        match.start()
        for match in re.finditer(re.escape(part), text, re.IGNORECASE)
        if _apart(text, match.start(), match.end())
    ]
    return found[0] if len(found) == 1 else None


def _apart(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    if text[start].isdigit() or text[end - 1].isdigit():
        # Not a part of a time, a date, a decimal or an ordinal.
        if re.search(r"[\d][.,:/-]$|[-:/.]$", text[max(0, start - 2) : start]):
            return False
        if re.match(r"[.,:/-]\d|[:/]", text[end : end + 2]) or _ORDINAL.match(text[end:]):
            return False
    return not (before.isalnum() or before == "_") and not (after.isalnum() or after == "_")


def starts_with_verb(say: str) -> bool:
    first = re.match(r"[a-z]+", say.lower())
    return bool(first) and first[0] in IMPERATIVES  # type: ignore[index]


def negate(say: str, random: Random) -> str | None:
    """The same wish withdrawn; None where the sentence gives no way to."""
    plain = say.rstrip(" .!?")
    if starts_with_verb(plain) and random.random() < 0.75:
        inner = lower_first(plain)
        if random.random() < 0.55:
            return f"{random.choice(_DONT)} {inner}"
        return random.choice(_BEFORE).format(inner)
    if len(plain.split()) > 25 or "," in plain[-12:]:
        return None
    return random.choice(_AFTER).format(plain)


def but_not(wish: str, unwanted: str, random: Random) -> str | None:
    """One wish, and another that is only named to be excluded."""
    if not starts_with_verb(unwanted):
        return None
    wish, unwanted = wish.rstrip(" .!?"), lower_first(unwanted.rstrip(" .!?"))
    forms = [f"{wish} but don't {unwanted}", f"{wish}, and do not {unwanted}"]
    if starts_with_verb(wish):
        wish = lower_first(wish)
        forms += [f"don't {unwanted}, {wish} instead", f"do not {unwanted}, just {wish}"]
    return random.choice(forms)


def join(sentences: list[str], random: Random) -> str:
    """Several wishes in one breath."""
    text = sentences[0].rstrip(" .!")
    for sentence in sentences[1:]:
        joint = random.choice(_JOINTS) if not text.endswith("?") else " "
        keep = joint.endswith(". ") or joint == " "
        text += joint + (sentence if keep else lower_first(sentence)).rstrip(" .!")
    return text


def enumerate_values(values: list[str], random: Random) -> str:
    """`a and b`, `a, b and c`."""
    if len(values) == 2 and random.random() < 0.2:
        return f"both {values[0]} and {values[1]}"
    last = random.choice((" and ", " and ", ", and ", " & ", " and also "))
    return ", ".join(values[:-1]) + last + values[-1]


def polite(say: str, random: Random) -> str:
    if starts_with_verb(say) and random.random() < 0.6:
        return random.choice(_POLITE_BEFORE) + lower_first(say)
    return say.rstrip(" .!?") + random.choice(_POLITE_AFTER)


def misspell(say: str, keep: list[str], random: Random) -> str:
    """Swaps, drops or doubles a letter in one word that holds no value."""
    held = " ".join(keep).lower()
    places = [
        match.span() for match in re.finditer(r"[a-z]{4,}", say) if match[0].lower() not in held
    ]
    if not places:
        return say
    start, end = random.choice(places)
    word, at = say[start:end], random.randrange(1, end - start - 1)
    forms = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
    )
    return say[:start] + random.choice(forms) + say[end:]


def lower_first(text: str) -> str:
    """Lower case for the first letter, unless it is `I` or begins a word in capitals."""
    if re.match(r"I\b|[A-Z]{2}", text):
        return text
    return text[:1].lower() + text[1:]


def content_words(text: str) -> set[str]:
    return {word[:6] for word in re.findall(r"[a-z]{4,}", text.lower())} - _COMMON


_COMMON_WORDS = """please could would with from this that what when which have want need like show
    tell give make turn into them they there then your mine just some more than about number value
    name list current optional default"""
_COMMON = frozenset(word[:6] for word in _COMMON_WORDS.split())
