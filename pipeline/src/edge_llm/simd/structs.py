"""The core's structs as `src/simd/structs.ts` and `src/simd/core/*.ts` have them."""

from __future__ import annotations

import struct
from collections.abc import Mapping

Struct = Mapping[str, str]
"""Fields in order with their types. Each lies at the next multiple of its own size."""

_CODES = {"i32": "i", "usize": "I", "f32": "f", "f64": "d"}


def _fields(text: str) -> dict[str, str]:
    pairs = (field.split(":") for field in text.split())
    return {name: kind for name, kind in pairs}


MATRIX = _fields(
    "rows:i32 columns:i32 bits:i32 block:i32 weights:usize scales:usize scale_bits:i32 "
    "zero_points:usize bias:usize"
)
ROTARY = _fields(
    "dimensions:i32 interleaved:i32 theta:f64 factor:f64 llama3_factor:f64 "
    "low_frequency_factor:f64 high_frequency_factor:f64 original_context:f64 "
    "frequencies:usize index:i32"
)
LAYER = _fields(
    "input_norm:usize query:usize key:usize value:usize output:usize query_norm:usize "
    "key_norm:usize post_attention_norm:usize mlp_norm:usize gate:usize up:usize down:usize "
    "post_mlp_norm:usize window:i32 rotary:usize"
)
MODEL = _fields(
    "layer_count:i32 hidden:i32 intermediate:i32 heads:i32 key_value_heads:i32 head_dim:i32 "
    "vocab:i32 gate_kind:i32 embedding:usize head:usize final_norm:usize layers:usize "
    "rotaries:usize rotary_count:i32 epsilon:f32 norm_offset:f32 embedding_scale:f32 "
    "attention_scale:f32 residual_scale:f32 logit_scale:f32 logit_cap:f32 attention_cap:f32"
)
RUN = _fields(
    "plan:usize tokens:usize count:i32 past:i32 pages:usize logits:usize "
    "attention_results:usize"
)
RUN_BYTES = 128
"""Bytes of the whole of `core/Run.ts`, with room for the core's own fields."""


def packed(fields: Struct, values: Mapping[str, float]) -> bytes:
    """A struct's bytes; fields that `values` lacks are 0.

    Raises KeyError for values that are no fields.
    """
    unknown = values.keys() - fields.keys()
    if unknown:
        raise KeyError(f"no fields: {', '.join(sorted(unknown))}")
    made = bytearray()
    widest = 4
    for name, kind in fields.items():
        code = "<" + _CODES[kind]
        size = struct.calcsize(code)
        widest = max(widest, size)
        made += bytes(-len(made) % size)
        value = values.get(name, 0)
        made += struct.pack(code, value if kind in ("f32", "f64") else int(value))
    return bytes(made + bytes(-len(made) % widest))
