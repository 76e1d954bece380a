"""Numbers said in words, as shares, hours and durations are recognised and exchanged exactly."""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any

import pytest

from edge_llm.expand import data_folder, expand_project
from edge_llm.expand.apps import App, read_apps
from edge_llm.expand.number_words import clock_ways, duration_ways, in_words, readings
from edge_llm.expand.numbers import find_spoken, say_another
from edge_llm.expand.slots import ValuePool, vary_values
from edge_llm.samples import Answer, Call, Message, Sample, Tool, tool_from_json
from edge_llm.schema_check import schema_problems

HOUR = {"type": "integer", "minimum": 0, "maximum": 23, "description": "Hour of the day"}
COUNT = {"type": "integer", "minimum": 0, "maximum": 1000}
PERCENT = {"type": "integer", "minimum": 0, "maximum": 100}
PROPERTIES: dict[str, Any] = {
    "hour": HOUR,
    "count": COUNT,
    "percent": PERCENT,
    "minutes": {"type": "integer", "minimum": 1, "maximum": 600},
    "seconds": {"type": "integer", "minimum": 1},
    "ms": {"type": "integer"},
    "length": {"type": "number", "description": "How long, in hours"},
    "delay": COUNT,
    "level": {"type": "integer", "enum": [1, 2, 3]},
    "hours": {"type": "integer", "minimum": 1, "maximum": 24},
    "rate": {"type": "integer", "description": "Turns per hour", "maximum": 24, "minimum": 0},
    "list": {"type": "array", "items": {"type": "integer"}},
    "title": {"type": "string"},
    "id": COUNT,
}
TOOL = Tool("do", "Does it.", {"type": "object", "properties": PROPERTIES})
POOL = ValuePool([])


def request(say: str, *more: dict[str, Any], **arguments: Any) -> Sample:
    calls = tuple(Call("do", each) for each in (arguments, *more))
    return Sample(say, "single", "t", (TOOL,), (Message("user", say),), Answer(calls))


def found(sample: Sample) -> list[tuple[str, float, str]]:
    spoken = find_spoken(sample.messages[-1].content, sample.answer.calls, sample.tools)
    return [(one.key, one.value, one.reading.said) for one in spoken]


def variants(sample: Sample, count: int = 120) -> list[Sample]:
    (one,) = find_spoken(sample.messages[-1].content, sample.answer.calls, sample.tools)
    made = [say_another(sample, one, Random(seed)) for seed in range(count)]
    return [each for each in made if each != sample]


@pytest.mark.parametrize(
    ("say", "key", "value", "said"),
    [
        ("The sky over Lisbon at 10 pm, please", "hour", 22, "10 pm"),
        ("show it at 10pm", "hour", 22, "10pm"),
        ("at 3 in the morning", "hour", 3, "3 in the morning"),
        ("at eight in the evening", "hour", 20, "eight in the evening"),
        ("Lima at 23 o'clock", "hour", 23, "23 o'clock"),
        ("start at 18:00", "hour", 18, "18:00"),
        ("tokyo midnight", "hour", 0, "midnight"),
        ("wake me at noon", "hour", 12, "noon"),
        ("be there at 12 am", "hour", 0, "12 am"),
        ("be there at 12 p.m.", "hour", 12, "12 p.m."),
        ("set it to thirty", "count", 30, "thirty"),
        ("take twenty-five of them", "count", 25, "twenty-five"),
        ("take twenty five of them", "count", 25, "twenty five"),
        ("get me a dozen eggs", "count", 12, "a dozen"),
        ("move by three hundred and four", "count", 304, "three hundred and four"),
        ("a hundred copies", "count", 100, "a hundred"),
        ("make the stars half as bright as they can be", "percent", 50, "half"),
        ("stars to a quarter", "percent", 25, "a quarter"),
        ("stars to one quarter", "percent", 25, "one quarter"),
        ("stars at three quarters", "percent", 75, "three quarters"),
        ("dim to a third", "percent", 33, "a third"),
        ("wait for half an hour", "minutes", 30, "half an hour"),
        ("wait for half an hour", "seconds", 1800, "half an hour"),
        ("wait for half an hour", "length", 0.5, "half an hour"),
        ("wait a quarter of an hour", "minutes", 15, "a quarter of an hour"),
        ("stop in an hour", "minutes", 60, "an hour"),
        ("stop in an hour and a half", "seconds", 5400, "an hour and a half"),
        ("stop in two and a half hours", "minutes", 150, "two and a half hours"),
        ("stop after two minutes", "seconds", 120, "two minutes"),
        ("stop after 90 seconds", "seconds", 90, "90 seconds"),
        ("blink for two seconds", "ms", 2000, "two seconds"),
    ],
)
def test_a_spoken_number_is_found_and_exchanged(
    say: str, key: str, value: float, said: str
) -> None:
    sample = request(say, **{key: value})
    assert found(sample) == [(key, value, said)]
    others = variants(sample)
    before, after = say.split(said)
    values = set()
    for other in others:
        new = other.answer.calls[0].arguments[key]
        text = other.messages[0].content
        assert text.startswith(before) and text.endswith(after)
        assert new != value
        assert not list(schema_problems(new, PROPERTIES[key]))
        assert found(other) == [(key, new, text[len(before) : len(text) - len(after)])]
        values.add(new)
    assert len(values) > 2


