"""The rotary embedding of a layer: by `config.json`, proved on the graph's own tables."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from edge_llm.simd.architectures import Settings, number
from edge_llm.simd.model_plan import Llama3, RotaryPlan
from edge_llm.simd.onnx_graph import Node, OnnxGraph
from edge_llm.simd.rotary_table import read_rotary_table
from edge_llm.simd.unsupported import Unsupported


@dataclass(frozen=True)
class RotaryTables:
    """The values that hold cosines and sines."""

    cos: str
    sin: str
    interleaved: bool


def rotary_tables(node: Node, first: int) -> RotaryTables:
    """The tables of a GroupQueryAttention or RotaryEmbedding node."""
    own = node.op_type == "RotaryEmbedding"
    name = "interleaved" if own else "rotary_interleaved"
    return RotaryTables(node.input(first), node.input(first + 1), node.integer(name, 0) == 1)


def plan_rotary(
    graph: OnnxGraph, settings: Settings, tables: RotaryTables, local: bool
) -> tuple[RotaryPlan, int]:
    """The plan, and how many positions the tables have; `local`: the layer has a window."""
    table = read_rotary_table(graph, tables.cos, tables.sin)
    rotary = _from_settings(settings, 2 * table.pairs, tables.interleaved, local)
    own = np.asarray([_frequency(rotary, pair) for pair in range(table.pairs)])
    for position in {1, min(100, table.positions - 1)}:
        cos, sin = table.at(position)
        angles = position * own
        off = max(np.abs(cos - np.cos(angles)).max(), np.abs(sin - np.sin(angles)).max())
        if not off < 0.005:
            raise Unsupported("the graph's rotary embedding is not the one of config.json")
    return rotary, table.positions


# `rope_parameters` is where newer versions of transformers write what older ones had in two
# places; models with two sets of frequencies have one by kind of layer there, and
# `rope_local_base_freq` in older files.
def _from_settings(
    settings: Settings, dimensions: int, interleaved: bool, local: bool
) -> RotaryPlan:
    parameters = settings.get("rope_parameters")
    kind = "sliding_attention" if local else "full_attention"
    by_kind = (parameters or {}).get(kind)
    own = by_kind if by_kind is not None else parameters
    local_theta = settings.get("rope_local_base_freq") if by_kind is None and local else None
    fallback = number(settings, "rope_theta", 10000)
    theta = number(own if own is not None else settings, "rope_theta", fallback)
    if local_theta is not None:
        # The local frequencies of Gemma 3 are never scaled.
        return RotaryPlan(dimensions, interleaved, float(local_theta))
    plain = RotaryPlan(dimensions, interleaved, theta)
    scaling = own if own is not None else settings.get("rope_scaling")
    rope_type = (scaling or {}).get("rope_type") or (scaling or {}).get("type") or "default"
    if not scaling or rope_type == "default":
        return plain
    if rope_type == "linear":
        return replace(plain, factor=number(scaling, "factor", 1))
    if rope_type != "llama3":
        raise Unsupported(f'it does not know the rotary scaling "{rope_type}"')
    llama3 = Llama3(
        number(scaling, "factor", 8),
        number(scaling, "low_freq_factor", 1),
        number(scaling, "high_freq_factor", 4),
        number(scaling, "original_max_position_embeddings", 8192),
    )
    return replace(plain, llama3=llama3)


def _frequency(rotary: RotaryPlan, index: int) -> float:
    """The core's formula (`core/rotary.ts`), in double precision."""
    plain = float(rotary.theta ** (-2 * index / rotary.dimensions))
    scaling = rotary.llama3
    if scaling is None:
        return plain / rotary.factor
    turns = scaling.original_context * plain / (2 * math.pi)
    if turns < scaling.low_frequency_factor:
        return plain / scaling.factor
    if turns > scaling.high_frequency_factor:
        return plain
    width = scaling.high_frequency_factor - scaling.low_frequency_factor
    smooth = (turns - scaling.low_frequency_factor) / width
    return (1 - smooth) * plain / scaling.factor + smooth * plain
