"""One entry of tools.json, in any of the three spellings that are in use."""

from __future__ import annotations

import re
from typing import Any

from edge_llm.project.json_file import JsonFile, kind_of
from edge_llm.project.located_json import JsonPath
from edge_llm.samples import Tool

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SCHEMA_KEYS = ("parameters", "inputSchema", "input_schema")


def read_tool(file: JsonFile, index: int) -> Tool | None:
    """The tool, or None where a fault was found.

    Accepts `{name, description, parameters}`, the same with `inputSchema` in place of
    `parameters`, and OpenAI's `{type: "function", function: {…}}`.
    """
    entry = file.entries[index]
    at: JsonPath = (index,)
    before = len(file.faults)
    if isinstance(entry, dict) and isinstance(entry.get("function"), dict):
        entry, at = entry["function"], (index, "function")
    if not isinstance(entry, dict):
        file.fault(at, f"this tool is {kind_of(entry)}, not an object", "Write {name, …}")
        return None
    name = _name(file, at, entry)
    description = entry.get("description", "")
    if not isinstance(description, str):
        file.fault(
            (*at, "description"),
            f"the description is {kind_of(description)}, not a string",
            "Say in a sentence what the tool does",
        )
    schema = _schema(file, at, entry, name)
    if len(file.faults) > before:
        return None
    return Tool(name=name, description=description, parameters=schema)


def _name(file: JsonFile, at: JsonPath, entry: dict[str, Any]) -> str:
    name = entry.get("name")
    if name is None:
        file.fault(at, "this tool has no name", 'Add "name"')
    elif not isinstance(name, str):
        file.fault((*at, "name"), f"the name is {kind_of(name)}, not a string", "Quote it")
    elif not _NAME.fullmatch(name):
        file.fault(
            (*at, "name"),
            f"the name {name!r} cannot be used",
            "Use 1 to 64 of the characters A-Z a-z 0-9 _ . -",
        )
    return name if isinstance(name, str) else ""


def _schema(file: JsonFile, at: JsonPath, entry: dict[str, Any], name: str) -> dict[str, Any]:
    given = [key for key in _SCHEMA_KEYS if key in entry]
    if not given:
        return {"type": "object", "properties": {}, "required": []}
    place = (*at, given[0])
    schema = entry[given[0]]
    if len(given) > 1:
        file.fault((*at, given[1]), f"gives {' and '.join(given)}", "Keep one: they mean the same")
    if not isinstance(schema, dict):
        file.fault(
            place, f"the parameters are {kind_of(schema)}, not an object", "Write a JSON Schema"
        )
        return {}
    if not schema:
        return {"type": "object", "properties": {}, "required": []}
    _check_schema(file, place, schema, name)
    return schema


def _check_schema(file: JsonFile, place: JsonPath, schema: dict[str, Any], name: str) -> None:
    from jsonschema import Draft202012Validator

    before = len(file.faults)
    for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema):
        file.fault(
            (*place, *error.absolute_path),
            f"the parameters of {name!r} are not a valid JSON Schema: {_short(error.message)}",
            "See https://json-schema.org/understanding-json-schema",
        )
    if len(file.faults) > before:
        return
    if schema.get("type", "object") != "object":
        file.fault(
            (*place, "type"),
            f"the parameters of {name!r} are of type {schema['type']!r}",
            'Parameters are named, so the outer type is "object"',
        )
    properties = schema.get("properties", {})
    for position, required in enumerate(schema.get("required", [])):
        if required not in properties:
            file.fault(
                (*place, "required", position),
                f"{required!r} is required but not among the properties of {name!r}",
                "Describe it under properties, or take it out of required",
            )


def _short(message: str) -> str:
    return message if len(message) <= 160 else message[:157] + "…"
