"""What a decoder is, independent of where its numbers come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Llama3Scaling:
    """Stretches slow rotations, as Llama 3.1 does; the names are those of `rope_parameters`."""

    factor: float
    low_freq_factor: float
    high_freq_factor: float
    original_max_position_embeddings: float


@dataclass(frozen=True)
class Traits:
    """What a decoder does beyond a plain Llama; the defaults add nothing."""

    architecture: str = "LlamaForCausalLM"
    """A key of `families.FAMILIES`."""
    gate: Literal["silu", "gelu_tanh"] = "silu"
    embedding_scale: float = 1.0
    """Factor of the embedding's rows, not of a head that shares its table."""
    attention_scale: float | None = None
    """Factor of attention scores; None for `head_dim ** -0.5`."""
    residual_scale: float = 1.0
    """Factor of what attention and feed-forward part add to the residual stream."""
    logit_scale: float = 1.0
    windows: tuple[int, ...] = ()
    """Tokens that each layer looks back, its own included; 0, or no entry, for all."""
    rope_scaling: Llama3Scaling | float | None = None
    """Of the rotation of layers without a local one; a number divides positions."""
    local_rope_theta: float | None = None
    """Base of the rotation in layers with a window, where it differs."""
    exceeds_half: bool = False
    """Whether the residual stream passes what 16-bit floats hold."""


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
    traits: Traits = Traits()

    def window(self, layer: int) -> int:
        """Tokens that a layer looks back, its own included; 0 for all."""
        return self.traits.windows[layer] if layer < len(self.traits.windows) else 0

    def is_local(self, layer: int) -> bool:
        """Whether a layer's rotation is the local one."""
        return self.traits.local_rope_theta is not None and self.window(layer) > 0

    @property
    def attention_scale(self) -> float:
        given = self.traits.attention_scale
        return self.head_dim**-0.5 if given is None else given

    def resized(self, **changes: Any) -> DecoderConfig:
        return replace(self, **changes)


@dataclass(frozen=True)
class LayerWeights:
    """One decoder layer. Matrices are `[outputs, inputs]`, rotary halves unpermuted.

    Norms are the whole factors: an offset that a family adds to stored ones is in them.
    """

    input_norm: FloatArray
    qkv: FloatArray
    attention_output: FloatArray
    mlp_norm: FloatArray
    gate_up: FloatArray
    down: FloatArray
    qkv_bias: FloatArray | None = None
    query_norm: FloatArray | None = None
    """Of every query head `[head_dim]`, before the rotation; `key_norm` likewise."""
    key_norm: FloatArray | None = None
    post_attention_norm: FloatArray | None = None
    """Of what attention gives, before it is added; `post_mlp_norm` likewise."""
    post_mlp_norm: FloatArray | None = None


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
