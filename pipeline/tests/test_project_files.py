"""Every fault of tools.json and examples.json, with the line a user has to look at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge_llm.project import ProjectError, find_faults, load_project
from edge_llm.project.located_json import JsonError, parse

LAMP = """[
  {
    "name": "set_lamp",
    "description": "Sets the lamp.",
    "parameters": {
      "type": "object",
      "properties": {
        "level": {"type": "integer", "minimum": 0, "maximum": 100},
        "color": {"type": "string", "enum": ["red", "green"]}
      },
      "required": ["level"]
    }
  }
]
"""
ASK = (
    '{"userQuery": "lamp to 40", "expectedToolCalls": '
    '[{"name": "set_lamp", "arguments": {"level": 40}}]}'
)


class App:
    def __init__(self, folder: Path) -> None:
        self.tools, self.examples = folder / "tools.json", folder / "examples.json"
        self.tools.write_text(LAMP)
        self.examples.write_text(f"[\n{ASK}\n]\n")

    def faults(self) -> list[str]:
        root = f"{self.tools.parent}/"
        return [str(fault).replace(root, "") for fault in find_faults(self.tools, self.examples)]


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def test_good_files_are_read(app: App) -> None:
    project = load_project(app.tools, app.examples)
    assert [tool.name for tool in project.tools] == ["set_lamp"]
    assert project.tools[0].parameters["required"] == ["level"]
    (example,) = project.examples
    assert example.query == "lamp to 40"
    assert [(call.name, call.arguments) for call in example.calls] == [("set_lamp", {"level": 40})]
    assert example.line == 2


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "t", "description": "d", "parameters": {"type": "object", "properties": {}}},
        {"name": "t", "description": "d", "inputSchema": {"type": "object", "properties": {}}},
        {
            "type": "function",
            "function": {"name": "t", "description": "d", "parameters": {"type": "object"}},
        },
        {"name": "t", "description": "d"},
    ],
)
def test_every_spelling_of_a_tool(app: App, entry: object) -> None:
    app.tools.write_text(json.dumps([entry]))
    app.examples.write_text('[{"userQuery": "go", "expectedToolCalls": [{"name": "t"}]}]')
    (tool,) = load_project(app.tools, app.examples).tools
    assert (tool.name, tool.description, tool.parameters["type"]) == ("t", "d", "object")


TOOL_FAULTS = {
    "empty": ("", "tools.json:1:1: is empty"),
    "only spaces": (" \n\n", "tools.json:1:1: is empty"),
    "not JSON": ('[\n  {"name" "x"}\n]', 'tools.json:2:11: is not valid JSON: expected ":"'),
    "comment": (
        '[\n  // lamp\n  {"name": "x"}\n]',
        "tools.json:2:3: is not valid JSON: expected a",
    ),
    "comma at the end": ('[\n {"name": "x"},\n]', "tools.json:3:1: is not valid JSON"),
    "cut off": ('[\n {"name": "x"', "tools.json:2:14: is not valid JSON: expected"),
    "unclosed string": (
        '[\n {"name": "x}\n]',
        "tools.json:2:14: is not valid JSON: this string has no closing quote",
    ),
    "not an array": ('\n{"tools": []}', "tools.json:2:1: holds an object, not an array"),
    "no tools": ("[]", "tools.json:1:1: holds no tools"),
    "no name": ('[\n {"description": "x"}]', "tools.json:2:2: this tool has no name"),
    "name with a space": ('[\n {"name": "a b"}]', "tools.json:2:3: the name 'a b' cannot be used"),
    "long name": (f'[{{"name": "{"a" * 65}"}}]', "tools.json:1:3: the name"),
    "name not a string": ('[{"name": 5}]', "tools.json:1:3: the name is a number"),
    "same name": (
        '[\n {"name": "a"},\n {"name": "a"}]',
        "tools.json:3:3: there is already a tool named 'a' in line 2",
    ),
    "key twice": ('[\n {"name": "a", "name": "b"}]', 'tools.json:2:16: "name" is given twice'),
    "not an object": ("[\n 5]", "tools.json:2:2: this tool is a number"),
    "unknown type": (
        '[{"name": "a", "parameters": {"type": "object",\n "properties": {"x":\n'
        ' {"type": "text"}}}}]',
        "tools.json:3:3: the parameters of 'a' are not a valid JSON Schema",
    ),
    "not an object schema": (
        '[{"name": "a",\n "parameters": {"type": "string"}}]',
        "tools.json:2:17: the parameters of 'a' are of type 'string'",
    ),
    "required but not described": (
        '[{"name": "a", "parameters": {"type": "object",\n "required": ["x"]}}]',
        "tools.json:2:15: 'x' is required but not among the properties of 'a'",
    ),
    "schema is a string": (
        '[{"name": "a",\n "parameters": "none"}]',
        "tools.json:2:2: the parameters are a string",
    ),
}


@pytest.mark.parametrize(("text", "said"), TOOL_FAULTS.values(), ids=TOOL_FAULTS.keys())
def test_faults_of_tools(app: App, text: str, said: str) -> None:
    app.tools.write_text(text)
    app.examples.write_text('[{"userQuery": "hello", "expectedToolCalls": []}]')
    faults = app.faults()
    assert len(faults) == 1, faults
    assert faults[0].startswith(said)


def call(arguments: str, name: str = "set_lamp") -> str:
    return (
        f'[\n{{"userQuery": "lamp",\n "expectedToolCalls": [\n'
        f'  {{"name": "{name}",\n   "arguments": {arguments}}}]}}]'
    )


EXAMPLE_FAULTS = {
    "empty": ("", "examples.json:1:1: is empty"),
    "unknown tool": (
        call("{}", "set_lump"),
        "examples.json:4:4: calls the unknown tool 'set_lump'",
    ),
    "missing argument": (call("{}"), "examples.json:5:4: the arguments break the schema"),
    "out of range": (call('{"level": 150}'), "examples.json:5:18: the arguments break the schema"),
    "not in the enum": (
        call('{"level": 1,\n "color": "blue"}'),
        "examples.json:6:2: the arguments break the schema of 'set_lamp': 'blue'",
    ),
    "number as a string": (call('{"level": "40"}'), "examples.json:5:18: the arguments break"),
    "undeclared argument": (
        call('{"level": 1, "speed": 2}'),
        "examples.json:5:30: 'speed' is not a parameter of 'set_lamp'",
    ),
    "arguments not an object": (call("[1]"), "examples.json:5:4: the arguments are an array"),
    "no request": ('[\n{"expectedToolCalls": []}]', "examples.json:2:1: has no userQuery"),
    "empty request": (
        '[\n{"expectedToolCalls": [], "userQuery": " "}]',
        "examples.json:2:27: userQuery is empty",
    ),
    "no calls given": ('[\n{"userQuery": "x"}]', "examples.json:2:1: has no expectedToolCalls"),
    "calls not an array": (
        '[\n{"userQuery": "x", "expectedToolCalls": null}]',
        "examples.json:2:20: the calls are null",
    ),
    "misspelt field": (
        '[\n{"userQuery": "x", "expectedToolCalls": [], "expectedRepley": "y"}]',
        "examples.json:2:45: examples have no field 'expectedRepley'",
    ),
    "unknown role": (
        '[{"userQuery": "x", "expectedToolCalls": [],\n "history": [{"role": "robot"}]}]',
        "examples.json:2:14: this turn has no known role",
    ),
    "unknown tool in the history": (
        '[{"userQuery": "x", "expectedToolCalls": [],\n "history": [{"role": "assistant",'
        '\n "calls": [{"name": "nope"}]}]}]',
        "examples.json:3:13: calls the unknown tool 'nope'",
    ),
    "disagreement": (
        f'[\n{ASK},\n{{"userQuery": "Lamp  to 40.", "expectedToolCalls": []}}]',
        "examples.json:3: expects other calls than the same request in line 2",
    ),
}


@pytest.mark.parametrize(("text", "said"), EXAMPLE_FAULTS.values(), ids=EXAMPLE_FAULTS.keys())
def test_faults_of_examples(app: App, text: str, said: str) -> None:
    app.examples.write_text(text)
    faults = app.faults()
    assert len(faults) == 1, faults
    assert faults[0].startswith(said)


def test_all_faults_are_listed_at_once(app: App) -> None:
    app.tools.write_text('[\n{"name": "a b"},\n{"name": "a"},\n{"name": "a"}]')
    app.examples.write_text(
        '[\n{"userQuery": ""},\n{"userQuery": "x", "expectedToolCalls": [{"name": "b"}]}]'
    )
    with pytest.raises(ProjectError) as raised:
        load_project(app.tools, app.examples)
    places = [(Path(fault.file).name, fault.line) for fault in raised.value.faults]
    assert places == [
        ("tools.json", 2),
        ("tools.json", 4),
        ("examples.json", 2),
        ("examples.json", 2),
        ("examples.json", 3),
    ]


def test_a_broken_tool_is_not_called_unknown(app: App) -> None:
    app.tools.write_text(LAMP.replace('"integer"', '"whole"'))
    assert [fault.split(":")[0] for fault in app.faults()] == ["tools.json"]
    app.tools.write_text("[")
    assert [fault.split(":")[0] for fault in app.faults()] == ["tools.json"]


def test_missing_files_and_wrong_encodings(app: App) -> None:
    app.tools.unlink()
    app.examples.write_bytes(b'[{"userQuery": "caf\xe9"}]')
    assert [fault.split(". ")[0] for fault in app.faults()] == [
        "tools.json: there is no such file",
        "examples.json: is not UTF-8 text (invalid continuation byte)",
    ]


def test_history_ends_with_a_result(app: App) -> None:
    app.examples.write_text(
        json.dumps(
            [
                {
                    "history": [
                        {"role": "user", "content": "lamp to 40"},
                        {
                            "role": "assistant",
                            "calls": [{"name": "set_lamp", "arguments": {"level": 40}}],
                        },
                        {"role": "tool", "name": "set_lamp", "content": {"ok": True}},
                    ],
                    "expectedToolCalls": [],
                    "expectedReply": "The lamp is at 40.",
                }
            ]
        )
    )
    (example,) = load_project(app.tools, app.examples).examples
    assert example.query == ""
    assert [message.role for message in example.history] == ["user", "assistant", "tool"]
    assert example.history[2].content == '{"ok": true}'
    assert example.answer.text == "The lamp is at 40."


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, 2.5e3, -0, "\\u00e9\\n", true, null, {}, []]}',
        '"x"',
        " [ ] ",
        "\ufeff[1]",
        "1e400",
    ],
)
def test_located_json_reads_what_json_reads(text: str) -> None:
    assert parse(text).value == json.loads(text.lstrip("\ufeff"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1,]",
        "{'a': 1}",
        "[01]",
        "[NaN]",
        "nul",
        '{"a"}',
        '"\t"',
        "[1] 2",
        '"\\x"',
        "[" * 100_000,
    ],
)
def test_located_json_refuses_what_is_not_json(text: str) -> None:
    with pytest.raises(JsonError):
        parse(text)


def test_places_count_characters_and_lines() -> None:
    found = parse('{"ä": 1,\r\n  "b": [\n  10, 20]}')
    assert found.place(("ä",)) == (1, 2)
    assert found.place(("b", 1)) == (3, 7)
    assert found.place(("b", 7)) == (2, 3)
