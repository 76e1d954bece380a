"""Holds predictions against the right answers. `src/cli/eval` follows the same rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from edge_llm.samples import Call, Sample, Tool

FAILURES = ("malformed", "wrong-tool", "missing-call", "extra-call", "wrong-value")
"""Kinds of failure. A case that fails in several ways counts as the first of them."""


@dataclass(frozen=True)
class Prediction:
    """What a model answered."""

    id: str
    calls: tuple[Call, ...]
    """Calls of known tools with valid arguments: those that are dispatched."""
    rejected: tuple[dict[str, Any], ...] = ()
    """Calls that are not, each with its `reason`."""
    text: str = ""
    raw: str = ""
    """The answer as it was written."""
    call_logit: float | None = None
    """How far the first logit of a call was above the largest other one."""

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "calls": [call.to_json() for call in self.calls],
            "rejected": list(self.rejected),
            "text": self.text,
            "raw": self.raw,
            "callLogit": self.call_logit,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Prediction:
        return cls(
            id=value["id"],
            calls=tuple(Call(call["name"], call["arguments"]) for call in value["calls"]),
            rejected=tuple(value.get("rejected", ())),
            text=value.get("text", ""),
            raw=value.get("raw", ""),
            call_logit=value.get("callLogit"),
        )


@dataclass
class Tally:
    cases: int = 0
    right: int = 0
    failures: dict[str, int] = field(default_factory=dict)

    def add(self, failure: str | None) -> None:
        self.cases += 1
        if failure is None:
            self.right += 1
        else:
            self.failures[failure] = self.failures.get(failure, 0) + 1

    @property
    def share(self) -> float:
        """Share of right cases; 1 where there is none."""
        return self.right / self.cases if self.cases else 1.0


@dataclass
class Score:
    """The figures of one set of predictions."""

    kinds: dict[str, Tally] = field(default_factory=dict)
    full_match: Tally = field(default_factory=Tally)
    """Cases with calls: right when all calls and values are."""
    right_refusals: Tally = field(default_factory=Tally)
    """Cases without calls: right when nothing would be dispatched."""
    false_calls: int = 0
    """Cases without calls where something would be."""
    failed: dict[str, str] = field(default_factory=dict)
    """Kind of failure by the case's id."""

    @property
    def overall(self) -> float:
        """Share of right cases over all."""
        cases = self.full_match.cases + self.right_refusals.cases
        return (self.full_match.right + self.right_refusals.right) / cases if cases else 1.0

    def to_json(self) -> dict[str, Any]:
        return {
            "overall": self.overall,
            "kinds": {kind: asdict(tally) for kind, tally in sorted(self.kinds.items())},
            "fullMatch": asdict(self.full_match),
            "rightRefusals": asdict(self.right_refusals),
            "falseCalls": self.false_calls,
            "failed": self.failed,
        }


def score(samples: Sequence[Sample], predictions: Iterable[Prediction]) -> Score:
    """Raises ValueError if a sample has no prediction, or two."""
    by_id: dict[str, Prediction] = {}
    for prediction in predictions:
        if prediction.id in by_id:
            raise ValueError(f"there are two predictions for {prediction.id!r}")
        by_id[prediction.id] = prediction
    result = Score()
    for sample in samples:
        if sample.id not in by_id:
            raise ValueError(f"there is no prediction for {sample.id!r}")
        prediction = by_id[sample.id]
        failure = failure_of(sample.answer.calls, prediction, sample.tools)
        result.kinds.setdefault(sample.kind, Tally()).add(failure)
        if sample.answer.calls:
            result.full_match.add(failure)
        else:
            result.right_refusals.add(failure)
            result.false_calls += bool(prediction.calls)
        if failure:
            result.failed[sample.id] = failure
    return result


def failure_of(
    expected: Sequence[Call], prediction: Prediction, tools: Sequence[Tool]
) -> str | None:
    """The kind of failure, or None where the prediction is right."""
    schemas = {tool.name: tool.parameters for tool in tools}
    missing, extra = list(expected), []
    for call in prediction.calls:
        for index, wanted in enumerate(missing):
            if same_call(wanted, call, schemas.get(call.name, {})):
                del missing[index]
                break
        else:
            extra.append(call)
    if not missing and not extra:
        return None
    if len(missing) > len(extra) and prediction.rejected:
        return "malformed"
    spare = [call.name for call in extra]
    unpaired = 0
    for wanted in missing:
        if wanted.name in spare:
            spare.remove(wanted.name)
        else:
            unpaired += 1
    if unpaired and spare:
        return "wrong-tool"
    if unpaired:
        return "missing-call"
    return "extra-call" if spare else "wrong-value"


def same_call(wanted: Call, got: Call, schema: Mapping[str, Any]) -> bool:
    """Equal names, and equal arguments but for those that only spell out a default."""
    if wanted.name != got.name:
        return False
    properties = schema.get("properties", {})
    for name in wanted.arguments.keys() | got.arguments.keys():
        default = properties.get(name, {})
        has_default = isinstance(default, dict) and "default" in default
        for arguments in (wanted.arguments, got.arguments):
            if name not in arguments and not has_default:
                return False
        left, right = (
            arguments[name] if name in arguments else default["default"]
            for arguments in (wanted.arguments, got.arguments)
        )
        if not same_value(left, right):
            return False
    return True


def same_value(left: Any, right: Any) -> bool:
    """Numbers by value; strings without case, outer and repeated spaces and a last full stop."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return _plain(left) == _plain(right)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            same_value(left[key], right[key]) for key in left
        )
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same_value, left, right))
    return bool(left == right)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().removesuffix(".").strip().lower()
