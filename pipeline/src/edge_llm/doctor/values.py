"""What flows through a graph: types of values, and which of them depend on its inputs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import onnx
from onnx import TensorProto

FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16)
_INTEGERS = frozenset({"Shape", "Size", "ArgMax", "ArgMin", "NonZero"})
_TYPED_BY = {
    "GatherBlockQuantized": 2,
    "DequantizeLinear": 1,
    "MatMulIntegerToFloat": 3,
    "Where": 1,
}
"""Operators whose result has the type of another input than the first."""
_LAYER = re.compile(r"(?:^|[./_])(?:layers?|h|blocks?)[./_](\d+)(?:[./_]|$)")


@dataclass(frozen=True)
class Value:
    """One result of one operator."""

    tensor: str
    operator: str
    op_type: str
    layer: int | None
    half: bool
    """Whether the graph holds it in 16 bits."""
    is_stream: bool
    """Whether it is the residual stream: the sum that a fused norm gives beside its result."""


class Values:
    """Types and origins of a graph's values. The contents of subgraphs are left out."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self.types: dict[str, int] = {
            value.name: value.type.tensor_type.elem_type for value in graph.input
        } | {tensor.name: tensor.data_type for tensor in graph.initializer}
        stored = {tensor.name for tensor in graph.initializer}
        self.dynamic = {value.name for value in graph.input if value.name not in stored}
        """Names of values that depend on what is fed."""
        for node in graph.node:
            kind = self._type_of(node)
            fed = not self.dynamic.isdisjoint(node.input)
            for name in filter(None, node.output):
                self.types[name] = kind
                if fed:
                    self.dynamic.add(name)

    def __iter__(self) -> Iterator[Value]:
        """Floats that depend on what is fed, in the graph's order."""
        for node in self._graph.node:
            # A sum comes before what is made of it.
            for index, name in reversed(list(enumerate(node.output))):
                if name in self.dynamic and self.types[name] in FLOATS:
                    yield Value(
                        tensor=name,
                        operator=node.name or name,
                        op_type=node.op_type,
                        layer=layer_of(node.name) if node.name else layer_of(name),
                        half=self.types[name] == TensorProto.FLOAT16,
                        is_stream=node.op_type == "SkipSimplifiedLayerNormalization" and index == 3,
                    )

    @cached_property
    def is_half(self) -> bool:
        """Whether any value that depends on what is fed has 16 bits."""
        return any(value.half for value in self)

    def _type_of(self, node: onnx.NodeProto) -> int:
        if node.op_type in _INTEGERS:
            return int(TensorProto.INT64)
        if node.op_type in ("Cast", "Constant", "ConstantOfShape"):
            return _declared(node)
        if node.op_type in ("QuantizeLinear", "DynamicQuantizeLinear"):
            given = node.input[2] if len(node.input) > 2 else ""
            return self.types.get(given, int(TensorProto.UINT8))
        if node.op_type in ("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not"):
            return int(TensorProto.BOOL)
        index = _TYPED_BY.get(node.op_type, 0)
        return self.types.get(node.input[index], 0) if len(node.input) > index else 0


def layer_of(name: str) -> int | None:
    """The index in a name such as `layers.3.qkv` or `/model/layers.3/mlp/Mul`."""
    found = _LAYER.search(name)
    return int(found[1]) if found else None


def _declared(node: onnx.NodeProto) -> int:
    for attribute in node.attribute:
        if attribute.name == "to":
            return int(attribute.i)
        if attribute.name == "value":
            return int(attribute.t.data_type)
        if attribute.name == "value_float":
            return int(TensorProto.FLOAT)
    return int(TensorProto.INT64 if node.op_type == "Constant" else TensorProto.FLOAT)
