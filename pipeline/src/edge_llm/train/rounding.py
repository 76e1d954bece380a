"""Weights rounded as the shipped q4 file stores them, in torch, for training and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from edge_llm.graph.precision import BLOCK

_AT_ONCE = 1 << 25
"""Weights rounded in one go: enough to keep a GPU busy, few enough for its memory."""
_STEPS = (-8.0, -7.4, -6.8, 7.0, 7.6)


def round_to_4_bits(weight: Tensor) -> Tensor:
    """What `quantize.blocks_int4` of `[outputs, inputs]` stands for, equal to the last bit.

    Only separate operations in numpy's own order: a fused or re-ordered sum would choose
    another scale now and then, and what is trained would not be what is shipped.
    """
    return _round_blocks_to_4_bits(_blocks(weight)).reshape(weight.shape)


def round_to_8_bits(weight: Tensor) -> Tensor:
    """What `quantize.blocks_int8` stands for, equal to the last bit."""
    grouped = _blocks(weight)
    peak = grouped.abs().amax(1, keepdim=True)
    scales = peak / torch.full_like(peak, 127)
    return (torch.round(grouped * _inverse(scales)) * scales).reshape(weight.shape)


def _round_blocks_to_4_bits(grouped: Tensor) -> Tensor:
    peak = grouped.gather(1, grouped.abs().argmax(1, keepdim=True))
    best = torch.zeros_like(grouped)
    best_error = torch.full_like(peak, torch.inf)
    for steps in _STEPS:
        # A tensor, because a Python number would be multiplied by its reciprocal.
        scales = peak / torch.full_like(peak, steps)
        values = torch.round(grouped * _inverse(scales)).clamp_(-8, 7)
        fit = _sum(grouped * values) / _sum(values * values).clamp_(min=1e-30)
        restored = values * fit
        error = _sum((grouped - restored).square_())
        better = error < best_error
        best_error = torch.where(better, error, best_error)
        best = torch.where(better, restored, best)
    return best


def _sum(blocks: Tensor) -> Tensor:
    """Sums of rows of 32 in the order in which numpy adds them up."""
    lanes = blocks.view(-1, BLOCK // 8, 8)
    total = lanes[:, 0]
    for part in range(1, BLOCK // 8):
        total = total + lanes[:, part]
    while total.shape[1] > 1:
        total = total[:, 0::2] + total[:, 1::2]
    return total


def _blocks(weight: Tensor) -> Tensor:
    if weight.shape[-1] % BLOCK:
        raise ValueError(f"{weight.shape[-1]} inputs do not divide into blocks of {BLOCK}")
    return weight.reshape(-1, BLOCK)


def _inverse(scales: Tensor) -> Tensor:
    return torch.where(scales == 0, torch.zeros_like(scales), torch.ones_like(scales) / scales)


class RoundedWeights:
    """Puts rounded weights into a model and takes them out again.

    Gradients at the rounded weights, applied to the exact ones, are the straight-through
    estimator; no operator has to know of it.
    """

    def __init__(self, model: Any) -> None:
        """Raises ValueError for a model whose rows do not divide into blocks."""
        tables = {id(table): table for table in _tables(model)}
        self._bytes: list[nn.Parameter] = list(tables.values())
        self._nibbles: list[nn.Parameter] = [
            module.weight
            for module in model.modules()
            if isinstance(module, nn.Linear) and id(module.weight) not in tables
        ]
        for weight in (*self._bytes, *self._nibbles):
            _blocks(weight.detach()[:1])
        self._exact: list[Tensor] = []

    @torch.no_grad()
    def round(self) -> None:
        """Keeps the exact weights aside and rounds those of the model."""
        weights = [weight.data for weight in (*self._bytes, *self._nibbles)]
        if not self._exact:
            self._exact = [torch.empty_like(weight) for weight in weights]
        torch._foreach_copy_(self._exact, weights)
        for weight in self._bytes:
            weight.copy_(round_to_8_bits(weight))
        for some in _in_portions([weight.data for weight in self._nibbles]):
            # One call for many matrices: hundreds of small ones would wait for launches.
            joined = _round_blocks_to_4_bits(torch.cat([_blocks(weight) for weight in some]))
            parts = joined.split([weight.numel() // BLOCK for weight in some])
            torch._foreach_copy_(
                some, [part.view_as(weight) for part, weight in zip(parts, some, strict=True)]
            )

    @torch.no_grad()
    def restore(self) -> None:
        """Puts the exact weights back."""
        weights = [weight.data for weight in (*self._bytes, *self._nibbles)]
        torch._foreach_copy_(weights, self._exact)


def _tables(model: Any) -> list[nn.Parameter]:
    return [model.get_input_embeddings().weight, model.get_output_embeddings().weight]


def _in_portions(weights: Sequence[Tensor]) -> list[list[Tensor]]:
    portions: list[list[Tensor]] = []
    room = 0
    for weight in weights:
        if weight.numel() > room:
            portions.append([])
            room = max(_AT_ONCE, weight.numel())
        portions[-1].append(weight)
        room -= weight.numel()
    return portions
