"""What is wrong, in words, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from edge_llm.doctor.examination import Examination, PrecisionResult
from edge_llm.doctor.measure import Place

KL_LIMIT = {"fp32": 0.01, "fp16": 0.1, "q8": 1.0, "q4": 2.5, "q4f16": 2.5}
"""Mean nats from fp32 over which a precision is another model. Random weights in 4 bits,
which nothing was trained to bear, reach 1.4."""


Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    code: Literal[
        "overflow",
        "not-finite",
        "diverged",
        "disagrees",
        "layout",
        "graph-differs",
        "not-run",
        "would-overflow",
    ]
    severity: Severity
    message: str
    fix: str | None = None
    dtype: str | None = None
    operator: str | None = None
    layer: int | None = None


@dataclass(frozen=True)
class Verdict:
    ok: bool
    summary: str
    fixes: list[str]


def findings_of(seen: Examination) -> list[Finding]:
    """Everything that a person should know of; errors are what makes the exit code 1."""
    found = [
        Finding("layout", "error", f"{problem.path}: {problem.message}", None)
        for problem in seen.layout
    ]
    for result in seen.precisions:
        found.extend(_of_precision(result))
    for pair in seen.graphs or []:
        if pair.differences:
            parts = ", ".join(
                f"{each.name} ({'missing' if each.a is None else each.a} here, "
                f"{'missing' if each.b is None else each.b} there)"
                for each in pair.differences[:4]
            )
            message = f"the graphs have {len(pair.differences)} differences: {parts}"
            found.append(Finding("graph-differs", "warning", message, None, pair.dtype))
    return found


def verdict_of(seen: Examination, findings: list[Finding]) -> Verdict:
    errors = [each for each in findings if each.severity == "error"]
    notes = [each for each in findings if each.severity == "note"]
    ran = [result.dtype for result in seen.precisions if result.file and not result.reason]
    fixes = list(dict.fromkeys(each.fix for each in errors if each.fix))
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        return Verdict(False, f"Something is wrong: {_said(errors[0])}{more}.", fixes)
    told = " ".join(f"{_said(note)}." for note in notes)
    fine = f"Nothing is wrong with {', '.join(ran)}." if ran else "The layout is right."
    return Verdict(True, f"{fine} {told}".strip(), fixes)


def _said(finding: Finding) -> str:
    return f"{finding.dtype}: {finding.message}" if finding.dtype else finding.message


def _of_precision(result: PrecisionResult) -> Iterator[Finding]:
    if result.reason:
        yield Finding("not-run", "warning", f"was not run: {result.reason}", None, result.dtype)
        return
    place, agreement = result.first, result.agreement
    if place and place.kind != "diverged":
        # What an overflow does to the logits needs no finding of its own.
        yield _broken(result, place)
        return
    apart = agreement is not None and (
        agreement.mean_kl is None or agreement.mean_kl > KL_LIMIT[result.dtype]
    )
    serious: Severity = "error" if result.file else "note"
    if place:
        yield Finding(
            "diverged",
            serious if apart else "warning",
            f"from {_where(place)} on, values are unlike fp32's (relative error "
            f"{place.relative_error:.2f})",
            "make it with finer blocks (`edge-llm quantize --block 16`), or use another precision",
            result.dtype,
            place.value.operator,
            place.value.layer,
        )
    if apart and agreement is not None:
        nats = "not a number" if agreement.mean_kl is None else f"{agreement.mean_kl:.2f} nats"
        yield Finding(
            "disagrees",
            serious,
            f"its predictions are not fp32's: {nats} from them, the same most likely token at "
            f"{agreement.top1:.0%} of positions",
            "use another precision, or make this one again with `edge-llm quantize`",
            result.dtype,
        )


def _broken(result: PrecisionResult, place: Place) -> Finding:
    value = place.value
    if place.kind == "not-finite":
        what = f"{_where(place)} gives values that are not numbers"
        fix = "look for NaN or infinity in the weights, and export the model again"
        severity: Severity = "error" if result.file else "note"
        return Finding("not-finite", severity, what, fix, result.dtype, value.operator, value.layer)
    size = f"{place.magnitude:,.0f}" if place.magnitude else "too much"
    subject = "the residual stream reaches" if value.is_stream else "values reach"
    if result.file:
        return Finding(
            "overflow",
            "error",
            f"{subject} {size} at {_where(place)}, and a 16-bit float ends at 65,504; from there "
            "on the model computes with infinity and writes garbage",
            f"make it again with `edge-llm quantize --dtypes {result.dtype}`, which keeps what "
            "is too large in 32 bits, or use q4",
            result.dtype,
            value.operator,
            value.layer,
        )
    return Finding(
        "would-overflow",
        "note",
        f"a plain export in 16 bits would write garbage, as {subject} {size} at {_where(place)}; "
        "`edge-llm quantize` keeps what is too large in 32 bits",
        None,
        result.dtype,
        value.operator,
        value.layer,
    )


def _where(place: Place) -> str:
    return f"{place.value.operator} ({place.value.op_type})"
