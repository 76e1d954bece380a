"""Which parts of a decoder 16-bit floats can hold, measured on text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from edge_llm.architecture import DecoderWeights
from edge_llm.doctor.examination import measure_ranges
from edge_llm.doctor.graphs import GraphFacts
from edge_llm.doctor.half import LARGEST
from edge_llm.doctor.measure import Measured
from edge_llm.doctor.taps import LARGEST_FILE
from edge_llm.doctor.text import sequences_of
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import Fp32, Precision
from edge_llm.graph.wide import Wide

MARGIN = 2.0
"""How much larger than on the calibration text values may get elsewhere."""

_STREAM = re.compile(
    r"\.sum$|^embed_tokens|(^|\.)(input_norm|mlp_norm|post_attention_norm|post_mlp_norm|norm)\."
)
_FEED_FORWARD = re.compile(r"\.(gate_up|gate|up|sigmoid|silu|gelu|inner|down_proj)(\.|$)")
_OUTPUT = re.compile(r"\.o_proj\.")


@dataclass(frozen=True)
class HalfRange:
    """What to keep in 32 bits, and why."""

    wide: Wide
    largest: float | None
    """The largest value met; None where nothing was measured."""
    tensor: str | None
    tokens: int

    def described(self) -> dict[str, Any]:
        """For a manifest."""
        return {
            "kept32": self.wide.described(),
            "largest": self.largest and round(self.largest, 1),
            "at": self.tensor,
            "margin": MARGIN,
            "calibrationTokens": self.tokens,
        }


def needs_range(precision: Precision) -> bool:
    """Whether a precision's floats have 16 bits."""
    return precision.floats is np.float16


def half_range(weights: DecoderWeights, directory: Path, fp32: Path | None = None) -> HalfRange:
    """Measures `weights` on calibration text, with the tokenizer in `directory`.

    `fp32` is their graph, where there is one already. Raises ValueError where something is
    too large that has to have 16 bits, such as keys, and OSError without a tokenizer.
    """
    _check_weights(weights)
    known = weights.config.traits.exceeds_half
    with TemporaryDirectory() as scratch:
        graph = fp32 or Path(scratch) / "model.onnx"
        if fp32 is None and _bytes(weights) <= LARGEST_FILE:
            write_decoder(graph, weights, Fp32(), "ranges")
        if not graph.is_file() or graph.stat().st_size > LARGEST_FILE:
            # Nothing can be measured; the stream is what passes the limit first.
            return HalfRange(Wide(stream=True), None, None, 0)
        sequences = sequences_of(directory)
        measured = measure_ranges(graph, sequences)
    found = wide_parts(measured)
    top = max(measured.values, key=lambda value: measured.figures[value.tensor].largest)
    wide = Wide(True, found.feed_forward, found.attention_output) if known else found
    tokens = sum(map(len, sequences))
    return HalfRange(wide, measured.figures[top.tensor].largest, top.tensor, tokens)


def _check_weights(weights: DecoderWeights) -> None:
    """Matrices are stored in 16 bits, so these have to hold them."""
    for index in range(weights.config.num_hidden_layers):
        layer = weights.layer(index)
        for name in ("qkv", "attention_output", "gate_up", "down"):
            largest = float(np.abs(getattr(layer, name)).max())
            # Also where it is NaN.
            if not largest <= LARGEST:
                raise ValueError(
                    f"layer {index} has {name} weights of {largest:,.0f}, which 16-bit floats "
                    "cannot hold; use q4"
                )


def wide_parts(measured: Measured, margin: float = MARGIN) -> Wide:
    """The parts with values over 65504 by `margin`."""
    stream = False
    feed_forward, outputs = set[int](), set[int]()
    for value in measured.over(LARGEST / margin):
        layer = value.layer
        if layer is not None and _FEED_FORWARD.search(value.tensor):
            feed_forward.add(layer)
        elif layer is not None and _OUTPUT.search(value.tensor):
            outputs.add(layer)
        elif _STREAM.search(value.tensor):
            stream = True
        else:
            largest = measured.figures[value.tensor].largest
            raise ValueError(
                f"{value.operator} ({value.op_type}) reaches {largest:,.0f}, which 16-bit floats "
                f"cannot hold with a margin of {margin:g}, and it cannot be kept in 32 bits; use q4"
            )
    wide = Wide(stream, frozenset(feed_forward), frozenset(outputs))
    return Wide(True, wide.feed_forward, wide.attention_output) if wide else wide


def cost(graph: Path) -> dict[str, int]:
    """What a mixed graph has more than one of 16 bits alone: bytes of norms, and casts."""
    facts = GraphFacts.of(graph)
    _, stored = facts.stored.get("float32", (0, 0))
    return {"bytes": stored // 2, "casts": facts.operators.get("Cast", 0)}


def _bytes(weights: DecoderWeights) -> int:
    """Of the fp32 graph, nearly: matrices alone."""
    config, layer = weights.config, weights.layer(0)
    matrices: Sequence[Any] = (layer.qkv, layer.attention_output, layer.gate_up, layer.down)
    tables = 1 if weights.head is None else 2
    values = sum(matrix.size for matrix in matrices) * config.num_hidden_layers
    return 4 * int(values + tables * weights.embedding.size)
