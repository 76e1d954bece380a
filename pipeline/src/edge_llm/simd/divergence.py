"""How far logits are from those they should be."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from edge_llm.architecture import FloatArray


@dataclass
class Divergence:
    """Sums up tokens. Kullback-Leibler divergence is from what is expected, in nats."""

    values: list[float] = field(default_factory=list)
    agreed: int = 0
    """Tokens after which the most likely next one is the same."""

    def add(self, expected: FloatArray, actual: FloatArray) -> None:
        """Takes logits `[tokens, vocab]` of both."""
        for row, own in zip(expected, actual, strict=True):
            self.values.append(divergence(row, own))
            self.agreed += int(row.argmax() == own.argmax())

    def include(self, other: Divergence) -> None:
        self.values += other.values
        self.agreed += other.agreed


def divergence(expected: FloatArray, actual: FloatArray) -> float:
    """Of one token's logits `[vocab]`.

    With d = expected - actual and m its mean under p it is log sum p exp(m - d), and that is
    log1p(sum p expm1(m - d)): small numbers all along, so that float32 is exact enough.
    """
    p = np.exp(expected - expected.max())
    p /= p.sum(dtype=np.float64)
    difference = expected - actual
    mean = np.float32((p * difference).sum(dtype=np.float64))
    off = np.expm1(mean - difference)
    # `mean` is rounded: what is left of the difference belongs to the sum of first order.
    rest = (p * (difference - mean)).sum(dtype=np.float64)
    return max(0.0, float(np.log1p((p * off).sum(dtype=np.float64)) + rest))
