"""Reads gated feed-forward parts forwards, from the norm to the value that is added."""

from __future__ import annotations

from dataclasses import dataclass

from edge_llm.simd.matrices import MatrixReader, Rows
from edge_llm.simd.model_plan import Gate, MatrixPlan
from edge_llm.simd.onnx_graph import Node, OnnxGraph
from edge_llm.simd.unsupported import Unsupported


@dataclass(frozen=True)
class Projected:
    """A projection's result and its matrix."""

    value: str
    matrix: MatrixPlan


@dataclass(frozen=True)
class FeedForwardParts:
    gate: MatrixPlan
    up: MatrixPlan
    down: MatrixPlan
    kind: Gate
    output: str


class FeedForwardReader:
    def __init__(self, graph: OnnxGraph, matrices: MatrixReader) -> None:
        self._graph = graph
        self._matrices = matrices

    def read(self, value: str) -> FeedForwardParts:
        left, right = self._halves(value)
        for gate, up in ((left, right), (right, left)):
            activated = self._activation(gate.value, up.value)
            if activated is None:
                continue
            product = self._graph.user(activated[0])
            if product.op_type != "Mul" or not self._graph.takes(product, up.value):
                continue
            down = self.project(product.outputs[0])
            return FeedForwardParts(gate.matrix, up.matrix, down.matrix, activated[1], down.value)
        raise Unsupported(f"it does not know the feed-forward part behind {value}")

    def project(self, value: str) -> Projected:
        """The matrix that alone multiplies `value`, with its bias."""
        user = self._graph.user(value)
        while user.op_type == "Reshape":
            user = self._graph.user(user.outputs[0])
        return self._projected(user)

    def _halves(self, value: str) -> tuple[Projected, Projected]:
        users = self._graph.users(value)
        if len(users) == 2:
            return self._projected(users[0]), self._projected(users[1])
        if len(users) != 1:
            raise Unsupported(f"{len(users)} nodes take what a feed-forward part gets")
        whole = self._projected(users[0])
        split = self._graph.user(whole.value)
        if split.op_type != "Split" or len(split.outputs) != 2:
            raise Unsupported(f"it does not know {split}")
        count, odd = divmod(whole.matrix.rows, 2)
        if odd:
            raise Unsupported(f"{split} has parts of unknown sizes")
        first, second = (
            self._projected(users[0], Rows(start, count)).matrix for start in (0, count)
        )
        return Projected(split.outputs[0], first), Projected(split.outputs[1], second)

    def _projected(self, node: Node, rows: Rows | None = None) -> Projected:
        product = node.outputs[0]
        users = self._graph.users(product)
        if len(users) == 1 and users[0].op_type == "Add":
            bias = self._graph.tensor(self._graph.other(users[0], product))
            if bias:
                matrix = self._matrices.product(node, rows, bias)
                return Projected(users[0].outputs[0], matrix)
        return Projected(product, self._matrices.product(node, rows))

    def _activation(self, gate: str, up: str) -> tuple[str, Gate] | None:
        """What the gate is turned into. `up` tells its product apart from SiLU's own."""
        for node in self._graph.users(gate):
            value = node.outputs[0]
            match node.op_type:
                case "Sigmoid":
                    silu = self._graph.user(value)
                    own = self._graph.takes(silu, gate) and not self._graph.takes(silu, up)
                    if silu.op_type == "Mul" and own:
                        return silu.outputs[0], "silu"
                case "Swish" if node.number("alpha", 1) == 1:
                    return value, "silu"
                case "QuickGelu" if node.number("alpha", 1.702) == 1:
                    return value, "silu"
                case "Gelu" if node.attributes.get("approximate") == "tanh":
                    return value, "gelu-tanh"
                case "FastGelu" if not node.input(1):
                    return value, "gelu-tanh"
        return None
