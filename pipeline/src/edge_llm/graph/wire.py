"""Writes an ONNX file straight from arrays.

The protobuf library copies every weight several times on its way into a file; half a
gigabyte of floats then takes most of a conversion's time and memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

_MODEL_GRAPH = 7
_GRAPH_INITIALIZER = 5
_TENSOR_RAW_DATA = 9
_LENGTH_DELIMITED = 2


def write_model(
    path: Path,
    model: onnx.ModelProto,
    weights: Mapping[str, NDArray[Any]],
    types: Mapping[Any, int],
) -> None:
    """Writes `model`, whose graph holds no weights yet, with `weights` as its initializers."""
    graph = model.graph.SerializeToString()
    outside = onnx.ModelProto()
    outside.CopyFrom(model)
    outside.ClearField("graph")
    prefixes = {
        name: _initializer_prefix(name, array, types[array.dtype.type])
        for name, array in weights.items()
    }
    size = len(graph) + sum(len(prefixes[name]) + weights[name].nbytes for name in weights)
    with path.open("wb") as file:
        file.write(outside.SerializeToString())
        file.write(_field(_MODEL_GRAPH, size))
        file.write(graph)
        for name, array in weights.items():
            file.write(prefixes[name])
            file.write(np.ascontiguousarray(array).data)


def _initializer_prefix(name: str, array: NDArray[Any], data_type: int) -> bytes:
    """Everything of an initializer that comes before its raw bytes."""
    tensor = onnx.TensorProto(name=name, data_type=data_type)
    tensor.dims.extend(array.shape)
    head = bytes(tensor.SerializeToString()) + _field(_TENSOR_RAW_DATA, array.nbytes)
    return _field(_GRAPH_INITIALIZER, len(head) + array.nbytes) + head


def _field(number: int, length: int) -> bytes:
    return bytes(_varint(number << 3 | _LENGTH_DELIMITED)) + bytes(_varint(length))


def _varint(value: int) -> Iterator[int]:
    while value > 0x7F:
        yield value & 0x7F | 0x80
        value >>= 7
    yield value
