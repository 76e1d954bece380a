"""Checks a call's arguments against the tool's JSON Schema, without further packages.

The keywords are those that tools use. References to other schemas are not followed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any] | bool

_KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
}


def schema_problems(value: Any, schema: Schema, at: str = "") -> Iterator[str]:
    """What is wrong with a value, each with its place; nothing for a valid one."""
    if isinstance(schema, bool):
        if not schema:
            yield f"{_place(at)} is not allowed"
        return
    kinds = schema.get("type")
    if kinds is not None:
        allowed = kinds if isinstance(kinds, list) else [kinds]
        if not any(_is(value, kind) for kind in allowed):
            yield f"{_place(at)} is not of type {' or '.join(allowed)}"
            return
    if "enum" in schema and not any(same(value, choice) for choice in schema["enum"]):
        yield f"{_place(at)} is not one of {schema['enum']}"
    if "const" in schema and not same(value, schema["const"]):
        yield f"{_place(at)} is not {schema['const']!r}"
    if isinstance(value, str):
        yield from _text_problems(value, schema, at)
    elif _is(value, "number"):
        yield from _number_problems(value, schema, at)
    elif isinstance(value, list):
        yield from _array_problems(value, schema, at)
    elif isinstance(value, dict):
        yield from _object_problems(value, schema, at)
    yield from _combined_problems(value, schema, at)


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values: 1 is 1.0, but true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def _is(value: Any, kind: str) -> bool:
    if kind in ("number", "integer"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return kind == "number" or isinstance(value, int) or value.is_integer()
    return isinstance(value, _KINDS.get(kind, ()))


def _text_problems(value: str, schema: dict[str, Any], at: str) -> Iterator[str]:
    if len(value) < schema.get("minLength", 0):
        yield f"{_place(at)} is shorter than {schema['minLength']}"
    if len(value) > schema.get("maxLength", math.inf):
        yield f"{_place(at)} is longer than {schema['maxLength']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{_place(at)} does not match {schema['pattern']}"


def _number_problems(value: float, schema: dict[str, Any], at: str) -> Iterator[str]:
    if value < schema.get("minimum", -math.inf):
        yield f"{_place(at)} is below {schema['minimum']}"
    if value > schema.get("maximum", math.inf):
        yield f"{_place(at)} is above {schema['maximum']}"
    if value <= schema.get("exclusiveMinimum", -math.inf):
        yield f"{_place(at)} is not above {schema['exclusiveMinimum']}"
    if value >= schema.get("exclusiveMaximum", math.inf):
        yield f"{_place(at)} is not below {schema['exclusiveMaximum']}"
    step = schema.get("multipleOf")
    if step and abs(value / step - round(value / step)) > 1e-9:
        yield f"{_place(at)} is no multiple of {step}"


def _array_problems(value: list[Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    if len(value) < schema.get("minItems", 0):
        yield f"{_place(at)} has fewer than {schema['minItems']} items"
    if len(value) > schema.get("maxItems", math.inf):
        yield f"{_place(at)} has more than {schema['maxItems']} items"
    if schema.get("uniqueItems"):
        pairs = ((a, b) for index, a in enumerate(value) for b in value[:index])
        if any(same(a, b) for a, b in pairs):
            yield f"{_place(at)} has equal items"
    first = schema.get("prefixItems", [])
    for index, item in enumerate(value):
        of_item = first[index] if index < len(first) else schema.get("items", True)
        yield from schema_problems(item, of_item, f"{at}[{index}]")


def _object_problems(value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    for name in schema.get("required", []):
        if name not in value:
            yield f"{_place(_inside(at, name))} is missing"
    declared = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    for name, item in value.items():
        place = _inside(at, name)
        matching = [of for pattern, of in patterns.items() if re.search(pattern, name)]
        if name in declared:
            matching.append(declared[name])
        for of_item in matching or [schema.get("additionalProperties", True)]:
            yield from schema_problems(item, of_item, place)


def _combined_problems(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    for part in schema.get("allOf", []):
        yield from schema_problems(value, part, at)
    for name in ("anyOf", "oneOf"):
        if name not in schema:
            continue
        fitting = sum(not any(schema_problems(value, part, at)) for part in schema[name])
        if fitting == 0 or (name == "oneOf" and fitting > 1):
            yield f"{_place(at)} fits {fitting} of {name}"
    if "not" in schema and not any(schema_problems(value, schema["not"], at)):
        yield f"{_place(at)} is what it must not be"


def _inside(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _place(at: str) -> str:
    return at or "the value"
