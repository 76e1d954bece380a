"""What GGUF files of each architecture are called inside, and what they leave unsaid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edge_llm.families import Names

Field = Callable[[str], Any]
"""The value of a metadata field; None where the file has none."""

_LLAMA: Names = {
    "input_norm": ("attn_norm.weight",),
    "qkv": ("attn_q.weight", "attn_k.weight", "attn_v.weight"),
    "attention_output": ("attn_output.weight",),
    "mlp_norm": ("ffn_norm.weight",),
    "gate_up": ("ffn_gate.weight", "ffn_up.weight"),
    "down": ("ffn_down.weight",),
}
_GEMMA3: Names = {
    **_LLAMA,
    "query_norm": ("attn_q_norm.weight",),
    "key_norm": ("attn_k_norm.weight",),
    "post_attention_norm": ("post_attention_norm.weight",),
    "post_mlp_norm": ("post_ffw_norm.weight",),
}


@dataclass(frozen=True)
class GgufFamily:
    """One `general.architecture`. Norms are stored as the whole factors in all of them."""

    architecture: str
    model_type: str
    names: Names
    interleaved: bool = False
    """Whether the rotary halves of queries and keys are stored in turns."""
    more: Callable[[Field], dict[str, Any]] = lambda field: {}
    """What `config.json` says beyond the sizes, from fields without the prefix."""
    chat_template: str | None = None
    """For files without one."""


def _gemma3(field: Field) -> dict[str, Any]:
    layers, heads = int(field("block_count")), int(field("attention.head_count"))
    # The largest, of 62 layers, is the one that scales by another width than its heads'.
    width = (
        int(field("embedding_length")) // heads if layers == 62 else field("attention.key_length")
    )
    factor = field("rope.scaling.factor")
    return {
        "hidden_activation": "gelu_pytorch_tanh",
        "query_pre_attn_scalar": int(width),
        "rope_local_base_freq": 10000.0,
        "rope_scaling": {"rope_type": "linear", "factor": float(factor)} if factor else None,
        "sliding_window": int(field("attention.sliding_window")),
        "layer_types": [
            "sliding_attention" if (layer + 1) % 6 else "full_attention" for layer in range(layers)
        ],
    }


_GEMMA_TURNS = (
    "<bos>{% for message in messages %}"
    "{{ '<start_of_turn>' + ('model' if message.role == 'assistant' else 'user') + '\\n' "
    "+ message.content | trim + '<end_of_turn>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"
)

GGUF_FAMILIES: dict[str, GgufFamily] = {
    "llama": GgufFamily("LlamaForCausalLM", "llama", _LLAMA, interleaved=True),
    "gemma3": GgufFamily(
        "Gemma3ForCausalLM", "gemma3_text", _GEMMA3, more=_gemma3, chat_template=_GEMMA_TURNS
    ),
}


def settings_of(family: GgufFamily, field: Field, vocab_size: int, tied: bool) -> dict[str, Any]:
    """The `config.json` of a file, from its fields without the architecture's prefix."""
    hidden, heads = int(field("embedding_length")), int(field("attention.head_count"))
    return {
        "architectures": [family.architecture],
        "model_type": family.model_type,
        "hidden_size": hidden,
        "intermediate_size": int(field("feed_forward_length")),
        "num_hidden_layers": int(field("block_count")),
        "num_attention_heads": heads,
        "num_key_value_heads": int(field("attention.head_count_kv") or heads),
        "head_dim": int(field("attention.key_length") or hidden // heads),
        "vocab_size": vocab_size,
        "max_position_embeddings": int(field("context_length")),
        "rope_theta": float(field("rope.freq_base") or 10000.0),
        "rms_norm_eps": round(float(field("attention.layer_norm_rms_epsilon")), 9),
        "tie_word_embeddings": tied,
        **family.more(field),
    }
