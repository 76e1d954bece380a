"""Reads the sizes of a decoder out of a Hugging Face `config.json`."""

from __future__ import annotations

from typing import Any

from edge_llm.architecture import DecoderConfig

PLAIN_LLAMA = "LlamaForCausalLM"

SUPPORTED = (PLAIN_LLAMA, "Qwen2ForCausalLM", "Qwen3ForCausalLM", "Gemma3ForCausalLM")
"""Architectures that `train` and `export` take."""


def architecture_of(config: dict[str, Any]) -> str:
    """The model class that a `config.json` names, or an empty string."""
    named = config.get("architectures") or [""]
    return str(named[0]) if isinstance(named, list) else ""


def why_not_plain(config: dict[str, Any]) -> str | None:
    """What `DecoderWeights` cannot express of a model; None if it can express all."""
    if architecture_of(config) != PLAIN_LLAMA:
        return f"its architecture is {architecture_of(config) or 'not named'}"
    for name in ("attention_bias", "mlp_bias"):
        if config.get(name):
            return f"{name} is set"
    if config.get("hidden_act", "silu") != "silu":
        return f"hidden_act is {config['hidden_act']}"
    rope = {**(config.get("rope_scaling") or {}), **(config.get("rope_parameters") or {})}
    kind = rope.get("rope_type", rope.get("type", "default"))
    return None if kind == "default" else f"rope_type is {kind}"


def decoder_config(config: dict[str, Any]) -> DecoderConfig:
    """Sizes of a plain Llama decoder, with the defaults that `transformers` gives them."""
    hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
    # transformers 5 keeps the base of the rotation inside rope_parameters.
    rope = config.get("rope_parameters") or {}
    eos = one_id(config.get("eos_token_id"))
    return DecoderConfig(
        hidden_size=hidden,
        intermediate_size=int(config["intermediate_size"]),
        num_hidden_layers=int(config["num_hidden_layers"]),
        num_attention_heads=heads,
        num_key_value_heads=int(config.get("num_key_value_heads") or heads),
        head_dim=int(config.get("head_dim") or hidden // heads),
        vocab_size=int(config["vocab_size"]),
        max_position_embeddings=int(config.get("max_position_embeddings", 2048)),
        rope_theta=float(rope.get("rope_theta") or config.get("rope_theta") or 10000.0),
        rms_norm_eps=float(config.get("rms_norm_eps", 1e-6)),
        bos_token_id=_or(one_id(config.get("bos_token_id")), 1),
        eos_token_id=_or(eos, 2),
        pad_token_id=_or(one_id(config.get("pad_token_id")), _or(eos, 2)),
        tie_word_embeddings=bool(config.get("tie_word_embeddings", False)),
    )


def one_id(value: Any) -> int | None:
    """A token id from a field that holds one, a list of them, or nothing."""
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, int) else None


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
