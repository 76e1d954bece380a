"""The optimizer of trained weights."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from edge_llm.train.settings import TrainSettings


def make_optimizer(
    weights: Sequence[torch.Tensor], settings: TrainSettings, on_gpu: bool
) -> torch.optim.AdamW:
    """AdamW; weights of norms do not decay."""
    matrices = [weight for weight in weights if weight.ndim > 1]
    vectors = [weight for weight in weights if weight.ndim < 2]
    return torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": settings.weight_decay},
            {"params": vectors, "weight_decay": 0.0},
        ],
        lr=settings.peak_lr,
        betas=(0.9, 0.95),
        fused=on_gpu,
    )
