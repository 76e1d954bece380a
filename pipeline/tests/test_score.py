from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from conftest import REPOSITORY

from edge_llm.samples import Answer, Call, Sample, tool_from_json
from edge_llm.schema_check import schema_problems
from edge_llm.score import Prediction, failure_of, score

FIXTURE: dict[str, Any] = json.loads(
    (REPOSITORY / "test" / "fixtures" / "scoring.json").read_text(encoding="utf-8")
)
TOOLS = tuple(tool_from_json(tool) for tool in FIXTURE["tools"])


def sample_of(case: dict[str, Any]) -> Sample:
    calls = tuple(Call(call["name"], call["arguments"]) for call in case["expected"])
    return Sample(case["name"], case["kind"], "scoring", TOOLS, (), Answer(calls))


def prediction_of(case: dict[str, Any]) -> Prediction:
    return Prediction.from_json({"id": case["name"], **case["prediction"]})


@pytest.mark.parametrize("case", FIXTURE["cases"], ids=lambda case: case["name"])
def test_shared_cases(case: dict[str, Any]) -> None:
    failure = failure_of(sample_of(case).answer.calls, prediction_of(case), TOOLS)
    assert failure == case["failure"]
    assert (failure is None) == case["match"]


def test_summary_of_the_shared_cases() -> None:
    cases = FIXTURE["cases"]
    made = score([sample_of(case) for case in cases], [prediction_of(case) for case in cases])
    value, wanted = made.to_json(), FIXTURE["summary"]
    assert value["kinds"] == wanted["kinds"]
    assert value["falseCalls"] == wanted["falseCalls"]
    for name in ("fullMatch", "rightRefusals"):
        assert {key: value[name][key] for key in ("cases", "right")} == wanted[name]


def test_every_sample_needs_one_prediction() -> None:
    case = FIXTURE["cases"][0]
    with pytest.raises(ValueError, match="no prediction for 'the same call'"):
        score([sample_of(case)], [])
    with pytest.raises(ValueError, match="two predictions"):
        score([sample_of(case)], [prediction_of(case)] * 2)


SCHEMA = {
    "type": "object",
    "properties": {
        "room": {"type": "string", "minLength": 2, "maxLength": 6, "pattern": "^[a-z]+$"},
        "percent": {"type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.5},
        "steps": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 5},
        "mode": {"enum": ["eco", 1, True, None]},
        "days": {
            "type": "array",
            "items": {"const": "mon"},
            "minItems": 1,
            "maxItems": 2,
            "uniqueItems": True,
        },
        "when": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "which": {"oneOf": [{"minimum": 3}, {"maximum": 5}], "type": ["integer", "null"]},
        "place": {"type": "object", "properties": {"x": {"type": "boolean"}}, "required": ["x"]},
        "word": {"allOf": [{"type": "string"}], "not": {"const": "no"}},
    },
    "patternProperties": {"^n_": {"type": "number"}},
    "required": ["room"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"room": "a"},
        {"room": "toolong"},
        {"room": "Hall"},
        {"room": 5},
        *({"percent": value} for value in (0, 100, 100.5, -1, 2.5, 2.3, "5", True, 1.0)),
        *({"steps": value} for value in (0, 1, 1.0, 1.5, 5, False)),
        *({"mode": value} for value in ("eco", 1, 1.0, True, None, False, "x")),
        *({"days": value} for value in ([], ["mon"], ["mon", "mon"], ["tue"], "mon")),
        *({"when": value} for value in ("x", None, 5)),
        *({"which": value} for value in (1, 4, 9, None, "x")),
        *({"place": value} for value in ({}, {"x": True}, {"x": 1}, {"x": False, "y": 2}, [])),
        *({"word": value} for value in ("yes", "no", 3)),
        {"n_a": 1},
        {"n_a": "1"},
        {"other": 1},
    ],
    ids=str,
)
def test_arguments_are_valid_where_the_reference_says_so(change: dict[str, Any]) -> None:
    value = {"room": "hall", **change}
    wanted = jsonschema.Draft202012Validator(SCHEMA).is_valid(value)
    assert (not list(schema_problems(value, SCHEMA))) == wanted


def test_a_missing_argument_is_named() -> None:
    assert list(schema_problems({}, SCHEMA)) == ["room is missing"]
