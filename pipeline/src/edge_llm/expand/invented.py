"""Apps put together from everyday words, without end: tools to read, not to remember.

Hand-written requests teach how people speak; a small model soon knows their tools by heart. What
is invented here has tools that it never saw and never sees again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from edge_llm.expand.apps import App
from edge_llm.expand.vocabulary import CHOICES, NUMBERS, PEOPLE, PLACES, QUALITIES, THINGS
from edge_llm.samples import Answer, Call, Json, Message, Sample, Tool


@dataclass(frozen=True)
class _Value:
    """A parameter with a value and the words for it."""

    key: str
    schema: Json
    value: object
    said: str


@dataclass(frozen=True)
class _Plan:
    """One tool: its name's words, its description, and ways to ask for it."""

    verb: str
    rest: str
    description: str
    #: Sentences with `{key}` for the words of each parameter; all of them are required.
    sentences: tuple[str, ...]
    values: tuple[Callable[[Random], _Value], ...]


def invented_app(seed: int) -> App:
    """A different app for every seed; three to eight tools with two to four requests each."""
    random = Random(seed)
    things = random.sample(THINGS, random.choice((1, 2, 2, 3)))
    where = _place(random) if random.random() < 0.6 else None
    # One tool for one purpose: two that do the same would leave the right answer open.
    kinds = {(make, thing): make for make in _MAKERS for thing in things}
    chosen = random.sample(list(kinds), min(len(kinds), random.randint(3, 8)))
    plans = [make(thing, where, random) for make, thing in chosen]
    plans = list(
        {
            plan.rest if plan.verb == "set" else f"{plan.verb} {plan.rest}": plan for plan in plans
        }.values()
    )
    notes = random.random() < 0.5
    tools, requests = [], []
    for plan in plans:
        made = [make(random) for make in plan.values]
        properties = {
            value.key: {**value.schema, **(_note(value) if notes else {})} for value in made
        }
        parameters: Json = {
            "type": "object",
            "properties": properties,
            "required": [value.key for value in made],
            "additionalProperties": False,
        }
        if not made:
            del parameters["required"]
        name = f"{plan.verb}_{plan.rest}".replace(" ", "_")
        tools.append(Tool(name, plan.description, parameters))
        for sentence in random.sample(plan.sentences, min(3, len(plan.sentences))):
            values = [make(random) for make in plan.values]
            requests.append((name, sentence, values))
    own = tuple(tools)
    return App(
        f"invented-{seed}",
        f"An app for {' and '.join(things)}.",
        own,
        tuple(
            _request(f"invented/{seed}/{index}", own, *request)
            for index, request in enumerate(requests)
        ),
    )


def _request(
    name: str, tools: tuple[Tool, ...], tool: str, sentence: str, values: list[_Value]
) -> Sample:
    say = sentence.format(**{value.key: value.said for value in values})
    call = Call(tool, {value.key: value.value for value in values})
    say = re.sub(r"\s+([,?.])", r"\1", " ".join(say.split()))
    return Sample(name, "single", "invented", tools, (Message("user", say),), Answer((call,)))


def _note(value: _Value) -> Json:
    return {"description": value.key.replace("_", " ").capitalize()}


def _place(random: Random) -> Callable[[Random], _Value]:
    """Which one is meant: a room, a number, a code or a name."""
    kind = random.randrange(4)
    if kind == 0:
        places = [choice for choice in CHOICES if choice[0] in ("room", "zone", "side", "floor")]
        key, words = random.choice(places)
        return _choice(key, words.split())
    if kind == 1:
        key, top = random.choice(("number", "id", "unit_number", "slot")), random.randint(4, 60)
        return lambda r: _number(key, "", 1, top, r)
    if kind == 2:
        key = random.choice(("code", "label", "tag", "ref"))
        return lambda r: _string(key, f"{r.choice('ABCDEFGHKMPRT')}{r.randint(1, 99)}")
    key = random.choice(("name", "title", "which"))
    return lambda r: _string(key, f"{r.choice(QUALITIES)} {r.choice(THINGS)}")


