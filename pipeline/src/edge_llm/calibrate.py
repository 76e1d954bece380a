"""Where to draw the line between calling and not calling, from how sure a model was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_llm.samples import Sample
from edge_llm.score import Prediction

Leads = NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """How 'call or not' comes out when `bias` is added to the call's first logit."""

    bias: float
    precision: float
    """Share of right calls among all calls; 1 where nothing is called."""
    recall: float
    """Share of cases with calls where something is called."""
    refusals: float
    """Share of cases without calls where nothing is called."""

    @property
    def mean(self) -> float:
        return (self.recall + self.refusals) / 2


@dataclass(frozen=True)
class Calibration:
    chosen: Point
    unbiased: Point
    curve: list[Point]
    """By rising bias."""

    def to_json(self) -> dict[str, Any]:
        return {
            "bias": self.chosen.bias,
            "chosen": asdict(self.chosen),
            "unbiased": asdict(self.unbiased),
            "curve": [asdict(point) for point in self.curve],
        }


def calibrate(
    samples: Sequence[Sample], predictions: Sequence[Prediction], refusal_share: float = 0.5
) -> Calibration:
    """Picks the bias with the best weighted mean of recall and refusals.

    `refusal_share` is the refusals' part of that mean. Among equals it takes the bias
    nearest to 0. Raises ValueError without cases of both sorts, or without logits.
    """
    leads = {prediction.id: prediction.call_logit for prediction in predictions}
    pairs = [(leads.get(sample.id), bool(sample.answer.calls)) for sample in samples]
    if any(lead is None for lead, _ in pairs):
        raise ValueError("a prediction without callLogit; make them with this version's commands")
    wanted = np.array([lead for lead, calls in pairs if calls], np.float64)
    unwanted = np.array([lead for lead, calls in pairs if not calls], np.float64)
    if not len(wanted) or not len(unwanted):
        raise ValueError("calibration needs cases with calls and cases without")
    curve = [_point(bias, wanted, unwanted) for bias in _biases(wanted, unwanted)]

    def merit(point: Point) -> tuple[float, float]:
        mean = (1 - refusal_share) * point.recall + refusal_share * point.refusals
        return round(mean, 9), -abs(point.bias)

    return Calibration(max(curve, key=merit), _point(0.0, wanted, unwanted), curve)


def _biases(wanted: Leads, unwanted: Leads) -> list[float]:
    """0, one below and above all, and the middle between any two leads."""
    leads = np.unique(np.concatenate([wanted, unwanted]))
    middles = -(leads[1:] + leads[:-1]) / 2
    ends = [-leads[-1] - 1, -leads[0] + 1]
    return sorted({0.0, *map(float, middles), *map(float, ends)})


def _point(bias: float, wanted: Leads, unwanted: Leads) -> Point:
    right, wrong = int((wanted + bias > 0).sum()), int((unwanted + bias > 0).sum())
    return Point(
        bias=bias,
        precision=right / (right + wrong) if right + wrong else 1.0,
        recall=right / len(wanted),
        refusals=1 - wrong / len(unwanted),
    )


def plot(calibration: Calibration, path: Path) -> None:
    """Draws precision over recall, and both accuracies over the bias, as SVG or PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    curve, chosen = calibration.curve, calibration.chosen
    left.plot([point.recall for point in curve], [point.precision for point in curve])
    left.plot(chosen.recall, chosen.precision, "o", label=f"bias {chosen.bias:+.2f}")
    left.set(xlabel="recall of calls", ylabel="precision of calls")
    left.legend()
    biases = [point.bias for point in curve]
    right.plot(biases, [point.recall for point in curve], label="called where due")
    right.plot(biases, [point.refusals for point in curve], label="no call where none is due")
    right.axvline(chosen.bias, linestyle=":", color="grey")
    right.set(xlabel="bias on the call's first logit", ylabel="share of cases")
    right.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    pyplot.close(figure)
