"""The decoder's graph: tokens and past keys in, logits and present keys out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_llm.architecture import DecoderConfig, DecoderWeights, FloatArray, LayerWeights
from edge_llm.graph.attention import Attention
from edge_llm.graph.precision import Precision
from edge_llm.graph.wide import Wide
from edge_llm.graph.writer import MICROSOFT, GraphWriter

Floats = type[np.floating[Any]]

OPTIONAL = {
    "qkv_bias": "qkv.bias",
    "query_norm": "q_norm.weight",
    "key_norm": "k_norm.weight",
    "post_attention_norm": "post_attention_norm.weight",
    "post_mlp_norm": "post_mlp_norm.weight",
}
"""Names in the graph of what only some families have, by the field of `LayerWeights`."""

_TO_THE_END = np.iinfo(np.int64).max


def write_decoder(
    path: Path,
    weights: DecoderWeights,
    precision: Precision,
    name: str,
    wide: Wide | None = None,
) -> None:
    """Writes the whole decoder as one self-contained ONNX file.

    `wide` parts compute in 32 bits where the precision's floats have 16. Parts that need it
    need a wide stream: nothing else could take what they give.
    """
    graph = GraphWriter()
    config = weights.config
    kept = wide or Wide()
    if (kept.feed_forward or kept.attention_output) and not kept.stream:
        kept = Wide(True, kept.feed_forward, kept.attention_output)
    in_layers = precision.floats
    stream: Floats = np.float32 if kept.stream else in_layers
    # Logits of a wide stream are as fine as the precision's matrices allow.
    outside = precision.widened(vocabulary=True) if kept.stream else precision
    ids = graph.input("input_ids", np.int64, ["batch_size", "sequence_length"])
    mask = graph.input("attention_mask", np.int64, ["batch_size", "total_sequence_length"])
    keep = graph.input("num_logits_to_keep", np.int64, [])
    past = [
        _cache_inputs(graph, layer, config, in_layers) for layer in range(config.num_hidden_layers)
    ]

    attention = Attention(graph, config, mask, in_layers)
    hidden = outside.embed(graph, ids, weights.embedding, tied=weights.head is None)
    hidden = _as(graph, hidden, outside.floats, stream, "embed_tokens.wide")
    hidden = _scaled(graph, hidden, config.traits.embedding_scale, stream, "embed_tokens.scaled")
    first_norm = weights.layer(0).input_norm.astype(stream)
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
        normed = _as(graph, normed, stream, in_layers, f"{prefix}.input_norm.half")
        qkv = precision.linear(graph, normed, layer.qkv, f"{prefix}.qkv")
        update = attention.layer(qkv, past[index], layer, index)
        part = precision.widened() if index in kept.attention_output else precision
        update = _as(graph, update, in_layers, part.floats, f"{prefix}.attention.wide")
        update = part.linear(graph, update, layer.attention_output, f"{prefix}.o_proj")
        update = _as(graph, update, part.floats, stream, f"{prefix}.o_proj.wide")
        norm = f"{prefix}.post_attention_norm"
        update = _update(graph, update, layer.post_attention_norm, config, stream, norm)
        normed, hidden = _add_norm(
            graph, hidden, update, layer.mlp_norm.astype(stream), config, f"{prefix}.mlp_norm"
        )
        part = precision.widened() if index in kept.feed_forward else precision
        normed = _as(graph, normed, stream, part.floats, f"{prefix}.mlp_norm.half")
        update = _mlp(graph, normed, layer, part, prefix, config.traits.gate)
        update = _as(graph, update, part.floats, stream, f"{prefix}.down_proj.wide")
        norm = f"{prefix}.post_mlp_norm"
        update = _update(graph, update, layer.post_mlp_norm, config, stream, norm)
        last = index + 1 == config.num_hidden_layers
        scale = weights.final_norm if last else weights.layer(index + 1).input_norm
        norm = "norm" if last else f"layers.{index + 1}.input_norm"
        normed, hidden = _add_norm(graph, hidden, update, scale.astype(stream), config, norm)

    last_ones = _last_positions(graph, normed, keep)
    last_ones = _as(graph, last_ones, stream, outside.floats, "keep.half")
    head = weights.embedding if weights.head is None else weights.head
    logits = outside.head(graph, last_ones, head)
    factor = config.traits.logit_scale
    logits = _scaled(graph, logits, factor, outside.floats, "logits.scaled")
    # Samplers expect them so in every precision.
    logits = _as(graph, logits, outside.floats, np.float32, "logits.float32")
    graph.node("Identity", [logits], "logits", outputs=["logits"])
    graph.output("logits", np.float32, ["batch_size", "num_logits", config.vocab_size])
    for index in range(config.num_hidden_layers):
        _cache_outputs(graph, index, config, in_layers)
    graph.write(path, name)


def _as(graph: GraphWriter, x: str, given: Floats, wanted: Floats, name: str) -> str:
    return x if given is wanted else graph.cast(x, wanted, name)


def _cache_inputs(
    graph: GraphWriter, layer: int, config: DecoderConfig, floats: Floats
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


def _cache_outputs(graph: GraphWriter, layer: int, config: DecoderConfig, floats: Floats) -> None:
    for part in ("key", "value"):
        graph.output(
            f"present.{layer}.{part}",
            floats,
            ["batch_size", config.num_key_value_heads, "total_sequence_length", config.head_dim],
        )


def _mlp(
    graph: GraphWriter,
    x: str,
    layer: LayerWeights,
    precision: Precision,
    prefix: str,
    kind: str,
) -> str:
    both = precision.linear(graph, x, layer.gate_up, f"{prefix}.gate_up")
    gate, up = f"{prefix}.gate", f"{prefix}.up"
    graph.node("Split", [both], f"{prefix}.split", outputs=[gate, up], axis=-1, num_outputs=2)
    if kind == "gelu_tanh":
        # The form with tanh; the standard's Gelu is not on every backend.
        factor = graph.node("FastGelu", [gate], f"{prefix}.gelu", domain=MICROSOFT)
    else:
        sigmoid = graph.node("Sigmoid", [gate], f"{prefix}.sigmoid")
        factor = graph.node("Mul", [gate, sigmoid], f"{prefix}.silu")
    inner = graph.node("Mul", [factor, up], f"{prefix}.inner")
    return precision.linear(graph, inner, layer.down, f"{prefix}.down_proj")


def _scaled(graph: GraphWriter, x: str, factor: float, floats: Floats, name: str) -> str:
    return x if factor == 1 else graph.node("Mul", [x, graph.scalar(factor, floats)], name)


def _update(
    graph: GraphWriter,
    x: str,
    norm: FloatArray | None,
    config: DecoderConfig,
    floats: Floats,
    name: str,
) -> str:
    """What a part of a layer adds to the residual stream."""
    if norm is not None:
        x = graph.node(
            "SimplifiedLayerNormalization",
            [x, graph.weight(f"{name}.weight", norm.astype(floats))],
            name,
            axis=-1,
            epsilon=config.rms_norm_eps,
        )
    return _scaled(graph, x, config.traits.residual_scale, floats, f"{name}.scaled")


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
