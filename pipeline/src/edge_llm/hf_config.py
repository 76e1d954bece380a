"""Reads the sizes and traits of a decoder out of a Hugging Face `config.json`."""

from __future__ import annotations

from typing import Any

from edge_llm.architecture import DecoderConfig, Llama3Scaling, Traits
from edge_llm.families import FAMILIES, Family

SUPPORTED = tuple(FAMILIES)
"""Architectures that `train` and `export` take."""

_SILU = ("silu", "swish")
_GELU = ("gelu_pytorch_tanh", "gelu_tanh")
_CAPS = ("final_logit_softcapping", "attn_logit_softcapping", "use_bidirectional_attention")


def architecture_of(config: dict[str, Any]) -> str:
    """The model class that a `config.json` names, or an empty string."""
    named = config.get("architectures") or [""]
    return str(named[0]) if isinstance(named, list) else ""


def why_not_written(config: dict[str, Any]) -> str | None:
    """What the graph writer cannot express of a model; None if it can express all."""
    family = FAMILIES.get(architecture_of(config))
    if family is None:
        return f"its architecture is {architecture_of(config) or 'not named'}"
    for name in ("attention_bias", "mlp_bias", *_CAPS):
        if config.get(name):
            return f"{name} is set"
    act = config.get("hidden_activation") or config.get("hidden_act")
    known = _SILU if family.gate == "silu" else _GELU
    if act is not None and act not in known:
        return f"hidden_act is {act}"
    return _odd_rope(config) or (_odd_hybrid(config) if family.is_hybrid else None)


def _odd_rope(config: dict[str, Any]) -> str | None:
    full, local = _rope_parameters(config)
    kind = _rope_type(full)
    if kind not in ("default", "linear", "llama3"):
        return f"rope_type is {kind}"
    if _rope_type(local) != "default":
        return f"rope_type of layers with a window is {_rope_type(local)}"
    parts = [value.get("partial_rotary_factor") for value in (full, local, config)]
    return next(
        (f"partial_rotary_factor is {part}" for part in parts if part not in (None, 1, 1.0)), None
    )


def _odd_hybrid(config: dict[str, Any]) -> str | None:
    if config.get("num_local_experts", 8):
        return "it has experts"
    layers = set(config.get("layer_types") or config.get("layers_block_type") or ["mamba"])
    if layers - {"attention", "full_attention"}:
        return f"it has layers of type {', '.join(sorted(layers))}"
    kind = config.get("position_embedding_type")
    return None if kind == "rope" else f"position_embedding_type is {kind}"


def decoder_config(config: dict[str, Any]) -> DecoderConfig:
    """Sizes of a decoder, with the defaults that `transformers` gives them."""
    # Callers that know the sizes alone name no architecture.
    name = architecture_of(config) if architecture_of(config) in FAMILIES else "LlamaForCausalLM"
    family = FAMILIES[name]
    hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
    layers = int(config["num_hidden_layers"])
    # transformers 5 keeps the base of the rotation inside rope_parameters.
    rope, _ = _rope_parameters(config)
    eos = one_id(config.get("eos_token_id"))
    return DecoderConfig(
        hidden_size=hidden,
        intermediate_size=int(config[family.mlp_size]),
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=int(config.get("num_key_value_heads") or heads),
        head_dim=int(config.get("head_dim") or hidden // heads),
        vocab_size=int(config["vocab_size"]),
        max_position_embeddings=int(config.get("max_position_embeddings", 2048)),
        rope_theta=float(rope.get("rope_theta") or config.get("rope_theta") or family.rope_theta),
        rms_norm_eps=float(config.get("rms_norm_eps", 1e-6)),
        bos_token_id=_or(one_id(config.get("bos_token_id")), 1),
        eos_token_id=_or(eos, 2),
        pad_token_id=_or(one_id(config.get("pad_token_id")), _or(eos, 2)),
        tie_word_embeddings=bool(config.get("tie_word_embeddings", family.tied)),
        traits=_traits(config, name, family),
    )


def _traits(config: dict[str, Any], name: str, family: Family) -> Traits:
    full, local = _rope_parameters(config)
    scale, residual, logits = 1.0, 1.0, 1.0
    attention = config.get("query_pre_attn_scalar") if family.scales_embedding else None
    attention_scale = None if attention is None else float(attention) ** -0.5
    if family.scales_embedding:
        scale = float(config["hidden_size"]) ** 0.5
    if family.has_multipliers:
        scale = float(config.get("embedding_multiplier", 1))
        residual = float(config.get("residual_multiplier", 1))
        logits = 1 / float(config.get("logits_scaling", 1))
        attention_scale = float(config.get("attention_multiplier", 1))
    windows = _windows(config, family)
    local_theta = local.get("rope_theta") or config.get("rope_local_base_freq")
    return Traits(
        architecture=name,
        gate=family.gate,
        embedding_scale=scale,
        attention_scale=attention_scale,
        residual_scale=residual,
        logit_scale=logits,
        windows=windows if any(windows) else (),
        rope_scaling=_rope_scaling(full),
        local_rope_theta=None
        if family.local_rope_theta is None
        else float(local_theta or family.local_rope_theta),
        exceeds_half=family.exceeds_half,
    )


def _windows(config: dict[str, Any], family: Family) -> tuple[int, ...]:
    """Which layers look back only so far: all, those from one on, or all but every nth."""
    size = config.get("sliding_window", family.window_size)
    switched_off = family.window == "late" and not config.get("use_sliding_window")
    if family.window == "none" or not size or switched_off:
        return ()
    layers = range(int(config["num_hidden_layers"]))
    if family.window == "every":
        local = [True for _ in layers]
    elif config.get("layer_types"):
        local = [kind == "sliding_attention" for kind in config["layer_types"]]
    elif family.window == "late":
        local = [layer >= int(config.get("max_window_layers", 28)) for layer in layers]
    else:
        pattern = int(config.get("sliding_window_pattern") or 6)
        local = [(layer + 1) % pattern != 0 for layer in layers]
    return tuple(int(size) if narrow else 0 for narrow in local)


def _rope_parameters(config: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Those of full attention and those of layers with a window, from any of three forms."""
    given = config.get("rope_parameters") or {}
    if "full_attention" in given or "sliding_attention" in given:
        full, local = given.get("full_attention") or {}, given.get("sliding_attention") or {}
    else:
        full, local = given, {}
    return {**(config.get("rope_scaling") or {}), **full}, local


def _rope_type(rope: dict[str, Any]) -> str:
    return str(rope.get("rope_type", rope.get("type", "default")))


def _rope_scaling(rope: dict[str, Any]) -> Llama3Scaling | float | None:
    if _rope_type(rope) == "linear":
        return float(rope["factor"])
    if _rope_type(rope) != "llama3":
        return None
    return Llama3Scaling(**{name: float(rope[name]) for name in Llama3Scaling.__annotations__})


def one_id(value: Any) -> int | None:
    """A token id from a field that holds one, a list of them, or nothing."""
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, int) else None


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
