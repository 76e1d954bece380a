"""Formats render what chat templates render, and read back what they write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge_llm.chat import ChatTemplate
from edge_llm.formats import FORMAT_NAMES, get_format
from edge_llm.samples import (
    Answer,
    Call,
    Message,
    Sample,
    Tool,
    dump,
    read_samples,
    write_samples,
)

TOOLS = (
    Tool(
        "set_color",
        'Change the "colour"',
        {
            "type": "object",
            "properties": {"color": {"type": "string", "enum": ["röd", "blue"]}},
            "required": ["color"],
            "additionalProperties": False,
        },
    ),
    Tool("stop", "", {"type": "object", "properties": {}}),
)
CALLS = (Call("set_color", {"color": "röd"}), Call("stop", {}))
CONVERSATIONS = [
    [Message("user", "hi")],
    [Message("system", "Be brief."), Message("user", "hi")],
    [
        Message("user", "red and stop"),
        Message("assistant", "", CALLS),
        Message("tool", '{"ok": true}', name="set_color"),
        Message("tool", "null", name="stop"),
        Message("assistant", "Done."),
        Message("user", "again"),
        Message("assistant", "Sure:", CALLS[:1]),
        Message("tool", '{"ok": true}', name="set_color"),
    ],
]


def hub_message(message: Message) -> dict[str, object]:
    value: dict[str, object] = {"role": message.role, "content": message.content}
    if message.calls:
        value["tool_calls"] = [
            {"type": "function", "function": call.to_json()} for call in message.calls
        ]
    return value


@pytest.mark.parametrize("conversation", CONVERSATIONS)
@pytest.mark.parametrize("tools", [TOOLS, ()])
def test_hermes_prompt_is_what_its_template_renders(
    conversation: list[Message], tools: tuple[Tool, ...], tmp_path: Path
) -> None:
    tool_format = get_format("hermes")
    (tmp_path / "chat_template.jinja").write_text(tool_format.chat_template, encoding="utf-8")
    rendered = ChatTemplate(tmp_path).render(
        [hub_message(message) for message in conversation],  # type: ignore[misc]
        reply=True,
        tools=[{"type": "function", "function": tool.to_json()} for tool in tools],
    )
    assert tool_format.prompt(conversation, tools) == rendered


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_reads_back_what_it_writes(name: str) -> None:
    tool_format = get_format(name)
    arguments = {"a": [1, 2.5, "x, {y}: [z]"], "b": {"c": True, "d": None}, "e": "", "f": -3}
    calls = (Call("one", arguments), Call("two.three", {}))
    parsed = tool_format.parse(tool_format.answer(Answer(calls)))
    assert parsed.calls == calls
    assert (parsed.text, parsed.malformed) == ("", None)
    words = tool_format.parse(tool_format.answer(Answer((), "No.")))
    assert (words.calls, words.text) == ((), "No.")


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_a_call_that_is_cut_off_is_malformed(name: str) -> None:
    tool_format = get_format(name)
    whole = tool_format.answer(Answer((Call("one", {"a": "b"}),)))
    parsed = tool_format.parse(whole[: len(whole) // 2])
    assert parsed.calls == ()
    assert parsed.malformed


def test_functiongemma_to_the_letter() -> None:
    prompt = get_format("functiongemma").prompt(CONVERSATIONS[2][:4], TOOLS[:1])
    assert prompt == (
        "<bos><start_of_turn>developer\nYou are a model that can do function calling with the "
        "following functions<start_function_declaration>declaration:set_color{description:"
        '<escape>Change the "colour"<escape>,parameters:{properties:{color:{enum:[<escape>röd'
        "<escape>,<escape>blue<escape>],type:<escape>STRING<escape>}},required:[<escape>color"
        "<escape>],type:<escape>OBJECT<escape>}}<end_function_declaration><end_of_turn>\n"
        "<start_of_turn>user\nred and stop<end_of_turn>\n<start_of_turn>model\n"
        "<start_function_call>call:set_color{color:<escape>röd<escape>}<end_function_call>"
        "<start_function_call>call:stop{}<end_function_call>"
        "<start_function_response>response:set_color{ok:true}<end_function_response>"
        "<start_function_response>response:stop{value:null}<end_function_response>"
    )


# What JavaScript's reader of the same format is held to as well.
SHARED = json.loads(
    (Path(__file__).parents[2] / "test/fixtures/functiongemma.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", SHARED["outputs"], ids=lambda case: case["name"])
def test_functiongemma_reads_as_the_browser_does(case: dict[str, Any]) -> None:
    parsed = get_format("functiongemma").parse(case["output"])
    assert [call.to_json() for call in parsed.calls] == case["calls"]
    assert parsed.malformed is not None if case["malformed"] else parsed.malformed is None
    assert case["malformed"] or parsed.text == case["text"]


def test_functiongemma_writes_as_the_browser_does() -> None:
    tool_format = get_format("functiongemma")
    for case in SHARED["calls"]:
        calls = tuple(Call(call["name"], call["arguments"]) for call in case["calls"])
        assert tool_format.answer(Answer(calls)) == case["text"] + "<start_function_response>"
    for case in SHARED["declarations"]:
        prompt = tool_format.prompt([Message("user", "hi")], [Tool(**case["tool"])])
        assert f"<start_function_declaration>{case['text']}<end_function_declaration>" in prompt
    for case in SHARED["results"]:
        prompt = tool_format.prompt([Message("tool", case["content"], name="f")], [])
        assert f"<start_function_response>{case['text']}<end_function_response>" in prompt


def test_samples_survive_a_file(tmp_path: Path) -> None:
    sample = Sample("a", "single", "x", TOOLS, (CONVERSATIONS[2][1],), Answer(CALLS), 0.5)
    write_samples(tmp_path / "s.jsonl", [sample])
    assert read_samples(tmp_path / "s.jsonl") == [sample]


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('\n{"id": 1}\n')
    with pytest.raises(ValueError, match=r"s\.jsonl:2"):
        read_samples(tmp_path / "s.jsonl")


def test_whole_floats_are_integers() -> None:
    assert dump({"a": [24.0, 0.5]}) == json.dumps({"a": [24, 0.5]})
