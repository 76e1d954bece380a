"""Follows the residual stream from norm to norm."""

from __future__ import annotations

from dataclasses import dataclass

from edge_llm.simd.matrices import MatrixReader
from edge_llm.simd.model_plan import VectorPlan
from edge_llm.simd.onnx_graph import Node, OnnxGraph
from edge_llm.simd.unsupported import Unsupported

_NORMS = {"SimplifiedLayerNormalization", "RMSNormalization"}


@dataclass(frozen=True)
class NormParts:
    """A norm on the residual stream, with what was added before it."""

    weight: VectorPlan
    epsilon: float
    normed: str
    stream: str
    """The residual stream behind it."""
    branch_norm: VectorPlan | None = None
    """On the branch, before it was added."""
    branch_scale: float = 1.0


class ResidualReader:
    def __init__(self, graph: OnnxGraph, matrices: MatrixReader) -> None:
        self._graph = graph
        self._matrices = matrices

    def first(self, stream: str) -> NormParts:
        """The first norm, on the stream as it is."""
        norm = self._norm_after(stream)
        if norm is None:
            raise Unsupported("it finds no norm behind the embedding")
        return NormParts(*self._norm(norm, norm.input(1)), stream)

    def join(self, stream: str, branch: str) -> NormParts:
        """The norm after `branch` is added to `stream`."""
        added = branch
        branch_norm: VectorPlan | None = None
        scale = 1.0
        while True:
            node = self._graph.user(added)
            if node.op_type in _NORMS and branch_norm is None and scale == 1:
                branch_norm = self._norm(node, node.input(1))[0]
            elif node.op_type == "Mul" and scale == 1:
                scale = self._factor(node, added)
            else:
                norm, sum_ = self._sum(node, stream, added)
                return NormParts(*norm, sum_, branch_norm, scale)
            added = node.outputs[0]

    def _sum(
        self, node: Node, stream: str, added: str
    ) -> tuple[tuple[VectorPlan, float, str], str]:
        if not self._graph.takes(node, stream):
            raise Unsupported(f"{node} does not add to the residual stream")
        if node.op_type == "SkipSimplifiedLayerNormalization":
            if not self._graph.takes(node, added) or node.input(3):
                raise Unsupported(f"{node} adds something else, too")
            return self._norm(node, node.input(2)), node.outputs[3] if node.outputs[3:] else ""
        if node.op_type != "Add":
            raise Unsupported(f"it does not know {node} on the residual stream")
        norm = self._norm_after(node.outputs[0])
        if norm is None:
            raise Unsupported(f"no norm follows {node}")
        return self._norm(norm, norm.input(1)), node.outputs[0]

    def _norm_after(self, stream: str) -> Node | None:
        return next((node for node in self._graph.users(stream) if node.op_type in _NORMS), None)

    def _norm(self, node: Node, name: str) -> tuple[VectorPlan, float, str]:
        weight = self._graph.tensor(name)
        if weight is None:
            raise Unsupported(f"the weight of {node} is computed")
        axis = node.integer("axis", -1)
        if axis not in (-1, 2):
            raise Unsupported(f"{node} runs over axis {axis}")
        return self._matrices.vector(weight), node.number("epsilon", 1e-5), node.outputs[0]

    def _factor(self, node: Node, value: str) -> float:
        factor = self._graph.scalar(self._graph.other(node, value))
        if factor is None:
            raise Unsupported(f"{node} multiplies with no constant")
        return factor
