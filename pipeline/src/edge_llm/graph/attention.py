"""The attention of a decoder's graph: rotation tables, head norms, GroupQueryAttention."""

from __future__ import annotations

from typing import Any

import numpy as np

from edge_llm.architecture import DecoderConfig, FloatArray, LayerWeights
from edge_llm.graph.writer import MICROSOFT, GraphWriter
from edge_llm.rotary import frequencies

Pair = tuple[str, str]
Floats = type[np.floating[Any]]

_LARGEST_TABLE = 8_000_000
"""Bytes of a rotation table that is stored; a larger one is made when the graph is loaded."""


class Attention:
    """Adds the attention of one layer after the other; tables and lengths are shared."""

    def __init__(
        self, graph: GraphWriter, config: DecoderConfig, mask: str, floats: Floats
    ) -> None:
        self._graph = graph
        self._config = config
        self._floats = floats
        self._lengths = _lengths(graph, mask)
        self._tables = {False: rope_tables(graph, config, floats, local=False)}

    def layer(self, qkv: str, past: Pair, weights: LayerWeights, index: int) -> str:
        """What a layer attends to, from its joined query, key and value."""
        config = self._config
        name = f"layers.{index}.attention"
        local = config.is_local(index)
        if local not in self._tables:
            self._tables[local] = rope_tables(self._graph, config, self._floats, local=local)
        window = config.window(index)
        narrow = {"local_window_size": window} if window else {}
        return self._graph.node(
            "GroupQueryAttention",
            [*self._inputs(qkv, weights, index), *past, *self._lengths, *self._tables[local]],
            name,
            outputs=[f"{name}.out", f"present.{index}.key", f"present.{index}.value"],
            domain=MICROSOFT,
            num_heads=config.num_attention_heads,
            kv_num_heads=config.num_key_value_heads,
            scale=config.attention_scale,
            do_rotary=1,
            rotary_interleaved=0,
            **narrow,
        )

    def _inputs(self, qkv: str, weights: LayerWeights, index: int) -> tuple[str, str, str]:
        prefix = f"layers.{index}"
        if weights.qkv_bias is not None:
            bias = weights.qkv_bias.astype(self._floats)
            stored = self._graph.weight(f"{prefix}.qkv.bias", bias)
            qkv = self._graph.node("Add", [qkv, stored], f"{prefix}.qkv.biased")
        if weights.query_norm is None or weights.key_norm is None:
            return qkv, "", ""
        # Between projection and rotation, which older runtimes' attention cannot do itself.
        config = self._config
        query, key = (
            heads * config.head_dim
            for heads in (config.num_attention_heads, config.num_key_value_heads)
        )
        names = [f"{prefix}.{part}" for part in ("query", "key", "value")]
        sizes = self._graph.vector(query, key, key)
        self._graph.node("Split", [qkv, sizes], f"{prefix}.parts", outputs=names, axis=-1)
        return (
            self._head_norm(names[0], weights.query_norm, query, f"{prefix}.q_norm"),
            self._head_norm(names[1], weights.key_norm, key, f"{prefix}.k_norm"),
            names[2],
        )

    def _head_norm(self, x: str, scale: FloatArray, width: int, name: str) -> str:
        graph, config = self._graph, self._config
        heads = graph.node("Reshape", [x, graph.vector(0, 0, -1, config.head_dim)], f"{name}.heads")
        normed = graph.node(
            "SimplifiedLayerNormalization",
            [heads, graph.weight(f"{name}.weight", scale.astype(self._floats))],
            name,
            axis=-1,
            epsilon=config.rms_norm_eps,
        )
        return graph.node("Reshape", [normed, graph.vector(0, 0, width)], f"{name}.joined")


def _lengths(graph: GraphWriter, mask: str) -> Pair:
    """What GroupQueryAttention wants to know: last valid index per row, and total length."""
    count = graph.node("ReduceSum", [mask, graph.vector(1)], "lengths.count", keepdims=0)
    last = graph.node("Sub", [count, graph.scalar(1, np.int64)], "lengths.last")
    shape = graph.node("Shape", [mask], "lengths.shape", start=1, end=2)
    total = graph.node("Squeeze", [shape], "lengths.total")
    return (
        graph.cast(last, np.int32, "lengths.last.int32"),
        graph.cast(total, np.int32, "lengths.total.int32"),
    )


def rope_tables(graph: GraphWriter, config: DecoderConfig, floats: Floats, *, local: bool) -> Pair:
    """Names of the cosines and sines `[positions, head_dim / 2]` of one rotation."""
    name = "rope.local" if local else "rope"
    turns = frequencies(config, local=local)
    if config.max_position_embeddings * len(turns) * np.dtype(floats).itemsize > _LARGEST_TABLE:
        return _computed_tables(graph, turns.astype(np.float32), config, floats, name)
    angles = np.outer(np.arange(config.max_position_embeddings), turns)
    return (
        graph.weight(f"{name}.cos", np.cos(angles).astype(floats)),
        graph.weight(f"{name}.sin", np.sin(angles).astype(floats)),
    )


def _computed_tables(
    graph: GraphWriter, turns: FloatArray, config: DecoderConfig, floats: Floats, name: str
) -> Pair:
    """Tables as operators on constants, which ONNX Runtime folds when it loads the model."""
    ends = [graph.scalar(end, np.float32) for end in (0.0, config.max_position_embeddings, 1.0)]
    positions = graph.node("Range", ends, f"{name}.range")
    positions = graph.node("Unsqueeze", [positions, graph.vector(1)], f"{name}.positions")
    stored = graph.weight(f"{name}.frequencies", turns)
    angles = graph.node("Mul", [positions, stored], f"{name}.angles")
    made = []
    for op in ("Cos", "Sin"):
        table = graph.node(op, [angles], f"{name}.{op.lower()}")
        if floats is not np.float32:
            table = graph.cast(table, floats, f"{name}.{op.lower()}.cast")
        made.append(table)
    return made[0], made[1]
