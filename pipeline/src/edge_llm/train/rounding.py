"""Weights rounded as the shipped 4-bit files store them, in torch, for training and tests.

Values equal those of `edge_llm.quantize.rounded` to the last bit. So there are only separate
operations in numpy's own order: a fused or re-ordered sum would choose another scale now and
then, and what is trained would not be what is shipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from edge_llm.graph.precision import BlockSizes

_AT_ONCE = 1 << 25
"""Weights rounded in one go: enough to keep a GPU busy, few enough for its memory."""
_STEPS = (-8.0, -7.4, -6.8, 7.0, 7.6)
_LARGEST_HALF = 65504.0


def rounded(weight: Tensor, bits: int, block: int) -> Tensor:
    """`weight` of `[outputs, inputs]` as a graph with blocks of 4 or 8 bits computes with it."""
    values = _rounded_blocks(_blocks(weight, block), bits)
    return values.reshape(weight.shape[0], -1)[:, : weight.shape[1]]


def _rounded_blocks(grouped: Tensor, bits: int) -> Tensor:
    if bits == 4:
        scales, least, most = _as_half(_best_scales(grouped)), -8, 7
    else:
        peak = grouped.abs().amax(1, keepdim=True)
        # By a tensor, since a division by a number is done as a product on some devices.
        scales, least, most = _as_half(peak / torch.full_like(peak, 127)), -127, 127
    return torch.round(grouped * _inverse(scales)).clamp_(least, most).mul_(scales)


def _best_scales(grouped: Tensor) -> Tensor:
    peak = grouped.gather(1, grouped.abs().argmax(1, keepdim=True))
    best = torch.zeros_like(peak)
    best_error = torch.full_like(peak, torch.inf)
    for steps in _STEPS:
        scales = peak / torch.full_like(peak, steps)
        values = torch.round(grouped * _inverse(scales)).clamp_(-8, 7)
        fit = _sum(grouped * values) / _sum(values * values).clamp_(min=1e-30)
        error = _sum(values.mul_(fit).sub_(grouped).square_())
        better = error < best_error
        best_error = torch.where(better, error, best_error)
        best = torch.where(better, fit, best)
    return best


def _sum(blocks: Tensor) -> Tensor:
    """Sums of rows of 16 to 128 in the order in which numpy adds them up: eight running sums."""
    lanes = blocks.view(len(blocks), -1, 8)
    total = lanes[:, 0]
    for part in range(1, lanes.shape[1]):
        total = total + lanes[:, part]
    while total.shape[1] > 1:
        total = total[:, 0::2] + total[:, 1::2]
    return total


def _blocks(weight: Tensor, block: int) -> Tensor:
    missing = -weight.shape[1] % block
    whole = nn.functional.pad(weight, (0, missing)) if missing else weight
    return whole.reshape(-1, block)


def _as_half(scales: Tensor) -> Tensor:
    return scales.clamp(-_LARGEST_HALF, _LARGEST_HALF).half().float()


def _inverse(scales: Tensor) -> Tensor:
    return torch.where(scales == 0, torch.zeros_like(scales), torch.ones_like(scales) / scales)


class RoundedWeights:
    """Puts rounded weights into a model and takes them out again.

    Gradients at the rounded weights, applied to the exact ones, are the straight-through
    estimator; no operator has to know of it.
    """

    def __init__(self, model: Any, sizes: BlockSizes) -> None:
        self._sizes = sizes
        tables = {id(table): table for table in _tables(model)}
        matrices = [
            module.weight
            for module in model.modules()
            if isinstance(module, nn.Linear) and id(module.weight) not in tables
        ]
        self._tables = [table.data for table in tables.values()]
        self._matrices = [matrix.data for matrix in matrices]
        self._exact: list[Tensor] = []

    @torch.no_grad()
    def round(self) -> None:
        """Keeps the exact weights aside and rounds those of the model."""
        weights = [*self._tables, *self._matrices]
        if not self._exact:
            self._exact = [torch.empty_like(weight) for weight in weights]
        torch._foreach_copy_(self._exact, weights)
        sizes = self._sizes
        _round(self._tables, sizes.embedding_bits, sizes.embedding_block)
        _round(self._matrices, 4, sizes.block)

    @torch.no_grad()
    def restore(self) -> None:
        """Puts the exact weights back."""
        torch._foreach_copy_([*self._tables, *self._matrices], self._exact)


def _round(weights: Sequence[Tensor], bits: int, block: int) -> None:
    for some in _in_portions(weights):
        # One call for many matrices: hundreds of small ones would wait for launches.
        grouped = [_blocks(weight, block) for weight in some]
        parts = _rounded_blocks(torch.cat(grouped), bits).split([len(part) for part in grouped])
        for weight, part in zip(some, parts, strict=True):
            weight.copy_(part.reshape(len(weight), -1)[:, : weight.shape[1]])


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
