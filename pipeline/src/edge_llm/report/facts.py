"""What a report says, read from the files that the steps of a run left."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_llm.calibrate import Calibration, calibrate
from edge_llm.samples import Call, Sample, dump, read_samples
from edge_llm.score import FAILURES, Prediction

_FAILURES_SHOWN = 60
_LONGEST = 400
"""Characters of an answer: a model that never ends its turn writes thousands."""


@dataclass(frozen=True)
class KindRow:
    kind: str
    cases: int
    before: float | None
    after: float
    failures: dict[str, int]
    """Cases of this kind by how they failed."""


@dataclass(frozen=True)
class FailedCase:
    id: str
    kind: str
    failure: str
    said: str
    expected: str
    given: str


@dataclass(frozen=True)
class CallOrNot:
    """Whether something is called at all, whatever it is."""

    due: int
    called_when_due: int
    called_when_not: int
    curve: Calibration | None

    @property
    def precision(self) -> float:
        called = self.called_when_due + self.called_when_not
        return self.called_when_due / called if called else 1.0

    @property
    def recall(self) -> float:
        return self.called_when_due / self.due if self.due else 1.0


@dataclass(frozen=True)
class ModelFile:
    dtype: str
    file: str
    size: int
    sha256: str


@dataclass
class Facts:
    name: str
    test: dict[str, Any] | None = None
    """The newest of test-fused.json and test-adapter.json."""
    test_name: str = ""
    kinds: list[KindRow] = field(default_factory=list)
    before: dict[str, Any] | None = None
    failed: list[FailedCase] = field(default_factory=list)
    failed_count: int = 0
    call_or_not: CallOrNot | None = None
    log: list[dict[str, Any]] = field(default_factory=list)
    files: list[ModelFile] = field(default_factory=list)
    verify: dict[str, Any] | None = None
    training: dict[str, Any] | None = None
    generated: dict[str, Any] | None = None
    base: dict[str, Any] | None = None
    steps: dict[str, Any] = field(default_factory=dict)
    failures: tuple[str, ...] = FAILURES


def facts_of(run: Path) -> Facts:
    """Everything that is there; what no step has made yet is left out."""
    facts = Facts(name=run.resolve().name)
    adapter, fused = _json(run / "test-adapter.json"), _json(run / "test-fused.json")
    if fused and adapter and _older(run / "test-fused.json", run / "test-adapter.json"):
        fused = None
    facts.test_name = "test-fused" if fused else "test-adapter"
    facts.test = fused or adapter
    facts.before = adapter["before"] if adapter else None
    facts.log = _lines(run / "checkpoint" / "train-log.jsonl")
    facts.verify = _json(run / "verify.json")
    facts.training = _json(run / "checkpoint" / "training.json")
    facts.generated = _json(run / "data" / "generated.json")
    facts.base = _json(run / "base" / "base.json")
    facts.files = _files(_json(run / "model" / "manifest.json") or {})
    record = _json(run / "run.json") or {}
    facts.steps = {
        name: {key: step.get(key) for key in ("status", "seconds")}
        for name, step in record.get("steps", {}).items()
    }
    if facts.test:
        facts.kinds = _kinds(facts.before, facts.test["score"])
        _add_cases(facts, run)
    return facts


def _add_cases(facts: Facts, run: Path) -> None:
    cases = run / "data" / "test.jsonl"
    answers = _lines(run / f"{facts.test_name}.predictions.jsonl")
    if not cases.is_file() or not answers or facts.test is None:
        return
    samples = read_samples(cases)
    predictions = {answer["id"]: Prediction.from_json(answer) for answer in answers}
    answered = [sample for sample in samples if sample.id in predictions]
    failed = facts.test["score"]["failed"]
    wrong = [sample for sample in answered if sample.id in failed]
    wrong.sort(key=lambda sample: (FAILURES.index(failed[sample.id]), sample.kind))
    facts.failed_count = len(wrong)
    facts.failed = [
        _failed_case(sample, predictions[sample.id], failed[sample.id])
        for sample in wrong[:_FAILURES_SHOWN]
    ]
    facts.call_or_not = _call_or_not(answered, predictions)


def _failed_case(sample: Sample, prediction: Prediction, failure: str) -> FailedCase:
    given = [_written(call) for call in prediction.calls]
    given += [f"rejected: {dump(call)}" for call in prediction.rejected]
    turns = sample.messages
    earlier = f"[{len(turns) - 1} earlier turns] " if len(turns) > 1 else ""
    return FailedCase(
        sample.id,
        sample.kind,
        failure,
        earlier + (turns[-1].content if turns else ""),
        "\n".join(map(_written, sample.answer.calls)) or f"no call: {sample.answer.text}",
        _cut("\n".join(given) or f"no call: {prediction.text}"),
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"


def _written(call: Call) -> str:
    return f"{call.name}({dump(call.arguments)})"


def _call_or_not(samples: list[Sample], predictions: dict[str, Prediction]) -> CallOrNot:
    due = [sample for sample in samples if sample.answer.calls]
    not_due = [sample for sample in samples if not sample.answer.calls]

    def called(chosen: list[Sample]) -> int:
        return sum(bool(predictions[sample.id].calls) for sample in chosen)

    try:
        curve = calibrate(samples, list(predictions.values()))
    except ValueError:
        curve = None
    return CallOrNot(len(due), called(due), called(not_due), curve)


def _kinds(before: dict[str, Any] | None, after: dict[str, Any]) -> list[KindRow]:
    rows = []
    for kind, tally in sorted(after["kinds"].items()):
        old = (before or {}).get("kinds", {}).get(kind)
        rows.append(
            KindRow(kind, tally["cases"], _share(old), _share(tally) or 0.0, tally["failures"])
        )
    return rows


def _share(tally: dict[str, Any] | None) -> float | None:
    return tally["right"] / tally["cases"] if tally and tally["cases"] else None


def _files(manifest: dict[str, Any]) -> list[ModelFile]:
    listed = manifest.get("files", {})
    return [
        ModelFile(dtype, entry["file"], known["size"], known["sha256"])
        for dtype, entry in manifest.get("dtypes", {}).items()
        if (known := listed.get(entry["file"]))
    ]


def _older(path: Path, other: Path) -> bool:
    return path.stat().st_mtime_ns < other.stat().st_mtime_ns


def _json(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