@pytest.mark.parametrize(
    ("say", "arguments"),
    [
        # Parts of codes, dates, times, decimals and ordinals.
        ("book A-10 pm please", {"hour": 22}),
        ("gate A-ten please", {"count": 10}),
        ("the twenty-first of them", {"count": 20}),
        ("the twenty first of them", {"count": 20}),
        ("on May five it is", {"count": 5}),
        ("on five May it is", {"count": 5}),
        ("show it at 10:30", {"hour": 10}),
        ("show it at 10:30 pm", {"hour": 22}),
        ("show it at half past ten", {"count": 10}),
        ("show it at half past 10 pm", {"hour": 22}),
        ("from 8 to 10 pm please", {"hour": 22}),
        ("from 2026-10-10 to 2026-10-12:00", {"hour": 12}),
        ("raise it by two point five", {"count": 5}),
        ("turn it to minus five", {"count": 5}),
        ("turn it to five and a half", {"count": 5}),
        ("the year nineteen ninety", {"count": 19}),
        ("that is five thousand", {"count": 5}),
        ("three euros twenty for it", {"count": 3}),
        ("three euros twenty for it", {"count": 20}),
        # Said twice, or of two arguments.
        ("thirty, I said 30", {"count": 30}),
        ("from noon, yes at 12 pm", {"hour": 12}),
        ("both to thirty please", {"count": 30, "delay": 30}),
        ("the thirty of them", {"count": 30, "list": [30, 4]}),
        ("wait half an hour", {"minutes": 30, "seconds": 1800}),
        # Another value, or of another kind.
        ("show it at 10 pm", {"hour": 10}),
        ("show it at 10 pm", {"count": 10}),
        ("show it at 25 pm", {"hour": 1}),
        ("show it at eight", {"hour": 8}),
        ("it starts at noon", {"hours": 12}),
        ("it starts at noon", {"rate": 12}),
        ("it runs 12 am to one", {"delay": 12}),
        ("set it to half", {"count": 50}),
        ("make it half", {"delay": 50}),
        ("give me a quarter turn", {"percent": 25}),
        ("cut it in half", {"percent": 50}),
        ("come at half past", {"percent": 50}),
        ("take half a dozen", {"percent": 50}),
        ("twice in half an hour", {"percent": 50}),
        ("a quarter to eight", {"percent": 25}),
        ("wait half an hour", {"delay": 30}),
        ("wait for two hours", {"count": 2}),
        ("an hour and forty minutes for it", {"minutes": 40}),
        ("set 5 to 10 minutes", {"minutes": 10}),
        ("from 8 pm to 10, please", {"hour": 20}),
        ("stop in two hours and 10 minutes", {"minutes": 120}),
        ("for 10 minutes a day", {"minutes": 10}),
        ("check it twice an hour", {"minutes": 60}),
        ("turn on the red one", {"count": 1}),
        ("one of them is broken", {"count": 1}),
        ("these two are for me", {"count": 2}),
        ("put it to two", {"level": 2}),
        # Names.
        ("play Seventeen for me", {"count": 17}),
        ("find the seven samurai", {"title": "the seven samurai", "count": 7}),
        # Other languages.
        ("mets le volume sur six", {"count": 6}),
        ("zet de lamp op half", {"percent": 50}),
        ("alza la luce a zero", {"count": 0}),
        ("Licht um 18:00 Uhr", {"hour": 18}),
        ("Licht 18:00", {"hour": 18}),
        ("pendant 10 minutes", {"minutes": 10}),
        ("włącz ten 10 pm", {"hour": 22}),
        ("für midnight bitte", {"hour": 0}),
    ],
)
def test_what_is_no_spoken_number_is_left(say: str, arguments: dict[str, Any]) -> None:
    assert found(request(say, **arguments)) == []


