"""How long a run is, and the learning rate at each of its steps."""

from __future__ import annotations

import math

from edge_llm.train.settings import TrainSettings

_FIRST_FIT = 5
_LONGEST = 1_000_000_000


class Schedule:
    """Linear warm-up, then a cosine from the peak to `final_lr` of it at the last step."""

    def __init__(self, settings: TrainSettings, steps_per_epoch: int) -> None:
        self._settings = settings
        epochs = settings.epochs
        if epochs is None and settings.max_steps is None and settings.minutes is None:
            epochs = 1.0
        limits = [_LONGEST]
        if epochs is not None:
            limits.append(max(1, math.ceil(epochs * steps_per_epoch)))
        if settings.max_steps is not None:
            limits.append(settings.max_steps)
        self._limit = min(limits)
        self.steps = self._limit
        """Steps of the whole run; with a time budget, as far as is known."""
        self.next_fit = _FIRST_FIT if settings.minutes is not None else 0
        """Step at which the length is fitted to the time budget next; 0 for never."""

    def fit(self, step: int, seconds: float, since: tuple[int, float]) -> None:
        """Sets the length from the speed since an earlier `(step, seconds)`."""
        if self._settings.minutes is None:
            return
        pace = (seconds - since[1]) / max(1, step - since[0])
        left = (self._settings.minutes * 60 - seconds) / max(pace, 1e-9)
        self.steps = max(step + 1, min(self._limit, step + int(left)))
        self.next_fit = step + max(_FIRST_FIT, min(step, (self.steps - step) // 2))

    def lr(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        settings = self._settings
        warm = min(1.0, (step + 1) / max(1, settings.warmup_steps))
        share = min(1.0, step / max(1, self.steps - 1))
        cosine = 0.5 * (1 + math.cos(math.pi * share))
        return settings.peak_lr * warm * (settings.final_lr + (1 - settings.final_lr) * cosine)

    def rounds(self, step: int) -> bool:
        """Whether weights are rounded at this step."""
        start = self._settings.qat_from
        return start is not None and step >= start * self.steps
