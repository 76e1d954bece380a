"""What computes logits token by token, to be held against fp32 arithmetic."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from edge_llm.architecture import DecoderWeights, FloatArray
from edge_llm.checkpoint import named_tensors
from edge_llm.manifest import DTYPE_FILES
from edge_llm.session import DecoderSession, KeyValueCache
from edge_llm.simd.decoder import SimdDecoder


class Engine(Protocol):
    """Reads texts, one after the other and piece by piece."""

    def begin(self) -> None:
        """A new text."""

    def feed(self, tokens: Sequence[int]) -> FloatArray:
        """The next piece of it: logits after each of its tokens, `[tokens, vocab]`."""


class CoreEngine:
    """The SIMD core."""

    def __init__(self, decoder: SimdDecoder) -> None:
        self.decoder = decoder
        self._sequence = decoder.sequence()

    def begin(self) -> None:
        self._sequence.truncate(0)

    def feed(self, tokens: Sequence[int]) -> FloatArray:
        return self.decoder.feed_all(self._sequence, tokens)


class OnnxRuntimeEngine:
    """ONNX Runtime on the same graph."""

    def __init__(self, directory: Path, dtype: str) -> None:
        self._session = DecoderSession(directory / DTYPE_FILES[dtype], 1)
        self._cache = KeyValueCache()

    def begin(self) -> None:
        self._cache = KeyValueCache()

    def feed(self, tokens: Sequence[int]) -> FloatArray:
        return self._session.forward(tokens, self._cache, keep=0)


class TransformersEngine:
    """transformers' own model of the architecture, on the weights as the graph rounds them."""

    def __init__(self, directory: Path, weights: DecoderWeights) -> None:
        import torch
        from transformers import AutoConfig, AutoModelForCausalLM

        settings = json.loads((directory / "config.json").read_text(encoding="utf-8"))
        settings["tie_word_embeddings"] = weights.head is None
        config = AutoConfig.for_model(**settings)
        model = AutoModelForCausalLM.from_config(config, attn_implementation="eager")
        tensors = {
            name: torch.from_numpy(tensor) for name, tensor in named_tensors(weights).items()
        }
        if weights.head is None:
            tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"]
        model.load_state_dict(tensors, assign=True)
        self._model = model.eval()
        self._past: Any = None

    def begin(self) -> None:
        self._past = None

    def feed(self, tokens: Sequence[int]) -> FloatArray:
        import torch

        with torch.no_grad():
            made = self._model(
                torch.tensor([list(tokens)]), past_key_values=self._past, use_cache=True
            )
        self._past = made.past_key_values
        logits: FloatArray = made.logits[0].numpy()
        return logits


OTHERS: dict[str, Callable[[Path, str, DecoderWeights], Engine]] = {
    "onnxruntime": lambda directory, dtype, _weights: OnnxRuntimeEngine(directory, dtype),
    "transformers": lambda directory, _dtype, weights: TransformersEngine(directory, weights),
}
"""What the core can be compared with."""
