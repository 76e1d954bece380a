"""Runs every precision of a directory beside the most exact one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from edge_llm.doctor.graphs import Difference, GraphFacts, differences
from edge_llm.doctor.measure import Agreement, LayerFigures, LayerRange, Measured, Place, measure
from edge_llm.doctor.taps import TappedModel
from edge_llm.hf_config import architecture_of
from edge_llm.layout import Problem, check
from edge_llm.manifest import DTYPE_FILES

MOST_EXACT = ("fp32", "fp16", "q4", "q4f16", "q8")
ERROR_LIMIT = {"fp32": 0.5, "fp16": 0.5, "q8": 1.0, "q4": 1.5, "q4f16": 1.5}
"""Relative error of a tensor over which its operator counts as diverged. Rounding to 4 bits
costs attention up to 0.7 of its size without harm."""

Report = Callable[[str], None]
Sequences = Sequence[Sequence[int]]


@dataclass(frozen=True)
class PrecisionResult:
    """One precision beside the most exact one."""

    dtype: str
    file: str | None
    """None: tried on the weights of another precision."""
    arithmetic: Literal["native", "emulated-fp16"] = "native"
    reason: str | None = None
    """Why it was not run."""
    first: Place | None = None
    agreement: Agreement | None = None
    layers: list[LayerFigures] = field(default_factory=list)


@dataclass(frozen=True)
class GraphPair:
    dtype: str
    a: GraphFacts
    b: GraphFacts
    differences: list[Difference]


@dataclass(frozen=True)
class Examination:
    """Everything that was found out about a model directory."""

    name: str
    architecture: str
    layers: int
    tokens: int
    sequences: int
    base: str
    """The precision that others are held against."""
    ranges: list[LayerRange]
    precisions: list[PrecisionResult]
    graphs: list[GraphPair] | None
    layout: list[Problem]


def examine(
    directory: Path,
    sequences: Sequences,
    against: Path | None = None,
    report: Report = lambda line: None,
) -> Examination:
    """Runs what is there. Without sequences nothing is run, but graphs and layout are read."""
    there = [dtype for dtype in MOST_EXACT if (directory / DTYPE_FILES[dtype]).is_file()]
    problems = check(directory)
    config = _config(directory)
    ranges: list[LayerRange] = []
    results: list[PrecisionResult] = []
    if there and sequences:
        ranges, results = _run_all(directory, there, sequences, report)
    elif there:
        why = "there is no text to run it on: the tokenizer cannot be read"
        results = [PrecisionResult(dtype, DTYPE_FILES[dtype], reason=why) for dtype in there]
    return Examination(
        name=directory.resolve().name,
        architecture=architecture_of(config),
        layers=len({each.layer for each in ranges} - {None}),
        tokens=sum(map(len, sequences)),
        sequences=len(sequences),
        base=there[0] if there else "fp32",
        ranges=ranges,
        precisions=results,
        graphs=_pairs(directory, against) if against else None,
        layout=problems,
    )


def measure_ranges(graph: Path, sequences: Sequences) -> Measured:
    """How large every value of a graph gets."""
    return measure(TappedModel(graph), sequences)


def _run_all(
    directory: Path, there: Sequence[str], sequences: Sequences, report: Report
) -> tuple[list[LayerRange], list[PrecisionResult]]:
    base = there[0]
    graph = directory / DTYPE_FILES[base]
    report(f"running {base}, which the others are held against")
    try:
        tapped = TappedModel(graph)
        reference = [tapped.run(tokens) for tokens in sequences]
        exact = measure(tapped, sequences)
        del tapped
    except Exception as error:
        return [], [PrecisionResult(base, DTYPE_FILES[base], reason=_short(error))]
    results = [_result(base, DTYPE_FILES[base], exact)]
    tried: list[tuple[str, str | None, bool]] = [(each, DTYPE_FILES[each], False) for each in there]
    predicted = {"fp32": "fp16", "q4": "q4f16"}.get(base)
    if predicted and predicted not in there:
        tried.append((predicted, None, True))
    for dtype, file, as_half in tried[1:]:
        path = directory / file if file else graph
        report(f"running {dtype}" if file else f"trying {dtype} on the weights of {base}")
        try:
            beside = measure(TappedModel(path, as_half=as_half), sequences, reference)
        except Exception as error:
            results.append(PrecisionResult(dtype, file, reason=_short(error)))
            continue
        results.append(_result(dtype, file, beside))
    order = list(DTYPE_FILES)
    return exact.ranges(), sorted(results, key=lambda result: order.index(result.dtype))


def _result(dtype: str, file: str | None, measured: Measured) -> PrecisionResult:
    return PrecisionResult(
        dtype,
        file,
        "emulated-fp16" if measured.is_emulated else "native",
        first=measured.first(ERROR_LIMIT[dtype]),
        agreement=measured.agreement,
        layers=measured.layers(),
    )


def _pairs(directory: Path, against: Path) -> list[GraphPair]:
    pairs = []
    for dtype, file in DTYPE_FILES.items():
        if (directory / file).is_file() and (against / file).is_file():
            a, b = GraphFacts.of(directory / file), GraphFacts.of(against / file)
            pairs.append(GraphPair(dtype, a, b, differences(a, b)))
    return pairs


def _config(directory: Path) -> dict[str, Any]:
    try:
        value = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _short(error: Exception) -> str:
    """The first line of what a runtime has to say."""
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
