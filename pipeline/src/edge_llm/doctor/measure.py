"""Figures of one graph's values: how large they get, and how far they are from fp32's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from edge_llm.architecture import FloatArray
from edge_llm.doctor.half import LARGEST
from edge_llm.doctor.taps import TappedModel, as_half
from edge_llm.doctor.values import Value

_ROUNDS_TO_INFINITY = 65520.0
"""The least number that rounds over 65504."""

Kind = Literal["overflow", "not-finite", "diverged"]
Taps = dict[str, NDArray[Any]]
Reference = Sequence[tuple[FloatArray, Taps]]
"""Logits and values of each sequence."""


@dataclass
class Figures:
    """Of one tensor, over all sequences so far."""

    largest: float = 0.0
    """Largest finite magnitude, before rounding."""
    is_finite: bool = True
    overflows: bool = False
    error: float = 0.0
    size: float = 0.0

    @property
    def relative_error(self) -> float | None:
        """rms(x - x32) / rms(x32), or None without anything to compare with."""
        return (self.error / self.size) ** 0.5 if self.size and self.is_finite else None

    def add(self, x: NDArray[Any], rounded: bool, exact: NDArray[Any] | None) -> None:
        finite = np.isfinite(x)
        all_finite = bool(finite.all())
        largest = float(np.abs(x if all_finite else x[finite]).max(initial=0))
        self.largest = max(self.largest, largest)
        self.is_finite &= all_finite
        self.overflows |= rounded and largest >= _ROUNDS_TO_INFINITY
        if exact is None or exact.shape != x.shape or self.overflows or not self.is_finite:
            return
        held = as_half(x) if rounded else x
        self.error += float(np.square(held - exact, dtype=np.float64).sum())
        self.size += float(np.square(exact, dtype=np.float64).sum())


@dataclass(frozen=True)
class Place:
    """An operator that is wrong."""

    kind: Kind
    value: Value
    magnitude: float | None
    relative_error: float | None


@dataclass(frozen=True)
class Agreement:
    """Logits beside fp32's. Divergences are None where any logit is not finite."""

    tokens: int
    top1: float
    mean_kl: float | None
    largest_kl: float | None


@dataclass(frozen=True)
class LayerFigures:
    layer: int | None
    largest: float
    relative_error: float | None
    is_finite: bool


@dataclass(frozen=True)
class LayerRange:
    """The largest value of one layer."""

    layer: int | None
    value: Value
    largest: float
    stream: float | None
    """Of the residual stream alone, where the graph shows it."""


@dataclass
class Measured:
    """One graph on all sequences."""

    values: list[Value]
    figures: dict[str, Figures] = field(default_factory=dict)
    agreement: Agreement | None = None
    is_emulated: bool = False

    def first(self, limit: float) -> Place | None:
        """The first operator that overflows, is not finite or has an error over `limit`."""
        for value in self.values:
            one = self.figures[value.tensor]
            kind: Kind | None = None
            if one.overflows:
                kind = "overflow"
            elif not one.is_finite:
                kind = "not-finite"
            elif (one.relative_error or 0) > limit:
                kind = "diverged"
            if kind:
                return Place(kind, value, one.largest or None, one.relative_error)
        return None

    def layers(self) -> list[LayerFigures]:
        made = []
        for layer, tensors in self._by_layer().items():
            figures = [self.figures[value.tensor] for value in tensors]
            errors = [e for e in (one.relative_error for one in figures) if e is not None]
            made.append(
                LayerFigures(
                    layer,
                    max(one.largest for one in figures),
                    max(errors, default=None),
                    all(one.is_finite and not one.overflows for one in figures),
                )
            )
        return made

    def ranges(self) -> list[LayerRange]:
        made = []
        for layer, tensors in self._by_layer().items():
            top = max(tensors, key=lambda value: self.figures[value.tensor].largest)
            streams = [self.figures[each.tensor].largest for each in tensors if each.is_stream]
            largest = self.figures[top.tensor].largest
            made.append(LayerRange(layer, top, largest, max(streams, default=None)))
        return made

    def over(self, limit: float = LARGEST) -> list[Value]:
        """Values of which some are larger, in the graph's order."""
        return [value for value in self.values if self.figures[value.tensor].largest > limit]

    def _by_layer(self) -> dict[int | None, list[Value]]:
        """The layers in order, what is outside of them last."""
        found: dict[int | None, list[Value]] = {}
        for value in self.values:
            found.setdefault(value.layer, []).append(value)
        if None in found:
            found[None] = found.pop(None)
        return found


def measure(
    model: TappedModel, sequences: Sequence[Sequence[int]], reference: Reference | None = None
) -> Measured:
    """Runs all sequences, each with nothing before it; `reference` is fp32 on the same."""
    made = Measured(model.values, is_emulated=model.is_emulated)
    made.figures = {value.tensor: Figures() for value in model.values}
    kl: list[float] = []
    same = 0
    for index, tokens in enumerate(sequences):
        logits, taps = model.run(tokens)
        exact = reference[index][1] if reference else {}
        for name, x in taps.items():
            made.figures[name].add(x, name in model.rounded, exact.get(name))
        if reference:
            same += int((reference[index][0].argmax(-1) == logits.argmax(-1)).sum())
            kl.extend(divergence(reference[index][0], logits))
    if reference:
        bad = not np.isfinite(kl).all()
        made.agreement = Agreement(
            len(kl),
            same / len(kl),
            None if bad else float(np.mean(kl)),
            None if bad else float(np.max(kl)),
        )
    return made


def divergence(expected: FloatArray, actual: FloatArray) -> list[float]:
    """KL(expected || actual) of each row of logits, in nats."""
    found: list[float] = []
    # Row by row: a large vocabulary in 64 bits is a lot of memory.
    for p_logits, q_logits in zip(expected, actual, strict=True):
        p, q = log_softmax(p_logits), log_softmax(q_logits)
        found.append(float((np.exp(p) * (p - q)).sum()))
    return found


def log_softmax(logits: FloatArray) -> NDArray[np.float64]:
    """Of one row, in 64 bits."""
    x = logits.astype(np.float64)
    with np.errstate(invalid="ignore"):
        x = x - x.max()
        normalized: NDArray[np.float64] = x - np.log(np.exp(x).sum())
    return normalized
