"""A report as JSON (`report.schema.json`), as tables in the terminal, and as a plot."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from edge_llm.doctor.examination import Examination, PrecisionResult
from edge_llm.doctor.half import LARGEST
from edge_llm.doctor.verdict import Finding, Verdict
from edge_llm.report.chart import Line, line_chart

_STYLE = (
    "<style>svg{--first:#2563eb;--second:#d97706;--third:#dc2626;background:#fff;"
    "font:12px sans-serif}.grid{stroke:#e5e7eb}</style>"
)


def as_json(seen: Examination, findings: list[Finding], verdict: Verdict) -> dict[str, Any]:
    report: dict[str, Any] = {
        "formatVersion": 1,
        "tool": "edge-llm",
        "model": {
            "name": seen.name,
            "architecture": seen.architecture,
            "layers": seen.layers,
        },
        "text": {"tokens": seen.tokens, "sequences": seen.sequences},
        "verdict": asdict(verdict),
        "findings": [asdict(finding) for finding in findings],
        "ranges": {
            "dtype": seen.base,
            "limit": int(LARGEST),
            "layers": [
                {
                    "layer": each.layer,
                    "operator": each.value.operator,
                    "opType": each.value.op_type,
                    "tensor": each.value.tensor,
                    "largest": _number(each.largest),
                    "stream": _number(each.stream),
                }
                for each in seen.ranges
            ],
        },
        "precisions": [_precision(result) for result in seen.precisions],
        "layout": [
            {"code": str(each.code), "path": each.path, "message": each.message}
            for each in seen.layout
        ],
    }
    if seen.graphs is not None:
        report["graphs"] = [
            {
                "dtype": pair.dtype,
                "a": pair.a.as_json(),
                "b": pair.b.as_json(),
                "same": not pair.differences,
                "differences": [asdict(each) for each in pair.differences],
            }
            for pair in seen.graphs
        ]
    return report


def _precision(result: PrecisionResult) -> dict[str, Any]:
    place, agreement = result.first, result.agreement
    return {
        "dtype": result.dtype,
        "file": result.file,
        "arithmetic": result.arithmetic,
        "status": "not-run" if result.reason else "ran",
        "reason": result.reason,
        "first": place
        and {
            "kind": place.kind,
            "operator": place.value.operator,
            "opType": place.value.op_type,
            "layer": place.value.layer,
            "tensor": place.value.tensor,
            "magnitude": _number(place.magnitude),
            "relativeError": _number(place.relative_error),
        },
        "agreement": agreement
        and {
            "tokens": agreement.tokens,
            "top1": agreement.top1,
            "meanKl": _number(agreement.mean_kl),
            "largestKl": _number(agreement.largest_kl),
        },
        "layers": [
            {
                "layer": each.layer,
                "largest": _number(each.largest),
                "relativeError": _number(each.relative_error),
                "finite": each.is_finite,
            }
            for each in result.layers
        ],
    }


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")


def print_tables(seen: Examination, console: Console) -> None:
    ranges = Table(f"layer ({seen.base})", "largest at", box=None)
    for heading in ("largest", "residual stream", f"of {LARGEST:,.0f}"):
        ranges.add_column(heading, justify="right")
    for each in seen.ranges:
        ranges.add_row(
            "outside" if each.layer is None else str(each.layer),
            each.value.operator,
            f"{each.largest:,.1f}",
            "" if each.stream is None else f"{each.stream:,.1f}",
            f"{each.largest / LARGEST:.0%}" + (" too large" if each.largest > LARGEST else ""),
        )
    console.print(ranges)
    table = Table("precision", "arithmetic", "first wrong operator", box=None)
    for heading in ("mean KL", "largest KL", "same argmax"):
        table.add_column(heading, justify="right")
    for result in seen.precisions:
        agreement = result.agreement
        row = ["", "", ""]
        if agreement:
            row = [_nats(agreement.mean_kl), _nats(agreement.largest_kl), f"{agreement.top1:.2%}"]
        first = result.first and f"{result.first.value.operator} ({result.first.kind})"
        table.add_row(
            result.dtype if result.file else f"{result.dtype}, if made plainly",
            result.arithmetic,
            first or ("not run" if result.reason else "none"),
            *row,
        )
    console.print(table)
    for pair in seen.graphs or []:
        console.print(f"graphs of {pair.dtype}: {len(pair.differences) or 'no'} differences")
        for found in pair.differences[:20]:
            console.print(f"  {found.kind} {found.name}: {found.a} here, {found.b} there")


def _nats(value: float | None) -> str:
    return "not a number" if value is None else f"{value:.2g}"


def plot(seen: Examination) -> str:
    """Largest magnitudes per layer as an SVG, on a scale of powers of ten."""
    layers = [each for each in seen.ranges if each.layer is not None]
    points = [(float(each.layer or 0), _log(each.largest)) for each in layers]
    streams = [(float(each.layer or 0), _log(each.stream)) for each in layers if each.stream]
    if not points:
        raise ValueError("there are no layers to plot: nothing was run")
    ends = [point[0] for point in points]
    limit = [(min(ends), _log(LARGEST)), (max(max(ends), 1.0), _log(LARGEST))]
    lines = [Line("largest value", points, "--first")]
    if streams:
        lines.append(Line("residual stream", streams, "--second", dashed=True))
    lines.append(Line("65,504", limit, "--third"))
    title = f"{seen.name}: largest values per layer in {seen.base}"
    chart = line_chart(title, lines, "layer", "power of ten")
    at = chart.index(">") + 1
    return f"{chart[:at]}{_STYLE}{chart[at:]}\n"


def _log(value: float | None) -> float:
    return math.log10(max(value or 0, 1.0))
