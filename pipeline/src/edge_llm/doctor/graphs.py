"""What two exports of a graph differ in: operators, types, stored tensors."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import onnx
from onnx import TensorProto


@dataclass(frozen=True)
class Difference:
    """None: missing there."""

    kind: Literal["operator", "input", "output", "initializer"]
    name: str
    a: str | int | None
    b: str | int | None


@dataclass(frozen=True)
class GraphFacts:
    """Of one file."""

    file: str
    operators: dict[str, int]
    """Count by type, with the domain where it is not ONNX's own."""
    inputs: dict[str, str]
    outputs: dict[str, str]
    tensors: dict[str, str]
    """Type and shape by name, as `float16[640]`."""
    stored: dict[str, tuple[int, int]]
    """Count and bytes by type."""

    @classmethod
    def of(cls, path: Path) -> GraphFacts:
        graph = onnx.load(path, load_external_data=False).graph
        stored: dict[str, tuple[int, int]] = {}
        for tensor in graph.initializer:
            kind = _type_name(tensor.data_type)
            count, size = stored.get(kind, (0, 0))
            stored[kind] = count + 1, size + _bytes_of(tensor)
        names = {tensor.name for tensor in graph.initializer}
        return cls(
            file=f"onnx/{path.name}",
            operators=dict(sorted(Counter(map(_operator, graph.node)).items())),
            inputs={value.name: _of(value) for value in graph.input if value.name not in names},
            outputs={value.name: _of(value) for value in graph.output},
            tensors={
                tensor.name: f"{_type_name(tensor.data_type)}[{','.join(map(str, tensor.dims))}]"
                for tensor in graph.initializer
            },
            stored=stored,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "nodes": sum(self.operators.values()),
            "operators": self.operators,
            "inputs": self.inputs,
            "outputs": self.outputs,
            "initializers": {
                kind: {"count": count, "bytes": size} for kind, (count, size) in self.stored.items()
            },
        }


def differences(a: GraphFacts, b: GraphFacts) -> list[Difference]:
    """Everything that is not the same; initializers by name, type and shape."""
    found = []
    for kind, left, right in (
        ("operator", a.operators, b.operators),
        ("input", a.inputs, b.inputs),
        ("output", a.outputs, b.outputs),
        ("initializer", a.tensors, b.tensors),
    ):
        for name in sorted({*left, *right}):
            if left.get(name) != right.get(name):
                found.append(Difference(kind, name, left.get(name), right.get(name)))  # type: ignore[arg-type]
    return found


def _operator(node: onnx.NodeProto) -> str:
    return f"{node.domain}.{node.op_type}" if node.domain else str(node.op_type)


def _of(value: onnx.ValueInfoProto) -> str:
    return _type_name(value.type.tensor_type.elem_type)


def _type_name(kind: int) -> str:
    name = str(TensorProto.DataType.Name(kind)).lower()
    return {"float": "float32", "double": "float64"}.get(name, name)


def _bytes_of(tensor: onnx.TensorProto) -> int:
    if tensor.data_location == TensorProto.EXTERNAL:
        given = {entry.key: entry.value for entry in tensor.external_data}
        return int(given.get("length", 0))
    return len(tensor.raw_data) or tensor.ByteSize()
