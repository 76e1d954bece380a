"""The loss on the validation samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from edge_llm.train.answer_loss import collate
from edge_llm.train.batches import BatchPlan
from edge_llm.train.encode import Example, lengths_of


@torch.no_grad()
def mean_loss(
    accelerator: Any,
    model_loss: Any,
    examples: Sequence[Example],
    micro_tokens: int,
    launch_tokens: int,
) -> float:
    """Mean loss per trained token, over all processes, which share the examples."""
    loss = accelerator.unwrap_model(model_loss)
    loss.eval()
    plan = BatchPlan(lengths_of(examples), micro_tokens, 0, launch_tokens)
    batches = plan.share(
        list(range(len(examples))),
        accelerator.process_index,
        accelerator.num_processes,
        micro_tokens,
    )
    total = torch.zeros((), device=accelerator.device)
    for batch in batches:
        made = collate([examples[index] for index in batch], accelerator.device)
        total += loss(made)[1]
    loss.train()
    weight = sum(example.weight for example in examples)
    return float(accelerator.reduce(total, "sum")) / weight
