"""Runs a converted decoder with onnxruntime, one sequence at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_llm.architecture import FloatArray


@dataclass
class KeyValueCache:
    """Past keys and values by input name; empty before the first token."""

    length: int = 0
    values: dict[str, NDArray[Any]] = field(default_factory=dict)


class DecoderSession:
    """`model` is a file, or the bytes of one."""

    def __init__(self, model: Path | bytes, threads: int | None = None) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        if threads:
            options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            model if isinstance(model, bytes) else str(model),
            options,
            providers=["CPUExecutionProvider"],
        )
        self._cache_inputs = [
            value
            for value in self._session.get_inputs()
            if value.name.startswith("past_key_values.")
        ]
        self._inputs = {value.name for value in self._session.get_inputs()}
        self._outputs = [value.name for value in self._session.get_outputs()]

    def forward(self, tokens: Iterable[int], cache: KeyValueCache, keep: int = 1) -> FloatArray:
        """Feeds tokens, extends the cache, returns the last `keep` logits (0: all of them).

        A graph that cannot be asked gives what it always gives: all logits, or the last.
        """
        ids = list(tokens)
        made = self._run(ids, cache, keep, self._outputs)
        logits: FloatArray = made.pop("logits")[0]
        cache.length += len(ids)
        cache.values = {
            name.replace("present", "past_key_values"): value for name, value in made.items()
        }
        return logits

    def everything(self, tokens: Sequence[int], names: Sequence[str]) -> dict[str, NDArray[Any]]:
        """Outputs by name, of tokens with nothing before them; logits are those of all."""
        return self._run(list(tokens), KeyValueCache(), 0, list(names))

    def _run(
        self, tokens: list[int], cache: KeyValueCache, keep: int, names: list[str]
    ) -> dict[str, NDArray[Any]]:
        total = cache.length + len(tokens)
        feeds = {
            "input_ids": np.asarray([tokens], dtype=np.int64),
            "attention_mask": np.ones((1, total), dtype=np.int64),
            "position_ids": np.arange(cache.length, total, dtype=np.int64)[None],
            "num_logits_to_keep": np.asarray(keep, np.int64),
        }
        fed = {name: value for name, value in feeds.items() if name in self._inputs}
        results = self._session.run(names, {**fed, **(cache.values or self._empty_cache())})
        return dict(zip(names, results, strict=True))

    def greedy(self, prompt: list[int], count: int, stop: int | None = None) -> list[int]:
        """The `count` most likely tokens, fewer if `stop` comes first; `stop` is not returned."""
        cache = KeyValueCache()
        step, made = prompt, list[int]()
        while len(made) < count:
            token = int(self.forward(step, cache)[-1].argmax())
            if token == stop:
                break
            made.append(token)
            step = [token]
        return made

    def _empty_cache(self) -> dict[str, NDArray[Any]]:
        return {
            value.name: np.zeros(
                (1, value.shape[1], 0, value.shape[3]),
                dtype=np.float16 if value.type == "tensor(float16)" else np.float32,
            )
            for value in self._cache_inputs
        }