def test_calls_side_by_side_keep_their_own_numbers() -> None:
    sample = request("three hours for Kim and two for Lee", {"length": 2}, length=3)
    assert found(sample) == [("length", 3, "three hours"), ("length", 2, "two")]
    first = find_spoken(sample.messages[0].content, sample.answer.calls, sample.tools)[0]
    for seed in range(40):
        other = say_another(sample, first, Random(seed))
        # "Two" leans on the unit.
        assert "hour for Kim" in other.messages[0].content.replace("hours", "hour")
        assert other.answer.calls[1] == sample.answer.calls[1]


def test_words_are_read_as_they_are_said() -> None:
    for number in range(1000):
        for words in (in_words(number), in_words(number, " ")):
            assert [each.amount for each in readings(f"it is {words}.")] == [number], words
    for hour in range(24):
        for words in clock_ways(hour):
            (each,) = readings(f"at {words}, please")
            assert (each.family, each.said, each.amount) == ("clock", words, hour)
    for minutes in (0.5, 1, 1.5, 2, 15, 30, 45, 60, 90, 120):
        for words in duration_ways(int(minutes * 60_000), False):
            (each,) = readings(f"for {words}.")
            assert (each.family, each.said, each.amount) == ("duration", words, minutes * 60_000)
    assert duration_ways(3_600_000, True) == ["60 minutes", "sixty minutes"]


def test_forms_stay_in_their_family() -> None:
    shares = {each.messages[0].content for each in variants(request("dim to half", percent=50))}
    assert {"dim to a quarter", "dim to three quarters", "dim to a third"} <= shares
    assert all(next(readings(say)).family == "share" for say in shares)
    hours = {each.messages[0].content for each in variants(request("at 4 am", hour=4))}
    assert {"at midnight", "at noon"} <= hours
    assert any(say.endswith("in the evening") for say in hours)
    assert any(say.endswith(":00") for say in hours)
    long = [each.answer.calls[0] for each in variants(request("for half an hour", minutes=30))]
    assert {15, 45, 60} <= {call.arguments["minutes"] for call in long}


def test_grammar_is_kept() -> None:
    for each in variants(request("the next two minutes are mine", seconds=120)):
        assert not each.messages[0].content.startswith(("the next a", "the next half"))
    for each in variants(request("I give it an eight", count=8)):
        assert each.messages[0].content in ("I give it an eleven", "I give it an eighteen")
    for each in variants(request("three nights", count=3)):
        assert each.answer.calls[0].arguments["count"] > 1
    for each in variants(request("Thirty of them", count=30)):
        assert each.messages[0].content[0].isupper()


def test_digits_become_words_at_times() -> None:
    made = [vary_values(request("set it to 40", count=40), POOL, Random(s), 1) for s in range(200)]
    words = [each for each in made if not each.messages[0].content[-1].isdigit()]
    assert 10 < len(words) < 60
    for each in words:
        said = each.messages[0].content.removeprefix("set it to ").replace("-", " ")
        assert said == in_words(each.answer.calls[0].arguments["count"], " ")


