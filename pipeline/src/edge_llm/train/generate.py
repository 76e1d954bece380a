"""Greedy generation for many prompts at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from edge_llm.formats import ToolFormat
from edge_llm.train.encode import open_tokenizer
from edge_llm.train.model import to_bf16
from edge_llm.train.rounding import RoundedWeights

if TYPE_CHECKING:
    from edge_llm.predict import PredictSettings

_LOOK_EVERY = 8
"""Steps between looks at which rows have ended, each of which waits for the device."""

Answer = tuple[str, float]


class Generator:
    """A model that answers; `q4` rounds its weights for good."""

    def __init__(
        self, model: Any, directory: Path, tool_format: ToolFormat, settings: PredictSettings
    ) -> None:
        self._settings = settings
        self._model = model.eval()
        if settings.dtype == "q4":
            RoundedWeights(model, settings.sizes).round()
        elif settings.dtype == "bf16":
            to_bf16(model)
        self._device = model.get_input_embeddings().weight.device
        self._tokenizer = open_tokenizer(directory)
        # Without a token of its own, a call's opening begins like other text.
        self._opening: int = self._encode([tool_format.call_opening])[0][0]
        self._stops = torch.tensor(sorted(self._stop_ids(tool_format)), device=self._device)

    def _stop_ids(self, tool_format: ToolFormat) -> set[int]:
        eos = self._model.generation_config.eos_token_id
        ids = set(eos if isinstance(eos, list) else [eos]) - {None}
        for token in (tool_format.end_token, "<start_function_response>"):
            ids.add(self._tokenizer.token_to_id(token))
        return ids - {None}

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        made = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in made]

    def answers(
        self, prompts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> list[Answer]:
        """For each prompt the answer's text and how far a call led at its first token."""
        encoded = self._encode(prompts)
        order = sorted(range(len(encoded)), key=lambda index: -len(encoded[index]))
        found: dict[int, Answer] = {}
        start = 0
        while start < len(order):
            longest = len(encoded[order[start]]) + self._settings.max_new_tokens
            rows = order[start : start + max(1, self._settings.batch_tokens // longest)]
            found.update(zip(rows, self._batch([encoded[row] for row in rows]), strict=True))
            start += len(rows)
            if progress:
                progress(start, len(order))
        return [found[index] for index in range(len(prompts))]

    @torch.inference_mode()
    def _batch(self, prompts: list[list[int]]) -> list[Answer]:
        from transformers import DynamicCache

        ids, mask = self._padded(prompts)
        cache = DynamicCache(config=self._model.config)
        positions = (mask.cumsum(1) - 1).clamp(min=0)
        limit = self._settings.max_new_tokens
        made = torch.full((len(prompts), limit), -1, device=self._device)
        rows = torch.arange(len(prompts), device=self._device)
        ended = torch.zeros(len(prompts), dtype=torch.bool, device=self._device)
        leads: list[float] = []
        for step in range(limit):
            logits = self._model(
                input_ids=ids,
                attention_mask=mask,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            ).logits[:, -1]
            if step == 0:
                leads = self._first(logits)
            token = logits.argmax(-1)
            made[rows, step] = torch.where(ended, -1, token)
            ended = ended | torch.isin(token, self._stops)
            if (step + 1) % _LOOK_EVERY == 0 or step == 0:
                alive = (~ended).nonzero()[:, 0]
                if not len(alive):
                    break
                # Rows that have ended would still cost as much as the others.
                if len(alive) <= 0.75 * len(rows):
                    cache.batch_select_indices(alive)
                    rows, ended, token = rows[alive], ended[alive], token[alive]
                    mask, positions = mask[alive], positions[alive]
            ids = token[:, None]
            mask = torch.cat([mask, mask.new_ones(len(rows), 1)], 1)
            positions = positions[:, -1:] + 1
        answers = [[token for token in row if token >= 0] for row in made.tolist()]
        texts = self._tokenizer.decode_batch(answers, skip_special_tokens=False)
        return list(zip(texts, leads, strict=True))

    def _first(self, logits: Tensor) -> list[float]:
        """How far the call is ahead, before the bias is put onto its logit."""
        opening = logits[:, self._opening].float()
        others = logits.float().clone()
        others[:, self._opening] = -torch.inf
        leads: list[float] = (opening - others.amax(-1)).tolist()
        logits[:, self._opening] += self._settings.call_bias
        return leads

    def _padded(self, prompts: list[list[int]]) -> tuple[Tensor, Tensor]:
        """On the left, so that all rows end where the answer begins."""
        longest = max(map(len, prompts))
        ids = torch.zeros(len(prompts), longest, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, prompt in enumerate(prompts):
            ids[row, longest - len(prompt) :] = torch.tensor(prompt)
            mask[row, longest - len(prompt) :] = 1
        return ids.to(self._device), mask.to(self._device)
