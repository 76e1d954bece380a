"""Results of steps that are still on the device."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from edge_llm.train.journal import Journal


@dataclass(frozen=True)
class StepResult:
    step: int
    lr: float
    tokens: int
    sums: torch.Tensor
    """Loss and divergence of this process's share, over the whole batch's weight."""
    norm: torch.Tensor


class Pending:
    """Steps that are not in the journal yet: each look at a result waits for the device."""

    def __init__(self, accelerator: Any, clock: Callable[[], float], step: int) -> None:
        """Begins after `step`. `clock` tells the run's seconds."""
        self._accelerator = accelerator
        self._clock = clock
        self._steps: list[StepResult] = []
        self._flushed = (step, clock())

    def add(self, result: StepResult) -> None:
        self._steps.append(result)

    def flush(self, journal: Journal, of_steps: int) -> float:
        """Brings the results over in one go; returns their mean loss.

        Raises FloatingPointError if the loss is not a number any more.
        """
        steps, self._steps = self._steps, []
        sums = torch.stack([item.sums for item in steps])
        figures = self._accelerator.reduce(sums, "sum").tolist()
        norms = torch.stack([item.norm for item in steps]).tolist()
        seconds = self._clock()
        last = steps[-1].step + 1
        before = self._flushed[1] if self._flushed[0] == steps[0].step else 0.0
        rate = sum(item.tokens for item in steps) / max(1e-9, seconds - before)
        self._flushed = (last, seconds)
        rows = [
            {
                "step": item.step + 1,
                "loss": round(loss, 6),
                "kl": round(divergence, 6),
                "lr": item.lr,
                "gradientNorm": round(norm, 5),
                "tokens": item.tokens,
                "tokensPerSecond": round(rate),
                "seconds": round(seconds, 3),
            }
            for item, (loss, divergence), norm in zip(steps, figures, norms, strict=True)
        ]
        journal.write(rows)
        mean: float = sum(loss for loss, _ in figures) / len(figures)
        journal.show(last, of_steps, f"loss {mean:.4f} · {rate:,.0f} tokens/s")
        if not math.isfinite(mean):
            raise FloatingPointError(
                f"the loss is not a number any more after step {last}; lower --lr or --clip"
            )
        return mean
