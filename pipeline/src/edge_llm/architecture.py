"""What a Llama-style decoder is, independent of where its numbers come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class DecoderConfig:
    """Sizes of a decoder; the names are those of a Hugging Face `config.json`."""

    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    vocab_size: int
    max_position_embeddings: int
    rope_theta: float
    rms_norm_eps: float
    bos_token_id: int
    eos_token_id: int
    pad_token_id: int
    tie_word_embeddings: bool = True
    """Whether the output head is the embedding."""

    def resized(self, **changes: Any) -> DecoderConfig:
        return replace(self, **changes)


@dataclass(frozen=True)
class LayerWeights:
    """One decoder layer. Matrices are `[outputs, inputs]`, rotary halves unpermuted."""

    input_norm: FloatArray
    qkv: FloatArray
    attention_output: FloatArray
    mlp_norm: FloatArray
    gate_up: FloatArray
    down: FloatArray


@dataclass(frozen=True)
class DecoderWeights:
    """A whole decoder, its vocabulary matrices `[vocab, hidden]`."""

    config: DecoderConfig
    embedding: FloatArray
    final_norm: FloatArray
    layer: Callable[[int], LayerWeights]
    """Gives one layer by its index; the caller may ask for it more than once."""
    head: FloatArray | None = None
    """The output head; None where it is the embedding."""