def _choice(key: str, words: list[str]) -> Callable[[Random], _Value]:
    schema: Json = {"type": "string", "enum": words}

    def make(random: Random) -> _Value:
        word = random.choice(words)
        return _Value(key, schema, word, word)

    return make


def _number(key: str, unit: str, low: int, high: int, random: Random) -> _Value:
    value = random.randint(low, high)
    if high > 400 and random.random() < 0.6:
        value = max(low, value // 50 * 50)
    said = f"{value} {unit}" if unit and random.random() < 0.55 else str(value)
    return _Value(key, {"type": "integer", "minimum": low, "maximum": high}, value, said)


def _string(key: str, value: str) -> _Value:
    return _Value(key, {"type": "string"}, value, value)


def _of(where: Callable[[Random], _Value] | None, random: Random) -> str:
    """The place's part of a sentence; empty where there is none."""
    if where is None:
        return ""
    value = where(random)
    leads = ("in the ", "for the ", "at the ") if "enum" in value.schema else ("for ", "on ", "")
    lead = random.choice(leads)
    return f"{lead}{{{value.key}}}"


def _values(*makers: Callable[[Random], _Value] | None) -> tuple[Callable[[Random], _Value], ...]:
    return tuple(maker for maker in makers if maker is not None)


Where = Callable[[Random], _Value] | None


def _set_number(thing: str, where: Where, random: Random) -> _Plan:
    what, unit, low, high = random.choice(NUMBERS)
    key = random.choice((what, what, "value", "amount", f"target_{what}"))
    place = _of(where, random)
    v = f"{{{key}}}"
    return _Plan(
        random.choice(("set", "adjust", "change", "configure")),
        f"{thing} {what}",
        random.choice(
            (
                f"Sets the {what} of the {thing}.",
                f"{what.capitalize()} of a {thing}",
                f"Change {what} ({unit or 'level'}) of the {thing}",
            )
        ),
        (
            f"set the {thing} {what} {place} to {v}",
            f"{what} of the {thing} {place} to {v} please",
            f"{thing} {what} {place} {v}",
            f"I want {v} {what} on the {thing} {place}",
            f"can you put the {thing}'s {what} at {v} {place}",
            f"make it {v} {place}, the {what} of the {thing} I mean",
            f"{place} the {thing} should have a {what} of {v}",
        ),
        _values(where, lambda r: _number(key, unit, low, high, r)),
    )


def _set_choice(thing: str, where: Where, random: Random) -> _Plan:
    key, words = random.choice(CHOICES)
    if where is not None and where(random).key == key:
        where = None
    place = _of(where, random)
    v = f"{{{key}}}"
    return _Plan(
        random.choice(("set", "select", "choose", "switch")),
        f"{thing} {key}",
        random.choice(
            (
                f"Chooses the {key} of the {thing}.",
                f"Sets which {key} the {thing} has",
                f"{thing.capitalize()} {key}",
            )
        ),
        (
            f"switch the {thing} {place} to {v}",
            f"{v} for the {thing} {place}",
            f"the {thing} {place} should be {v}",
            f"{thing} {place} {v} please",
            f"choose {v} as the {key} of the {thing} {place}",
            f"I'd rather have the {thing} {place} in {v}",
        ),
        _values(where, _choice(key, words.split())),
    )


def _switch(thing: str, where: Where, random: Random) -> _Plan:
    key = random.choice(("on", "enabled", "active", "is_on"))
    on = random.random() < 0.5
    place = _of(where, random)
    says = (
        (
            "turn on the {t} {p}",
            "{t} on {p}",
            "fire up the {t} {p}",
            "the {t} {p} should run",
            "start the {t} {p} up",
        )
        if on
        else (
            "turn off the {t} {p}",
            "{t} off {p}",
            "kill the {t} {p}",
            "no more {t} {p}, switch it off",
            "shut the {t} {p} down",
        )
    )
    return _Plan(
        random.choice(("switch", "toggle", "set", "control")),
        random.choice((thing, f"{thing} power", f"{thing} state")),
        random.choice((f"Turns the {thing} on or off.", f"Power of the {thing}")),
        tuple(say.format(t=thing, p=place) for say in says),
        _values(where, lambda r: _Value(key, {"type": "boolean"}, on, "")),
    )


def _get(thing: str, where: Where, random: Random) -> _Plan:
    what = random.choice([number[0] for number in NUMBERS] + ["status", "history", "details"])
    place = _of(where, random)
    return _Plan(
        random.choice(("get", "read", "check", "show")),
        f"{thing} {what}",
        random.choice(
            (
                f"Returns the {what} of the {thing}.",
                f"Current {what} of a {thing}",
                f"Reads {thing} {what}.",
            )
        ),
        (
            f"what's the {what} of the {thing} {place}",
            f"{thing} {what} {place}?",
            f"show me the {thing}'s {what} {place}",
            f"I need to know the {what} {place} of our {thing}",
            f"how is the {thing} {place} doing, {what} wise?",
        ),
        _values(where),
    )


def _add(thing: str, where: Where, random: Random) -> _Plan:
    key = random.choice(("item", "name", "title", "entry"))
    what, unit, low, high = random.choice(NUMBERS)
    counted = random.random() < 0.5
    number = f" with a {what} of {{{what}}}" if counted else ""
    return _Plan(
        random.choice(("add", "create", "insert", "register")),
        thing,
        random.choice((f"Adds a {thing}.", f"Creates a new {thing} entry", f"Registers a {thing}")),
        (
            f"add a {thing} called {{{key}}}{number}",
            f"new {thing} {{{key}}}{number}",
            f"put {{{key}}}{number} down as a {thing}",
            f"we need a {thing} named {{{key}}}{number}, please create it",
        ),
        _values(
            lambda r: _string(key, f"{r.choice(QUALITIES)} {r.choice(THINGS)}"),
            (lambda r: _number(what, unit, low, high, r)) if counted else None,
        ),
    )


def _remove(thing: str, where: Where, random: Random) -> _Plan:
    key = random.choice(("item", "name", "id", "reference"))
    by_number = key == "id"
    return _Plan(
        random.choice(("remove", "delete", "cancel", "drop")),
        thing,
        random.choice(
            (f"Removes a {thing}.", f"Deletes the {thing} for good", f"Cancels a {thing}")
        ),
        (
            f"get rid of {thing} {{{key}}}",
            f"delete the {thing} {{{key}}}",
            f"{{{key}}} can go, remove that {thing}",
            f"cancel {thing} {{{key}}} please",
        ),
        _values(
            (lambda r: _number(key, "", 1, 9999, r))
            if by_number
            else (lambda r: _string(key, f"{r.choice(QUALITIES)} {r.choice(THINGS)}"))
        ),
    )


def _book(thing: str, where: Where, random: Random) -> _Plan:
    who, day = (
        random.choice(("person", "customer", "guest", "member")),
        random.choice(("date", "day")),
    )
    return _Plan(
        random.choice(("book", "reserve", "schedule", "plan")),
        thing,
        random.choice(
            (f"Books a {thing} for someone.", f"Reserves the {thing} on a date (YYYY-MM-DD)")
        ),
        (
            f"book the {thing} for {{{who}}} on {{{day}}}",
            f"{{{who}}} needs the {thing} on {{{day}}}",
            f"{{{day}}}, {thing}, {{{who}}}",
            f"reserve a {thing} on {{{day}}}, it's for {{{who}}}",
        ),
        _values(
            lambda r: _string(who, r.choice(PEOPLE)),
            lambda r: _Value(
                day,
                {"type": "string", "format": "date"},
                (date := f"2026-{r.randint(1, 12):02}-{r.randint(1, 28):02}"),
                date,
            ),
        ),
    )


def _send(thing: str, where: Where, random: Random) -> _Plan:
    to = random.choice(("to", "recipient", "contact", "person"))
    key, words = random.choice((("channel", "email sms phone post"), ("format", "pdf csv png")))
    return _Plan(
        random.choice(("send", "share", "forward")),
        thing,
        random.choice((f"Sends the {thing} to someone.", f"Shares a {thing} with a contact")),
        (
            f"send the {thing} to {{{to}}} as {{{key}}}",
            f"let {{{to}}} have the {thing}, {{{key}}} please",
            f"{{{to}}} should get the {thing} by {{{key}}}",
            f"pass the {thing} on to {{{to}}} via {{{key}}}",
        ),
        _values(lambda r: _string(to, r.choice(PEOPLE)), _choice(key, words.split())),
    )


def _find(thing: str, where: Where, random: Random) -> _Plan:
    place = random.choice(("city", "location", "near", "town"))
    what, unit, _, high = random.choice(NUMBERS)
    most = f"max_{what}"
    limited = random.random() < 0.5
    tail = f" with a {what} of at most {{{most}}}" if limited else ""
    return _Plan(
        random.choice(("find", "search", "lookup", "list")),
        f"{thing}s",
        random.choice(
            (
                f"Finds {thing}s in a place.",
                f"Search {thing}s by city",
                f"Lists {thing}s near a town",
            )
        ),
        (
            f"any {thing}s in {{{place}}}{tail}?",
            f"find me a {thing} in {{{place}}}{tail}",
            f"where can I get a {thing} around {{{place}}}{tail}",
            f"I'm looking for {thing}s near {{{place}}}{tail}",
        ),
        _values(
            lambda r: _string(place, r.choice(PLACES)),
            (lambda r: _number(most, unit, 1, high, r)) if limited else None,
        ),
    )


def _move(thing: str, where: Where, random: Random) -> _Plan:
    first, last = random.choice((("from", "to"), ("source", "target"), ("origin", "destination")))
    return _Plan(
        random.choice(("move", "transfer", "bring", "ship")),
        thing,
        random.choice((f"Moves the {thing} from one place to another.", f"Transfers a {thing}")),
        (
            f"move the {thing} from {{{first}}} to {{{last}}}",
            f"the {thing} goes to {{{last}}}, it is in {{{first}}} now",
            f"bring our {thing} over to {{{last}}} from {{{first}}}",
            f"{thing} {{{first}}} to {{{last}}}",
        ),
        _values(
            lambda r: _string(first, r.choice(PLACES[:16])),
            lambda r: _string(last, r.choice(PLACES[16:])),
        ),
    )


def _log(thing: str, where: Where, random: Random) -> _Plan:
    what, unit, low, high = random.choice(NUMBERS)
    who = random.choice(("person", "by", "user", "who"))
    return _Plan(
        random.choice(("log", "record", "note", "report")),
        f"{thing} {what}",
        random.choice(
            (f"Notes the {what} of a {thing} and who measured it.", f"Records {thing} {what}")
        ),
        (
            f"{{{who}}} measured a {thing} {what} of {{{what}}}",
            f"note {{{what}}} as {what} of the {thing}, done by {{{who}}}",
            f"log {{{what}}} for the {thing}, {{{who}}} did it",
            f"the {what} of the {thing} was {{{what}}} says {{{who}}}",
        ),
        _values(
            lambda r: _string(who, r.choice(PEOPLE)), lambda r: _number(what, unit, low, high, r)
        ),
    )


def _no_argument(thing: str, where: Where, random: Random) -> _Plan:
    verb, says = random.choice(
        (
            ("reset", ("reset the {t}", "{t} back to zero", "start the {t} from scratch")),
            (
                "calibrate",
                ("calibrate the {t}", "the {t} needs calibrating", "line the {t} up again"),
            ),
            ("list", ("list all {t}s", "which {t}s are there?", "show me every {t}")),
            ("park", ("park the {t}", "put the {t} away", "bring the {t} home")),
            ("test", ("test the {t}", "give the {t} a trial run", "check that the {t} works")),
            ("stop", ("stop the {t}", "halt the {t} right now", "the {t} has to stop")),
            ("pause", ("pause the {t}", "hold the {t} for a moment", "give the {t} a break")),
        )
    )
    rest = f"{thing}s" if verb == "list" else thing
    return _Plan(
        verb, rest, f"{verb.capitalize()}s the {rest}.", tuple(s.format(t=thing) for s in says), ()
    )


_MAKERS = (
    _set_number,
    _set_number,
    _set_choice,
    _set_choice,
    _switch,
    _get,
    _get,
    _add,
    _remove,
    _book,
    _send,
    _find,
    _move,
    _log,
    _no_argument,
)
