"""Holds the arguments of a call against the tool's schema, with a place for every fault."""

from __future__ import annotations

import difflib
from typing import Any

from edge_llm.project.json_file import JsonFile, kind_of
from edge_llm.project.located_json import JsonPath
from edge_llm.project.tools_file import ToolsFile
from edge_llm.samples import Call, Tool


def read_calls(file: JsonFile, at: JsonPath, value: Any, known: ToolsFile) -> tuple[Call, ...]:
    """The calls of an array `[{name, arguments}]`; faults go to the file."""
    if not isinstance(value, list):
        file.fault(
            at, f"the calls are {kind_of(value)}, not an array", "Write [] where none is right"
        )
        return ()
    calls = []
    for index, entry in enumerate(value):
        call = _read_call(file, (*at, index), entry, known)
        if call:
            calls.append(call)
    return tuple(calls)


def _read_call(file: JsonFile, at: JsonPath, entry: Any, known: ToolsFile) -> Call | None:
    if not isinstance(entry, dict):
        file.fault(at, f"this call is {kind_of(entry)}", "Write {name, arguments}")
        return None
    name = entry.get("name")
    if not isinstance(name, str):
        file.fault(at, "this call names no tool", 'Add "name"')
        return None
    arguments = entry.get("arguments", {})
    if not isinstance(arguments, dict):
        file.fault(
            (*at, "arguments"),
            f"the arguments are {kind_of(arguments)}, not an object",
            "Write {name: value, …}",
        )
        return None
    if not known.may_have(name):
        near = difflib.get_close_matches(name, known.tools, 1)
        listed = ", ".join(known.tools) or "none"
        advice = f"Perhaps {near[0]!r} is meant" if near else f"Known are {listed}"
        file.fault((*at, "name"), f"calls the unknown tool {name!r}", advice)
        return None
    if name in known.tools:
        _check(file, (*at, "arguments"), arguments, known.tools[name])
    return Call(name=name, arguments=arguments)


def _check(file: JsonFile, at: JsonPath, arguments: dict[str, Any], tool: Tool) -> None:
    from jsonschema import Draft202012Validator

    schema = tool.parameters
    for error in Draft202012Validator(schema).iter_errors(arguments):
        file.fault(
            (*at, *error.absolute_path),
            f"the arguments break the schema of {tool.name!r}: {error.message}",
            "Correct the example, or the schema in the file of tools",
        )
    if "additionalProperties" in schema or "patternProperties" in schema:
        return
    # A schema that says nothing about others allows them, but a model that learns an
    # argument nobody declared will invent more.
    for key in arguments.keys() - schema.get("properties", {}).keys():
        file.fault(
            (*at, key),
            f"{key!r} is not a parameter of {tool.name!r}",
            'Declare it, or set "additionalProperties": true',
        )
