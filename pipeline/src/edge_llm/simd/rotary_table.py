"""The cosines and sines that a graph turns pairs of elements by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from edge_llm.simd.onnx_graph import OnnxGraph, Tensor
from edge_llm.simd.unsupported import Unsupported

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class RotaryTable:
    positions: int
    pairs: int
    at: Callable[[int], tuple[Doubles, Doubles]]
    """Cosines and sines of all pairs at a position."""


def read_rotary_table(graph: OnnxGraph, cos: str, sin: str) -> RotaryTable:
    """A table that is stored, or computed from positions and stored frequencies."""
    table = _stored(graph, cos, sin) or _computed(graph, cos, sin)
    if table is None:
        raise Unsupported("it does not know the tables of its rotary embedding")
    return table


def _stored(graph: OnnxGraph, cos: str, sin: str) -> RotaryTable | None:
    cosines, sines = graph.tensor(cos), graph.tensor(sin)
    if not cosines or not sines or cosines.shape != sines.shape:
        return None
    if len(cosines.shape) != 2 or not _is_float(cosines) or not _is_float(sines):
        return None
    positions, pairs = cosines.shape
    values = [tensor.array().astype(np.float64) for tensor in (cosines, sines)]
    return RotaryTable(positions, pairs, lambda at: (values[0][at], values[1][at]))


def _computed(graph: OnnxGraph, cos: str, sin: str) -> RotaryTable | None:
    """Cos and Sin of Range(0, positions, 1) as a column, times frequencies as a row."""
    cosine, sine = graph.maker(cos), graph.maker(sin)
    if not cosine or not sine or (cosine.op_type, sine.op_type) != ("Cos", "Sin"):
        return None
    product = graph.maker(cosine.input(0))
    if product is None or product.op_type != "Mul" or graph.maker(sine.input(0)) is not product:
        return None
    column, row = graph.maker(product.input(0)), graph.tensor(product.input(1))
    if column is None or column.op_type != "Unsqueeze" or graph.scalar(column.input(1)) != 1:
        return None
    ranged = graph.maker(column.input(0))
    if row is None or not _is_float(row) or len(row.shape) != 1:
        return None
    if ranged is None or ranged.op_type != "Range":
        return None
    start, end, step = (graph.scalar(name) for name in ranged.inputs)
    if start != 0 or end is None or step != 1:
        return None
    turns = row.array().astype(np.float64)
    return RotaryTable(int(end), len(turns), lambda at: (np.cos(at * turns), np.sin(at * turns)))


def _is_float(tensor: Tensor) -> bool:
    return tensor.type in (TensorProto.FLOAT, TensorProto.FLOAT16)
