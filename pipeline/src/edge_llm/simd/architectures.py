"""What families of decoders have that others do not: a graph is compared with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from edge_llm.simd.model_plan import Gate, ModelPlan
from edge_llm.simd.unsupported import Unsupported

Settings = Mapping[str, Any]


def number(settings: Settings, name: str, fallback: float) -> float:
    """A number of `config.json`."""
    value = settings.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if value is not None and is_number else fallback


def _one(settings: Settings) -> float:
    return 1.0


def _by_head(settings: Settings, head_dim: int) -> float:
    return float(head_dim**-0.5)


@dataclass(frozen=True)
class Architecture:
    gate: Gate = "silu"
    head_norms: bool = False
    post_norms: bool = False
    embedding_scale: Callable[[Settings], float] = _one
    attention_scale: Callable[[Settings, int], float] = _by_head
    residual_scale: Callable[[Settings], float] = _one
    logit_scale: Callable[[Settings], float] = _one


_PLAIN = Architecture()
_GRANITE = Architecture(
    embedding_scale=lambda settings: number(settings, "embedding_multiplier", 1),
    attention_scale=lambda settings, head_dim: number(
        settings, "attention_multiplier", head_dim**-0.5
    ),
    residual_scale=lambda settings: number(settings, "residual_multiplier", 1),
    logit_scale=lambda settings: 1 / number(settings, "logits_scaling", 1),
)
_GEMMA3 = Architecture(
    gate="gelu-tanh",
    head_norms=True,
    post_norms=True,
    embedding_scale=lambda settings: number(settings, "hidden_size", 1) ** 0.5,
    attention_scale=lambda settings, head_dim: float(
        number(settings, "query_pre_attn_scalar", head_dim) ** -0.5
    ),
)

ARCHITECTURES: Mapping[str, Architecture] = {
    "llama": _PLAIN,
    "smollm3": _PLAIN,
    "mistral": _PLAIN,
    "qwen2": _PLAIN,
    "qwen3": replace(_PLAIN, head_norms=True),
    "gemma3_text": _GEMMA3,
    "granite": _GRANITE,
    "granitemoehybrid": _GRANITE,
}
"""By `model_type`. The host's table is `src/inference/runtimes/simd/architectures.ts`."""


def architecture_of(settings: Settings) -> Architecture:
    """The family that `config.json` names."""
    kind = settings.get("model_type")
    if not isinstance(kind, str) or kind not in ARCHITECTURES:
        raise Unsupported(f"it does not know the architecture {kind}")
    return ARCHITECTURES[kind]


def check_architecture(plan: ModelPlan, settings: Settings) -> None:
    """Raises Unsupported where a plan read from the graph is not what the family has."""
    known = architecture_of(settings)
    norms = [layer.query_norm is not None for layer in plan.layers]
    posts = [layer.post_mlp_norm is not None for layer in plan.layers]
    scale = known.attention_scale(settings, plan.head_dim)
    right = {
        "activation": plan.gate == known.gate,
        "norm of queries": all(norm == known.head_norms for norm in norms),
        "norm of what layers add": all(post == known.post_norms for post in posts),
        "scale of embeddings": _near(plan.embedding_scale, known.embedding_scale(settings)),
        "scale of attention": _near(plan.attention_scale, scale),
        "scale of what layers add": _near(plan.residual_scale, known.residual_scale(settings)),
        "scale of logits": _near(plan.logit_scale, known.logit_scale(settings)),
    }
    for what, is_right in right.items():
        if not is_right:
            kind = settings.get("model_type")
            raise Unsupported(f"the graph's {what} is not what {kind} has")


def _near(a: float, b: float) -> bool:
    # Exporters round such factors, some to two digits.
    return abs(a - b) <= 0.01 * abs(b)
