"""Tiny random decoders of every family, by a seed: for tests of what runs graphs."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from edge_llm.architecture import DecoderConfig, DecoderWeights, FloatArray, LayerWeights
from edge_llm.families import FAMILIES, is_norm
from edge_llm.hf_config import decoder_config

_SEED = 20241121

_BASE: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "vocab_size": 260,
    "max_position_embeddings": 256,
    "rms_norm_eps": 1e-6,
    "bos_token_id": 256,
    "eos_token_id": 258,
    "pad_token_id": 259,
    "tie_word_embeddings": True,
    "hidden_act": "silu",
}
_MULTIPLIERS = {
    "embedding_multiplier": 12.0,
    "residual_multiplier": 0.22,
    "attention_multiplier": 0.125,
    "logits_scaling": 4.0,
}

TINY_FAMILIES: dict[str, dict[str, Any]] = {
    "llama": {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "rope_theta": 10000.0,
        "tie_word_embeddings": False,
    },
    "llama3": {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "rope_theta": 500000.0,
        "rope_scaling": {
            "rope_type": "llama3",
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64,
        },
    },
    "mistral": {
        "architectures": ["MistralForCausalLM"],
        "model_type": "mistral",
        "rope_theta": 10000.0,
        "sliding_window": 9,
    },
    "qwen2": {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "rope_theta": 1000000.0,
        "use_sliding_window": False,
        "sliding_window": 8,
        "max_window_layers": 1,
    },
    "qwen3": {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "rope_theta": 1000000.0,
        "head_dim": 32,
    },
    "gemma3": {
        "architectures": ["Gemma3ForCausalLM"],
        "model_type": "gemma3_text",
        "intermediate_size": 96,
        "num_hidden_layers": 3,
        "num_key_value_heads": 1,
        "head_dim": 32,
        "hidden_activation": "gelu_pytorch_tanh",
        "query_pre_attn_scalar": 24,
        "rope_theta": 1000000.0,
        "rope_local_base_freq": 10000.0,
        "sliding_window": 7,
        "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
    },
    "granite": {
        "architectures": ["GraniteForCausalLM"],
        "model_type": "granite",
        "rope_theta": 10000.0,
        **_MULTIPLIERS,
    },
    "granite4": {
        "architectures": ["GraniteMoeHybridForCausalLM"],
        "model_type": "granitemoehybrid",
        "rope_theta": 10000.0,
        "shared_intermediate_size": 128,
        "num_local_experts": 0,
        "num_experts_per_tok": 0,
        "mamba_n_heads": 4,
        "layer_types": ["attention", "attention"],
        "position_embedding_type": "rope",
        **_MULTIPLIERS,
    },
}
"""What each `config.json` says beyond `_BASE`, in the form that hubs have it."""


def tiny_settings(family: str, **changes: Any) -> dict[str, Any]:
    """The `config.json` of a tiny model. Raises KeyError for a name not in `TINY_FAMILIES`."""
    return {**_BASE, **TINY_FAMILIES[family], **changes}


def random_weights(settings: dict[str, Any]) -> DecoderWeights:
    """Weights for a `config.json`, the same in every run.

    Biases and norms are random too: left at 0 and 1 they would hide a place that forgets them.
    """
    config = decoder_config(settings)
    shapes = _shapes(config)
    names = FAMILIES[config.traits.architecture].names

    @cache
    def layer(index: int) -> LayerWeights:
        random = np.random.default_rng([_SEED, index + 1])
        return LayerWeights(**{name: _random(random, name, shapes[name]) for name in names})

    random = np.random.default_rng([_SEED, 0])
    vocabulary = (config.vocab_size, config.hidden_size)
    scale = np.float32(0.4 / config.traits.embedding_scale)
    embedding = random.standard_normal(vocabulary, np.float32) * scale
    # What a family makes smaller comes out as large as in the others.
    traits = config.traits
    larger = np.float32(traits.embedding_scale / traits.logit_scale)
    final_norm = _random(random, "final_norm", (config.hidden_size,)) * larger
    head = None
    if not config.tie_word_embeddings:
        head = random.standard_normal(vocabulary, np.float32) * np.float32(0.4)
    return DecoderWeights(config, embedding, final_norm, layer, head)


def _shapes(config: DecoderConfig) -> dict[str, tuple[int, ...]]:
    hidden, inner, width = config.hidden_size, config.intermediate_size, config.head_dim
    query, key = config.num_attention_heads * width, config.num_key_value_heads * width
    return {
        "qkv": (query + 2 * key, hidden),
        "attention_output": (hidden, query),
        "gate_up": (2 * inner, hidden),
        "down": (hidden, inner),
        "qkv_bias": (query + 2 * key,),
        "query_norm": (width,),
        "key_norm": (width,),
        **dict.fromkeys(
            ("input_norm", "mlp_norm", "post_attention_norm", "post_mlp_norm"), (hidden,)
        ),
    }


def _random(random: np.random.Generator, name: str, shape: tuple[int, ...]) -> FloatArray:
    values = random.standard_normal(shape, np.float32)
    if is_norm(name):
        return np.float32(1) + np.float32(0.2) * values
    # Outputs that outweigh the embedding, or a tied head only repeats the last token.
    scale = 0.5 if len(shape) == 1 else 2 * shape[1] ** -0.5
    return values * np.float32(scale)
