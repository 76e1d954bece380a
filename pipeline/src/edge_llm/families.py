"""The decoder families that this package's graph writer knows, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from edge_llm.architecture import DecoderConfig

Names = Mapping[str, tuple[str, ...]]
"""Stored tensors of a layer by the field of `LayerWeights` that they make, one below the other."""

_LLAMA: Names = {
    "input_norm": ("input_layernorm.weight",),
    "qkv": tuple(f"self_attn.{letter}_proj.weight" for letter in "qkv"),
    "attention_output": ("self_attn.o_proj.weight",),
    "mlp_norm": ("post_attention_layernorm.weight",),
    "gate_up": ("mlp.gate_proj.weight", "mlp.up_proj.weight"),
    "down": ("mlp.down_proj.weight",),
}
_QKV_BIAS: Names = {"qkv_bias": tuple(f"self_attn.{letter}_proj.bias" for letter in "qkv")}
_HEAD_NORMS: Names = {
    "query_norm": ("self_attn.q_norm.weight",),
    "key_norm": ("self_attn.k_norm.weight",),
}
_FOUR_NORMS: Names = {
    "post_attention_norm": ("post_attention_layernorm.weight",),
    "mlp_norm": ("pre_feedforward_layernorm.weight",),
    "post_mlp_norm": ("post_feedforward_layernorm.weight",),
}
_SHARED_MLP: Names = {
    "gate_up": ("shared_mlp.input_linear.weight",),
    "down": ("shared_mlp.output_linear.weight",),
}


@dataclass(frozen=True)
class Family:
    """One `architectures` entry of a Hugging Face `config.json`."""

    names: Names
    gate: Literal["silu", "gelu_tanh"] = "silu"
    norm_offset: float = 0.0
    """What is added to every stored norm."""
    scales_embedding: bool = False
    """Whether rows of the embedding are multiplied by `sqrt(hidden_size)`."""
    has_multipliers: bool = False
    """Whether Granite's four multipliers apply."""
    tied: bool = False
    """Whether the head is the embedding where the file does not say."""
    window: Literal["none", "every", "late", "pattern"] = "none"
    """Which layers `sliding_window` is for: see `hf_config`."""
    window_size: int | None = None
    """`sliding_window` where the file does not say."""
    rope_theta: float = 10000.0
    """Base of the rotation where the file does not say."""
    local_rope_theta: float | None = None
    """The same for layers with a window, where it differs."""
    exceeds_half: bool = False
    mlp_size: str = "intermediate_size"
    is_hybrid: bool = False
    """Whether layers may be something else than attention."""


FAMILIES: dict[str, Family] = {
    "LlamaForCausalLM": Family(_LLAMA),
    "MistralForCausalLM": Family(_LLAMA, window="every", window_size=4096),
    "Qwen2ForCausalLM": Family({**_LLAMA, **_QKV_BIAS}, window="late", window_size=4096),
    "Qwen3ForCausalLM": Family({**_LLAMA, **_HEAD_NORMS}, window="late", window_size=4096),
    "Gemma3ForCausalLM": Family(
        {**_LLAMA, **_HEAD_NORMS, **_FOUR_NORMS},
        gate="gelu_tanh",
        norm_offset=1.0,
        scales_embedding=True,
        tied=True,
        window="pattern",
        window_size=4096,
        rope_theta=1_000_000.0,
        local_rope_theta=10_000.0,
        exceeds_half=True,
    ),
    "GraniteForCausalLM": Family(_LLAMA, has_multipliers=True),
    "GraniteMoeHybridForCausalLM": Family(
        {**_LLAMA, **_SHARED_MLP},
        has_multipliers=True,
        mlp_size="shared_intermediate_size",
        is_hybrid=True,
    ),
}


def is_norm(field: str) -> bool:
    """Whether a field of `LayerWeights` is a norm."""
    return field.endswith("_norm")


def rows_of(field: str, config: DecoderConfig) -> list[int]:
    """Heights of the parts that are joined in a field, where it has several."""
    if field in ("qkv", "qkv_bias"):
        query, key = (
            heads * config.head_dim
            for heads in (config.num_attention_heads, config.num_key_value_heads)
        )
        return [query, key, key]
    return [config.intermediate_size] * 2 if field == "gate_up" else []
