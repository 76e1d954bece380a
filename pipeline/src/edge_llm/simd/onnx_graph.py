"""Nodes and tensors of an ONNX graph, and who makes and uses which value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from edge_llm.simd.unsupported import Unsupported

# Nodes that change the type or the name of a value only, and such that read no elements.
_PASSING = {"Cast", "Identity"}
_ASKING = {"Shape"}
_SMALL = 64


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor that a graph brings."""

    proto: onnx.TensorProto

    @property
    def name(self) -> str:
        return str(self.proto.name)

    @property
    def type(self) -> int:
        return int(self.proto.data_type)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.proto.dims)

    @property
    def elements(self) -> int:
        count = 1
        for size in self.proto.dims:
            count *= size
        return count

    @property
    def raw(self) -> bytes:
        """Its bytes, little-endian; raises Unsupported where they are in typed fields."""
        if not self.proto.HasField("raw_data"):
            raise Unsupported(f"the weights {self.name} are not raw bytes")
        return self.proto.raw_data

    def array(self) -> NDArray[Any]:
        return numpy_helper.to_array(self.proto)


@dataclass(frozen=True, eq=False)
class Node:
    """One operator; empty strings stand for optional inputs that are left out."""

    name: str
    op_type: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def input(self, index: int) -> str:
        return self.inputs[index] if index < len(self.inputs) else ""

    def number(self, name: str, fallback: float) -> float:
        value = self.attributes.get(name)
        return value if isinstance(value, int | float) else fallback

    def integer(self, name: str, fallback: int) -> int:
        return int(self.number(name, fallback))

    def __str__(self) -> str:
        return f"{self.op_type} ({self.name})" if self.name else self.op_type


class OnnxGraph:
    """Lookups in a graph. Casts count as nothing."""

    def __init__(self, path: Path) -> None:
        graph = onnx.load(path).graph
        self.nodes = [_node(node) for node in graph.node]
        self.outputs = [output.name for output in graph.output]
        self._tensors = {proto.name: Tensor(proto) for proto in graph.initializer}
        for node in self.nodes:
            value = node.attributes.get("value")
            if node.op_type == "Constant" and isinstance(value, onnx.TensorProto):
                self._tensors[node.outputs[0]] = Tensor(value)
        self._makers = {output: node for node in self.nodes for output in node.outputs if output}
        self._users: dict[str, list[Node]] = {}
        for node in self.nodes:
            if node.op_type in _PASSING | _ASKING:
                continue
            for root in dict.fromkeys(self.root(name) for name in node.inputs if name):
                self._users.setdefault(root, []).append(node)

    def root(self, value: str) -> str:
        """The name that a value had before casts."""
        name = value
        for _ in range(len(self.nodes) + 1):
            maker = self._makers.get(name)
            if maker is None or maker.op_type not in _PASSING or not maker.inputs:
                return name
            name = maker.inputs[0]
        raise Unsupported(f"the value {value} depends on itself")

    def maker(self, value: str) -> Node | None:
        """The node that makes a value; None for inputs and initializers."""
        return self._makers.get(self.root(value))

    def users(self, value: str) -> list[Node]:
        """The nodes that compute with a value."""
        return self._users.get(self.root(value), [])

    def user(self, value: str) -> Node:
        """The one node that computes with a value."""
        users = self.users(value)
        if len(users) != 1:
            raise Unsupported(f"{value} has {'more than one' if users else 'no'} use")
        return users[0]

    def takes(self, node: Node, value: str) -> bool:
        root = self.root(value)
        return any(name and self.root(name) == root for name in node.inputs)

    def other(self, node: Node, value: str) -> str:
        """The input of a node with two that is not `value`."""
        root = self.root(value)
        others = [name for name in node.inputs if self.root(name) != root]
        if len(node.inputs) != 2 or len(others) != 1:
            raise Unsupported(f"{node} does not take two values")
        return others[0]

    def tensor(self, value: str) -> Tensor | None:
        """The tensor behind a value, through casts and changes of shape."""
        name = value
        for _ in range(8):
            if not name:
                return None
            root = self.root(name)
            if root in self._tensors:
                return self._tensors[root]
            maker = self._makers.get(root)
            if maker is None or maker.op_type != "Reshape":
                return None
            name = maker.input(0)
        return None

    def values(self, value: str) -> list[float] | None:
        """The elements of a small constant."""
        tensor = self.tensor(value)
        if tensor is None or tensor.elements > _SMALL:
            return None
        numbers: list[float] = np.asarray(tensor.array()).ravel().tolist()
        return numbers

    def scalar(self, value: str) -> float | None:
        """The number behind a value that is a constant of one element."""
        numbers = self.values(value)
        return numbers[0] if numbers is not None and len(numbers) == 1 else None


def _node(proto: onnx.NodeProto) -> Node:
    attributes = {item.name: _value(item) for item in proto.attribute}
    return Node(proto.name, proto.op_type, tuple(proto.input), tuple(proto.output), attributes)


def _value(attribute: onnx.AttributeProto) -> Any:
    value = helper.get_attribute_value(attribute)
    return value.decode() if isinstance(value, bytes) else value
