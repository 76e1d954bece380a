"""Reads attention nodes backwards, to the matrices that make queries, keys and values."""

from __future__ import annotations

from dataclasses import dataclass

from edge_llm.simd.matrices import MatrixReader, Rows
from edge_llm.simd.model_plan import MatrixPlan, VectorPlan
from edge_llm.simd.onnx_graph import Node, OnnxGraph, Tensor
from edge_llm.simd.rotary_plan import RotaryTables, rotary_tables
from edge_llm.simd.unsupported import Unsupported

# Inputs by the operator's schema.
_NORMS = (14, 15)
_EXTRAS = {10: "bias", 11: "sinks", 12: "quantized cache", 13: "quantized cache"}


@dataclass(frozen=True)
class AttentionParts:
    """A GroupQueryAttention node with what feeds it."""

    heads: int
    key_value_heads: int
    head_dim: int
    scale: float
    cap: float
    window: int
    query: MatrixPlan
    key: MatrixPlan
    value: MatrixPlan
    query_norm: VectorPlan | None
    key_norm: VectorPlan | None
    epsilon: float | None
    """Of the norms of queries and keys, where the graph has them as nodes."""
    rotary: RotaryTables
    input: str
    """The value that the projections multiply."""
    output: str


@dataclass
class _Projection:
    node: Node | None = None
    rows: Rows | None = None
    bias: Tensor | None = None
    norm: VectorPlan | None = None
    epsilon: float | None = None
    rotary: RotaryTables | None = None

    @property
    def made_by(self) -> Node:
        assert self.node is not None
        return self.node


