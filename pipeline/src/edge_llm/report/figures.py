"""Which charts a report has."""

from __future__ import annotations

from dataclasses import dataclass

from edge_llm.report.chart import Line, bar_chart, line_chart
from edge_llm.report.facts import Facts


@dataclass(frozen=True)
class Figures:
    """SVG text; empty where there is nothing to draw."""

    accuracy: str = ""
    loss: str = ""
    call_or_not: str = ""


def figures_of(facts: Facts) -> Figures:
    return Figures(_accuracy(facts), _loss(facts), _call_or_not(facts))


def _accuracy(facts: Facts) -> str:
    if not facts.kinds:
        return ""
    rows = [(f"{row.kind} ({row.cases})", row.before, row.after) for row in facts.kinds]
    return bar_chart("Share of right answers by kind of request, before and after training", rows)


def _loss(facts: Facts) -> str:
    trained = [(float(row["step"]), float(row["loss"])) for row in facts.log if "loss" in row]
    valid = [
        (float(row["step"]), float(row["validLoss"])) for row in facts.log if "validLoss" in row
    ]
    if not trained:
        return ""
    lines = [Line("training", trained, "--first")]
    if valid:
        lines.append(Line("validation", valid, "--second", dashed=True))
    return line_chart("Loss over the steps of training", lines, "step", "loss")


def _call_or_not(facts: Facts) -> str:
    found = facts.call_or_not
    if found is None or found.curve is None:
        return ""
    points = [(point.recall, point.precision) for point in found.curve.curve]
    now = found.curve.unbiased
    return line_chart(
        "Precision over recall of calling at all, for every bias of the first token",
        [
            Line("every bias", points, "--first"),
            Line("no bias", [(now.recall, now.precision)], "--second"),
        ],
        "recall of calls",
        "precision",
        (0, 1),
        (0, 1),
    )
