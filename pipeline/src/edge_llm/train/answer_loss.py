"""The loss: weighted next-token loss on answers, and divergence from the base model."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from edge_llm.train.encode import Example

_ROUND_LENGTH_TO = 8


@dataclass(frozen=True)
class Batch:
    """Padded on the right, so that causal attention needs no mask. All on one device."""

    ids: Tensor
    """`[rows, length]`."""
    before: Tensor
    """Flat positions whose next token is trained, `[tokens]`."""
    targets: Tensor
    """Those next tokens, `[tokens]`."""
    weights: Tensor
    """Their loss weights, `[tokens]`."""
    near_rows: Tensor
    """Rows held near the base model, `[near]`."""
    near_tokens: Tensor
    """Where in `[tokens]` those rows' tokens are."""
    near_before: Tensor
    """The same tokens' flat positions when only `near_rows` are kept."""


def collate(examples: Sequence[Example], device: torch.device, silent: bool = False) -> Batch:
    """One batch; `silent` gives every token weight 0, for a process that has no share."""
    longest = max(len(example.ids) for example in examples)
    length = -(-longest // _ROUND_LENGTH_TO) * _ROUND_LENGTH_TO
    ids = np.zeros((len(examples), length), np.int64)
    before, targets, weights = [], [], []
    near_rows: list[int] = []
    near_tokens, near_before = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    count = 0
    for row, example in enumerate(examples):
        size = len(example.ids)
        ids[row, :size] = example.ids
        positions = np.arange(example.start - 1, size - 1)
        before.append(row * length + positions)
        targets.append(example.ids[example.start :])
        weights.append(example.weights)
        if example.near_base:
            near_before.append(len(near_rows) * length + positions)
            near_tokens.append(count + np.arange(len(positions)))
            near_rows.append(row)
        count += len(positions)

    def send(values: Any, kind: type[np.generic] = np.int64) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(values, dtype=kind))
        return tensor.to(device, non_blocking=True)

    joined = np.concatenate(weights)
    return Batch(
        ids=send(ids),
        before=send(np.concatenate(before)),
        targets=send(np.concatenate(targets)),
        weights=send(joined * 0 if silent else joined, np.float32),
        near_rows=send(near_rows),
        near_tokens=send(np.concatenate(near_tokens)),
        near_before=send(np.concatenate(near_before)),
    )


class AnswerLoss(nn.Module):
    """Wraps a causal language model so that its forward pass is the loss of a batch."""

    def __init__(self, model: Any, base: Any | None, kl: float, compiled: bool = False) -> None:
        """`base` is the frozen base model; None where an adapter can be switched off."""
        super().__init__()
        self.model = model
        self._kl = kl
        # In a list, so that the frozen weights are not registered with this module.
        self._base = [] if base is None else [base]
        self._decoder = [_decoder(model)]
        if compiled:
            # All layers share one compiled graph, which is quicker to make than the whole.
            for layer in self._decoder[0].layers:
                layer.compile(dynamic=True)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Sums over tokens: what to minimise, next-token loss, divergence."""
        # Logits are made for the answers' tokens only: most of a prompt is not trained on,
        # and the vocabulary is the largest matrix.
        hidden = self._decoder[0](input_ids=batch.ids, use_cache=False).last_hidden_state
        logits = _logits(self.model, hidden.flatten(0, 1)[batch.before])
        each = nn.functional.cross_entropy(logits, batch.targets, reduction="none")
        loss = (each * batch.weights).sum()
        if not self._kl or not len(batch.near_rows):
            return loss, loss.detach(), torch.zeros_like(loss)
        with torch.no_grad(), self._without_adapter():
            base = self._base[0] if self._base else self.model
            seen = _decoder(base)(input_ids=batch.ids[batch.near_rows], use_cache=False)
            wanted = _logits(base, seen.last_hidden_state.flatten(0, 1)[batch.near_before])
        apart = nn.functional.kl_div(
            logits[batch.near_tokens].log_softmax(-1),
            wanted.log_softmax(-1),
            reduction="none",
            log_target=True,
        )
        divergence = (apart.sum(-1) * (batch.weights[batch.near_tokens] > 0)).sum()
        return loss + self._kl * divergence, loss.detach(), divergence.detach()

    def _without_adapter(self) -> AbstractContextManager[Any]:
        return nullcontext() if self._base else self.model.disable_adapter()


def _decoder(model: Any) -> Any:
    """The model without its head; of an adapted model, the adapted one's."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    return inner.model


def _logits(model: Any, hidden: Tensor) -> Tensor:
    logits: Tensor = model.get_output_embeddings()(hidden).float()
    cap = getattr(model.config, "final_logit_softcapping", None)
    return torch.tanh(logits / cap) * cap if cap else logits
