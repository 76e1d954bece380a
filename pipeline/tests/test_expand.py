"""What is made out of requests is as right as the requests were."""

from __future__ import annotations

from random import Random

import jsonschema
import pytest

from edge_llm.expand import data_folder, expand_project, general_samples, plain_samples
from edge_llm.expand.apps import NO_CALL_KINDS, App, read_app
from edge_llm.expand.company import among_strangers
from edge_llm.expand.disguise import disguise, parts_of
from edge_llm.expand.invented import invented_app
from edge_llm.expand.mixture import Mixture
from edge_llm.expand.number_words import in_words
from edge_llm.expand.parallel import repeated, with_one_unwanted
from edge_llm.expand.refusals import lacking, negated, out_of_range
from edge_llm.expand.slots import ValuePool, find_slots, vary_values
from edge_llm.expand.words import find_once
from edge_llm.samples import Answer, Call, Message, Sample, Tool

LAMP = Tool(
    "set_lamp",
    "Brightness of a lamp.",
    {
        "type": "object",
        "properties": {
            "room": {"type": "string", "enum": ["hall", "living_room", "kitchen"]},
            "percent": {"type": "integer", "minimum": 0, "maximum": 100},
        },
        "required": ["room", "percent"],
    },
)
MUSIC = Tool(
    "play", "Plays a song.", {"type": "object", "properties": {"song": {"type": "string"}}}
)


def request(say: str, name: str = "set_lamp", **arguments: object) -> Sample:
    answer = Answer((Call(name, dict(arguments)),))
    return Sample(say, "single", "t", (LAMP, MUSIC), (Message("user", say),), answer)


WISH = request("set the lamp in the living room to 40", room="living_room", percent=40)
POOL = ValuePool([App("a", "an app", (LAMP, MUSIC), (WISH,))])


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return general_samples(3000, 5)


def test_every_call_is_allowed_by_its_tool(samples: list[Sample]) -> None:
    for sample in samples:
        tools = {tool.name: tool for tool in sample.tools}
        assert len(tools) == len(sample.tools), sample.id
        for call in sample.answer.calls:
            jsonschema.validate(call.arguments, tools[call.name].parameters)


def test_kinds_without_a_call_have_words(samples: list[Sample]) -> None:
    for sample in samples:
        assert bool(sample.answer.calls) != bool(sample.answer.text), sample.id
        if sample.kind in NO_CALL_KINDS:
            assert not sample.answer.calls, sample.id


def test_a_seed_gives_the_same_samples(samples: list[Sample]) -> None:
    assert general_samples(3000, 5) == samples
    assert general_samples(300, 6) != samples[:300]


def test_no_held_out_sentence_is_trained_on(samples: list[Sample]) -> None:
    data = data_folder()
    held_out = {
        request.messages[-1].content
        for folder in ("dev", "test", "demos-test", "one-app-test")
        for request in plain_samples(data / folder)
        if request.messages[-1].role == "user"
    }
    trained = {sample.messages[-1].content for sample in samples}
    assert held_out
    assert not held_out & trained


def test_slots_are_values_said_word_for_word() -> None:
    slots = find_slots(WISH.messages[0].content, WISH.answer.calls, WISH.tools)
    assert [slot.said for slot in slots] == ["living room", "40"]


@pytest.mark.parametrize(
    ("text", "part", "found"),
    [
        ("at 7:30 to 30", "30", True),
        ("on the 5th", "5", False),
        ("1.5 litres", "5", False),
        ("2026-05-01", "05", False),
        ("lamp 40.", "40", True),
        ("40 and 40", "40", False),
        ("the hallway", "hall", False),
    ],
)
def test_a_value_is_found_only_where_it_stands_alone(text: str, part: str, found: bool) -> None:
    assert (find_once(text, part) is not None) == found