class AttentionReader:
    def __init__(self, graph: OnnxGraph, matrices: MatrixReader) -> None:
        self._graph = graph
        self._matrices = matrices

    def read(self, node: Node) -> AttentionParts:
        heads, shared = node.integer("num_heads", 0), node.integer("kv_num_heads", 0)
        self._check_extras(node)
        if heads <= 0 or shared <= 0 or heads % shared:
            raise Unsupported(f"{node} has {heads} heads on {shared}")
        query = self._trace(node.input(0))
        fused = not node.input(1) and not node.input(2)
        rows = query.made_by.integer("N", 0)
        if not fused and query.rows:
            rows = query.rows.count
        head_dim, rest = divmod(rows, heads + 2 * shared if fused else heads)
        if rest or head_dim % 2:
            raise Unsupported(f"the heads of {node} do not fit its {rows} rows")
        key = query if fused else self._trace(node.input(1))
        value = query if fused else self._trace(node.input(2))
        self._check_norms(node, query, key, value, fused, head_dim)
        inputs = {self._graph.root(part.made_by.inputs[0]) for part in (query, key, value)}
        if len(inputs) != 1:
            raise Unsupported(f"queries, keys and values of {node} come from different values")
        width = head_dim * shared
        matrices = self._matrix_parts(query, key, value, fused, heads * head_dim, width)
        if matrices[1].rows != width or matrices[2].rows != width:
            raise Unsupported(f"keys or values of {node} have another size")
        query_norm, key_norm = (self._norm(node.input(index)) for index in _NORMS)
        return AttentionParts(
            heads=heads,
            key_value_heads=shared,
            head_dim=head_dim,
            scale=node.number("scale", 0) or head_dim**-0.5,
            cap=node.number("softcap", 0),
            window=max(0, node.integer("local_window_size", -1)),
            query=matrices[0],
            key=matrices[1],
            value=matrices[2],
            query_norm=query.norm or query_norm,
            key_norm=(None if fused else key.norm) or key_norm,
            epsilon=query.epsilon if query.epsilon is not None else key.epsilon,
            rotary=self._rotary(node, query, key),
            input=inputs.pop(),
            output=node.outputs[0],
        )

    def _check_extras(self, node: Node) -> None:
        if any(node.input(index) for index in _EXTRAS):
            raise Unsupported(f"{node} has a bias, sinks or a quantized cache")
        if node.integer("smooth_softmax", 0) == 1:
            raise Unsupported(f"{node} has a smooth softmax")

    def _check_norms(
        self,
        node: Node,
        query: _Projection,
        key: _Projection,
        value: _Projection,
        fused: bool,
        head_dim: int,
    ) -> None:
        if fused and query.norm:
            raise Unsupported(f"{node} normalizes queries, keys and values together")
        if any(part.norm and part.norm.length != head_dim for part in (query, key)):
            raise Unsupported(f"a norm of {node} is not per head")
        if value.norm:
            raise Unsupported(f"{node} normalizes values")

    def _matrix_parts(
        self,
        query: _Projection,
        key: _Projection,
        value: _Projection,
        fused: bool,
        first: int,
        width: int,
    ) -> tuple[MatrixPlan, MatrixPlan, MatrixPlan]:
        if not fused:
            return self._matrix(query), self._matrix(key), self._matrix(value)
        return (
            self._matrix(query, Rows(0, first)),
            self._matrix(query, Rows(first, width)),
            self._matrix(query, Rows(first + width, width)),
        )

    def _rotary(self, node: Node, query: _Projection, key: _Projection) -> RotaryTables:
        if node.integer("do_rotary", 0) == 1:
            if query.rotary or key.rotary:
                raise Unsupported(f"queries of {node} are turned twice")
            return rotary_tables(node, 7)
        if not query.rotary or not key.rotary:
            raise Unsupported(f"{node} has no rotary embedding")
        if query.rotary != key.rotary:
            raise Unsupported(f"queries and keys of {node} are turned differently")
        return query.rotary

    def _matrix(self, part: _Projection, rows: Rows | None = None) -> MatrixPlan:
        return self._matrices.product(part.made_by, rows or part.rows, part.bias)

    def _norm(self, name: str) -> VectorPlan | None:
        tensor = self._graph.tensor(name)
        return self._matrices.vector(tensor) if tensor else None

    def _trace(self, value: str) -> _Projection:
        found = _Projection()
        name = value
        for _ in range(12):
            node = self._graph.maker(name)
            if node is not None and node.op_type in ("MatMulNBits", "MatMul"):
                found.node = node
                return found
            passed = node and self._pass(node, name, found)
            if not passed:
                what = f": {node}" if node else ""
                raise Unsupported(f"it does not know how {name or 'queries'} are made{what}")
            name = passed
        raise Unsupported(f"it does not know how {value} is made")

    def _pass(self, node: Node, output: str, found: _Projection) -> str | None:
        """What a node that queries pass through gets; None where it is not known."""
        match node.op_type:
            case "Reshape":
                return node.input(0)
            case "Split":
                if found.rows:
                    return None
                found.rows = self._split_rows(node, output)
                return node.input(0)
            case "SimplifiedLayerNormalization" | "RMSNormalization":
                if found.norm or found.rows:
                    return None
                found.norm = self._norm(node.input(1))
                found.epsilon = node.number("epsilon", 1e-5)
                return node.input(0) if found.norm else None
            case "RotaryEmbedding":
                # A norm behind it would come after turning, which the core does the other way.
                if found.rotary or found.norm:
                    return None
                found.rotary = rotary_tables(node, 2)
                return node.input(0)
            case "Add":
                left, right = node.inputs
                found.bias = self._graph.tensor(right) or self._graph.tensor(left)
                if not found.bias:
                    return None
                return left if self._graph.tensor(right) else right
        return None

    def _split_rows(self, node: Node, output: str) -> Rows:
        root = self._graph.root(output)
        attribute = node.attributes.get("split")
        given = self._graph.values(node.input(1)) if node.input(1) else attribute
        if given is None or root not in node.outputs:
            raise Unsupported(f"{node} has parts of unknown sizes")
        sizes = [int(size) for size in given]
        index = node.outputs.index(root)
        return Rows(sum(sizes[:index]), sizes[index])
