"""The 16-bit weights that a GPU computes with, beside the exact ones that are trained."""

from __future__ import annotations

import copy
from typing import Any

import torch

from edge_llm.train.model import to_bf16


class WorkingCopy:
    """A bf16 twin of a model. Against autocast it halves the traffic and the launches."""

    def __init__(self, exact: Any) -> None:
        self.model = to_bf16(copy.deepcopy(exact))
        self._exact = list(exact.parameters())
        self._working = list(self.model.parameters())

    @torch.no_grad()
    def load(self) -> None:
        """Takes over the exact weights, rounded to 16 bits."""
        torch._foreach_copy_(self._working, self._exact)

    @torch.no_grad()
    def hand_over_gradients(self) -> None:
        """Moves the twin's gradients to the exact weights."""
        for exact, working in zip(self._exact, self._working, strict=True):
            exact.grad = None if working.grad is None else working.grad.float()
            working.grad = None