def test_values_change_in_words_and_call_alike() -> None:
    random = Random(1)
    seen = set()
    for _ in range(50):
        sample = vary_values(WISH, POOL, random, 1)
        arguments = sample.answer.calls[0].arguments
        jsonschema.validate(arguments, LAMP.parameters)
        said = sample.messages[0].content.replace("-", " ")
        percent = arguments["percent"]
        assert said.endswith((f" {percent}", f" {in_words(percent, ' ')}"))
        assert arguments["room"].replace("_", " ") in sample.messages[0].content
        seen.add((arguments["room"], arguments["percent"]))
    assert len(seen) > 20


def test_refusals_are_made_of_wishes() -> None:
    random = Random(2)
    for _ in range(40):
        no = negated(WISH, random)
        assert no is not None
        assert (no.kind, no.answer.calls) == ("negation", ())
        beyond = out_of_range(WISH, POOL, random)
        if beyond:
            assert beyond.messages[0].content != WISH.messages[0].content
            assert beyond.answer.calls == ()
    left_out = {lacking(WISH, random).messages[0].content for _ in range(20)}  # type: ignore[union-attr]
    assert left_out == {"set the lamp to 40", "set the lamp in the living room"}


def test_one_wish_for_several_values() -> None:
    sample = repeated(WISH, POOL, Random(3))
    assert sample is not None
    rooms = [call.arguments["room"] for call in sample.answer.calls]
    assert len(rooms) > 1
    assert len(set(rooms)) == len(rooms)
    for room in rooms:
        assert room.replace("_", " ") in sample.messages[0].content


def test_an_unwanted_wish_is_not_called() -> None:
    music = request("play Yesterday", "play", song="Yesterday")
    sample = with_one_unwanted(WISH, music, Random(4))
    assert sample is not None
    assert sample.answer == WISH.answer
    assert "play Yesterday" in sample.messages[0].content


def test_strangers_cannot_serve() -> None:
    lights = App("b", "b", (Tool("lamp_off", "Turns a lamp off.", {"type": "object"}),), ())
    weather = App("c", "c", (Tool("rain", "Chance of rain.", {"type": "object"}),), ())
    for seed in range(20):
        sample = among_strangers(WISH, [lights, weather], Random(seed))
        if sample:
            assert [tool.name for tool in sample.tools] == ["rain"]
            assert sample.answer.calls == ()


def test_a_disguise_keeps_tools_and_calls_together() -> None:
    names = set()
    for seed in range(60):
        sample = disguise(WISH, Random(seed))
        tools = {tool.name: tool for tool in sample.tools}
        jsonschema.validate(
            sample.answer.calls[0].arguments, tools[sample.answer.calls[0].name].parameters
        )
        names.add(sample.answer.calls[0].name)
    assert {"setLamp", "set-lamp", "SetLamp"} <= names
    assert parts_of("getRoom.temp_c") == ["get", "room", "temp", "c"]


def test_a_project_keeps_its_own_tools() -> None:
    made = expand_project((LAMP, MUSIC), [WISH], 60, 1)
    assert len(made) == 60
    assert all(sample.tools == (LAMP, MUSIC) for sample in made if sample.kind != "irrelevant")


def test_every_request_comes_before_any_comes_again() -> None:
    app = read_app(data_folder() / "requests" / "banking.json")
    singles = sum(request.kind == "single" for request in app.requests)
    drawn = Mixture([app], 1, shares={"single": 1.0}).draw(singles)
    assert len({sample.id.split("#")[0] for sample in drawn}) == singles


def test_invented_apps_are_sound_and_ever_new() -> None:
    names = set()
    for seed in range(80):
        app = invented_app(seed)
        assert invented_app(seed) == app
        tools = {tool.name: tool for tool in app.tools}
        assert len(tools) == len(app.tools) >= 1
        names |= set(tools)
        for sample in app.requests:
            (call,) = sample.answer.calls
            jsonschema.validate(call.arguments, tools[call.name].parameters)
            assert "{" not in sample.messages[0].content
            for value in call.arguments.values():
                assert isinstance(value, bool) or str(value) in sample.messages[0].content
    assert len(names) > 300