@pytest.mark.parametrize(
    ("say", "arguments"),
    [
        ("pour 40 ml of it", {"count": 40}),
        ("turn it to 40% please", {"count": 40}),
        ("this is gate B 40", {"count": 40}),
        ("show me 40", {"id": 40}),
        ("helligkeit 40", {"count": 40}),
    ],
)
def test_digits_that_are_no_plain_number_stay(say: str, arguments: dict[str, Any]) -> None:
    for seed in range(100):
        made = vary_values(request(say, **arguments), POOL, Random(seed), 1)
        (value,) = made.answer.calls[0].arguments.values()
        assert made.messages[0].content == say.replace("40", str(value))


def test_digits_of_an_hour_are_not_exchanged_alone() -> None:
    for seed in range(40):
        # The day's part contradicts most other hours, so nothing fits.
        sample = request("show it at 10 am this morning", hour=10)
        assert vary_values(sample, POOL, Random(seed), 1) == sample


def test_values_stay_in_the_schema() -> None:
    schema = {"type": "integer", "exclusiveMinimum": 10, "maximum": 30, "multipleOf": 5}
    tool = Tool("do", "Does it.", {"type": "object", "properties": {"count": schema}})
    call = Call("do", {"count": 20})
    message = Message("user", "set it to twenty")
    sample = Sample("s", "single", "t", (tool,), (message,), Answer((call,)))
    values = {each.answer.calls[0].arguments["count"] for each in variants(sample)}
    assert values == {15, 25, 30}


def apps() -> list[App]:
    return read_apps([data_folder() / "requests"])


def test_whatever_is_varied_is_allowed_and_can_be_read_again() -> None:
    random, pool, changed = Random(11), ValuePool(apps()), Counter[str]()
    for app in apps():
        for sample in app.requests:
            if not sample.messages or sample.messages[-1].role != "user":
                continue
            tools = {tool.name: tool.parameters for tool in sample.tools}
            other = vary_values(sample, pool, random, 1)
            for call in other.answer.calls:
                assert not list(schema_problems(call.arguments, tools[call.name])), other
            if len(sample.messages) > 2:
                continue
            say = sample.messages[-1].content
            for one in find_spoken(say, sample.answer.calls, sample.tools):
                new = say_another(sample, one, random)
                if new == sample:
                    continue
                value = new.answer.calls[one.call].arguments[one.key]
                text = new.messages[-1].content
                again = find_spoken(text, new.answer.calls, new.tools)
                assert (one.call, one.key, value) in [(a.call, a.key, a.value) for a in again], text
                assert value != one.value
                changed[one.reading.family] += 1
    assert set(changed) == {"clock", "duration", "share", "number"}
    assert changed.total() > 1000


def test_one_app_learns_hours_and_shares_that_no_example_names() -> None:
    folder = data_folder() / "one-app"
    tools = [tool_from_json(each) for each in json.loads((folder / "tools.json").read_text())]
    by_name = {tool.name: tool.parameters for tool in tools}
    examples = []
    for index, each in enumerate(json.loads((folder / "examples.json").read_text())):
        calls = tuple(Call(call["name"], call["arguments"]) for call in each["expectedToolCalls"])
        answer = Answer(calls, each.get("expectedReply", ""))
        message = Message("user", each["userQuery"])
        kind = "single" if calls else "irrelevant"
        examples.append(Sample(str(index), kind, "app", tuple(tools), (message,), answer))
    made = expand_project(tools, examples, 600, 2)
    assert expand_project(tools, examples, 600, 2) == made
    hours, percents = set(), set()
    for sample in made:
        for call in sample.answer.calls:
            if call.name in by_name:
                assert not list(schema_problems(call.arguments, by_name[call.name])), sample
        say = sample.messages[-1].content
        for key, value, said in found(sample):
            assert said in say
            hours |= {value} if key == "hour" else set()
            percents |= {value} if key == "percent" else set()
    assert len(hours) > 12
    assert {25, 33, 50, 75} <= percents
