"""The decoder's graph: tokens and past keys in, logits and present keys out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_llm.architecture import DecoderConfig, DecoderWeights, FloatArray
from edge_llm.graph.precision import Precision
from edge_llm.graph.writer import MICROSOFT, GraphWriter

_TO_THE_END = np.iinfo(np.int64).max


def write_decoder(path: Path, weights: DecoderWeights, precision: Precision, name: str) -> None:
    """Writes the whole decoder as one self-contained ONNX file."""
    graph = GraphWriter()
    config = weights.config
    ids = graph.input("input_ids", np.int64, ["batch_size", "sequence_length"])
    mask = graph.input("attention_mask", np.int64, ["batch_size", "total_sequence_length"])
    keep = graph.input("num_logits_to_keep", np.int64, [])
    floats = precision.floats
    past = [
        _cache_inputs(graph, layer, config, floats) for layer in range(config.num_hidden_layers)
    ]

    lengths = _lengths(graph, mask)
    rope = _rope_tables(graph, config, floats)
    hidden = precision.embed(graph, ids, weights.embedding, tied=weights.head is None)
    first_norm = weights.layer(0).input_norm.astype(floats)
    normed = graph.node(
        "SimplifiedLayerNormalization",
        [hidden, graph.weight("layers.0.input_norm.weight", first_norm)],
        "layers.0.input_norm",
        axis=-1,
        epsilon=config.rms_norm_eps,
    )
    for index in range(config.num_hidden_layers):
        layer = weights.layer(index)
        prefix = f"layers.{index}"
        qkv = precision.linear(graph, normed, layer.qkv, f"{prefix}.qkv")
        attended = _attention(graph, qkv, past[index], lengths, rope, config, index)
        update = precision.linear(graph, attended, layer.attention_output, f"{prefix}.o_proj")
        normed, hidden = _add_norm(
            graph, hidden, update, layer.mlp_norm.astype(floats), config, f"{prefix}.mlp_norm"
        )
        update = _mlp(graph, normed, layer.gate_up, layer.down, precision, prefix)
        last = index + 1 == config.num_hidden_layers
        scale = weights.final_norm if last else weights.layer(index + 1).input_norm
        norm = "norm" if last else f"layers.{index + 1}.input_norm"
        normed, hidden = _add_norm(graph, hidden, update, scale.astype(floats), config, norm)

    kept = _last_positions(graph, normed, keep)
    head = weights.embedding if weights.head is None else weights.head
    logits = precision.head(graph, kept, head)
    if floats is not np.float32:
        # Samplers expect them so in every precision.
        logits = graph.cast(logits, np.float32, "logits.float32")
    graph.node("Identity", [logits], "logits", outputs=["logits"])
    graph.output("logits", np.float32, ["batch_size", "num_logits", config.vocab_size])
    for index in range(config.num_hidden_layers):
        _cache_outputs(graph, index, config, floats)
    graph.write(path, name)


def _cache_inputs(
    graph: GraphWriter, layer: int, config: DecoderConfig, floats: type[np.floating[Any]]
) -> tuple[str, str]:
    # Transformers.js sizes an empty cache by these very axis names.
    shape: list[int | str] = [
        "batch_size",
        config.num_key_value_heads,
        "past_sequence_length",
        config.head_dim,
    ]
    return (
        graph.input(f"past_key_values.{layer}.key", floats, shape),
        graph.input(f"past_key_values.{layer}.value", floats, shape),
    )


def _cache_outputs(
    graph: GraphWriter, layer: int, config: DecoderConfig, floats: type[np.floating[Any]]
) -> None:
    for part in ("key", "value"):
        graph.output(
            f"present.{layer}.{part}",
            floats,
            ["batch_size", config.num_key_value_heads, "total_sequence_length", config.head_dim],
        )


def _lengths(graph: GraphWriter, mask: str) -> tuple[str, str]:
    """What GroupQueryAttention wants to know: last valid index per row, and total length."""
    count = graph.node("ReduceSum", [mask, graph.vector(1)], "lengths.count", keepdims=0)
    last = graph.node("Sub", [count, graph.scalar(1, np.int64)], "lengths.last")
    shape = graph.node("Shape", [mask], "lengths.shape", start=1, end=2)
    total = graph.node("Squeeze", [shape], "lengths.total")
    return (
        graph.cast(last, np.int32, "lengths.last.int32"),
        graph.cast(total, np.int32, "lengths.total.int32"),
    )


def _rope_tables(
    graph: GraphWriter, config: DecoderConfig, floats: type[np.floating[Any]]
) -> tuple[str, str]:
    exponents = np.arange(0, config.head_dim, 2, dtype=np.float64) / config.head_dim
    frequencies = config.rope_theta**-exponents
    angles = np.outer(np.arange(config.max_position_embeddings), frequencies)
    return (
        graph.weight("rope.cos", np.cos(angles).astype(floats)),
        graph.weight("rope.sin", np.sin(angles).astype(floats)),
    )


def _attention(
    graph: GraphWriter,
    qkv: str,
    past: tuple[str, str],
    lengths: tuple[str, str],
    rope: tuple[str, str],
    config: DecoderConfig,
    layer: int,
) -> str:
    name = f"layers.{layer}.attention"
    return graph.node(
        "GroupQueryAttention",
        [qkv, "", "", *past, *lengths, *rope],
        name,
        outputs=[f"{name}.out", f"present.{layer}.key", f"present.{layer}.value"],
        domain=MICROSOFT,
        num_heads=config.num_attention_heads,
        kv_num_heads=config.num_key_value_heads,
        scale=config.head_dim**-0.5,
        do_rotary=1,
        rotary_interleaved=0,
    )


def _mlp(
    graph: GraphWriter,
    x: str,
    gate_up: FloatArray,
    down: FloatArray,
    precision: Precision,
    prefix: str,
) -> str:
    both = precision.linear(graph, x, gate_up, f"{prefix}.gate_up")
    gate, up = f"{prefix}.gate", f"{prefix}.up"
    graph.node("Split", [both], f"{prefix}.split", outputs=[gate, up], axis=-1, num_outputs=2)
    sigmoid = graph.node("Sigmoid", [gate], f"{prefix}.sigmoid")
    silu = graph.node("Mul", [gate, sigmoid], f"{prefix}.silu")
    inner = graph.node("Mul", [silu, up], f"{prefix}.inner")
    return precision.linear(graph, inner, down, f"{prefix}.down_proj")


def _add_norm(
    graph: GraphWriter,
    hidden: str,
    update: str,
    scale: NDArray[Any],
    config: DecoderConfig,
    name: str,
) -> tuple[str, str]:
    """The normed sum and the sum itself, from one fused operator."""
    normed, total = f"{name}.out", f"{name}.sum"
    graph.node(
        "SkipSimplifiedLayerNormalization",
        [hidden, update, graph.weight(f"{name}.weight", scale)],
        name,
        # The sum of the last norm is read by nobody.
        outputs=[normed] if name == "norm" else [normed, "", "", total],
        domain=MICROSOFT,
        epsilon=config.rms_norm_eps,
    )
    return normed, total


def _last_positions(graph: GraphWriter, x: str, keep: str) -> str:
    """Keeps the last `keep` positions; 0 keeps all, as -0 is the start of the sequence."""
    start = graph.node("Neg", [keep], "keep.start")
    start = graph.node("Unsqueeze", [start, graph.vector(0)], "keep.start.vector")
    return graph.node("Slice", [x, start, graph.vector(_TO_THE_END), graph.vector(1)], "keep")
