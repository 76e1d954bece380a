"""Reads weight matrices and vectors of a graph."""

from __future__ import annotations

from dataclasses import dataclass, replace

from onnx import TensorProto

from edge_llm.simd.check_weights import not_in_blocks, weight_format
from edge_llm.simd.model_plan import MatrixPlan, Place, VectorPlan
from edge_llm.simd.onnx_graph import Node, OnnxGraph, Tensor
from edge_llm.simd.unsupported import Unsupported

_BLOCKS = {16, 32, 64, 128, 256}
_FLOATS = {int(TensorProto.FLOAT): 32, int(TensorProto.FLOAT16): 16}


@dataclass(frozen=True)
class Rows:
    """Some rows of a matrix: projections of one input are often stored as one."""

    start: int
    count: int


class MatrixReader:
    def __init__(self, graph: OnnxGraph) -> None:
        self._graph = graph

    def product(
        self, node: Node, rows: Rows | None = None, addition: Tensor | None = None
    ) -> MatrixPlan:
        """The matrix of a MatMulNBits node, or some rows; `addition` is an Add node's bias."""
        if node.op_type != "MatMulNBits":
            found = weight_format(self._graph, node)
            raise not_in_blocks(f"some of its weights are {found}" if found else f"there is {node}")
        count, columns = node.integer("N", 0), node.integer("K", 0)
        bias_name = node.input(5)
        if node.input(4):
            raise Unsupported(f"{node} has permuted columns")
        if bias_name and addition:
            raise Unsupported(f"{node} has two biases")
        names = (node.input(1), node.input(2), node.input(3))
        matrix = self._blocks(node, names, count, columns, node.integer("bits", 4))
        bias = self._graph.tensor(bias_name) if bias_name else addition
        if bias_name and not bias:
            raise Unsupported(f"{node} has a computed bias")
        return _sliced(matrix, rows or Rows(0, count), self.vector(bias) if bias else None)

    def table(self, node: Node, width: int | None = None) -> MatrixPlan:
        """The table of a Gather or GatherBlockQuantized node.

        `width`: columns that are used, where a Slice node cuts off what fills the last block.
        """
        if node.op_type == "Gather" and width is None:
            return self._floats(node)
        if node.op_type != "GatherBlockQuantized":
            raise Unsupported(f"the embedding is {node}")
        bits, block = node.integer("bits", 4), node.integer("block_size", 128)
        scale, data = self._graph.tensor(node.input(2)), self._graph.tensor(node.input(0))
        usual = node.integer("gather_axis", 0) == 0 and node.integer("quantize_axis", 1) == 1
        if not usual or data is None or scale is None or len(scale.shape) != 2:
            raise Unsupported(f"{node} has an unusual layout")
        rows, blocks = scale.shape
        stored = data.elements * 8 // bits // rows
        columns = stored if width is None else width
        if stored != blocks * block or -(-columns // block) != blocks:
            raise Unsupported(f"the rows of {node} are not whole blocks")
        names = (node.input(0), node.input(2), node.input(3))
        return self._blocks(node, names, rows, columns, bits)

    def vector(self, tensor: Tensor) -> VectorPlan:
        """A vector of floats."""
        if tensor.type not in _FLOATS:
            raise Unsupported(f"{tensor.name} is of type {tensor.type}")
        return VectorPlan(_place(tensor), tensor.elements, _FLOATS[tensor.type])

    def _floats(self, node: Node) -> MatrixPlan:
        tensor = self._graph.tensor(node.input(0))
        if tensor is None or len(tensor.shape) != 2:
            raise Unsupported(f"the table of {node} is computed")
        vector = self.vector(tensor)
        return MatrixPlan(tensor.shape[0], tensor.shape[1], vector.bits, 0, vector.place)

    def _blocks(
        self, node: Node, names: tuple[str, str, str], rows: int, columns: int, bits: int
    ) -> MatrixPlan:
        block = node.integer("block_size", 128)
        if bits not in (4, 8):
            raise Unsupported(f"{node} has {bits}-bit weights")
        if block not in _BLOCKS:
            raise Unsupported(f"{node} has blocks of {block}")
        weights, scales = self._graph.tensor(names[0]), self._graph.tensor(names[1])
        zeros = self._graph.tensor(names[2])
        if weights is None or scales is None or (names[2] and zeros is None):
            raise Unsupported(f"the weights of {node} are computed")
        blocks = -(-columns // block)
        if weights.type != TensorProto.UINT8:
            raise Unsupported(f"the weights of {node} are of type {weights.type}")
        if scales.type not in _FLOATS:
            raise Unsupported(f"the scales of {node} are of type {scales.type}")
        if zeros is not None and zeros.type != TensorProto.UINT8:
            raise Unsupported(f"the zero points of {node} are of type {zeros.type}")
        sizes = (weights.elements, scales.elements, zeros and zeros.elements)
        zero_bytes = rows * -(-blocks * bits // 8)
        if sizes != (rows * blocks * block * bits // 8, rows * blocks, zeros and zero_bytes):
            raise Unsupported(f"the weights of {node} have another size than the node says")
        return MatrixPlan(
            rows,
            columns,
            bits,
            block,
            _place(weights),
            _place(scales),
            _FLOATS[scales.type],
            _place(zeros) if zeros else None,
        )


def _place(tensor: Tensor) -> Place:
    # Asked for here, so that a plan names only what is there.
    len(tensor.raw)
    return Place(tensor)


def _sliced(matrix: MatrixPlan, rows: Rows, bias: VectorPlan | None) -> MatrixPlan:
    """Some rows; the bias is of all rows of the matrix, or of these."""
    if rows.start < 0 or rows.count <= 0 or rows.start + rows.count > matrix.rows:
        raise Unsupported(
            f"rows {rows.start} to {rows.start + rows.count} of {matrix.rows} are asked for"
        )
    if bias and bias.length not in (rows.count, matrix.rows):
        raise Unsupported(f"a bias has {bias.length} elements for {rows.count} rows")
    if bias and bias.length != rows.count:
        bias = VectorPlan(bias.place.moved(rows.start * bias.bits // 8), rows.count, bias.bits)
    blocks = -(-matrix.columns // matrix.block)
    zero_bytes = -(-blocks * matrix.bits // 8)
    scales, zeros = matrix.scales, matrix.zero_points
    return replace(
        matrix,
        rows=rows.count,
        weights=matrix.weights.moved(rows.start * blocks * matrix.block * matrix.bits // 8),
        scales=scales and scales.moved(rows.start * blocks * matrix.scale_bits // 8),
        zero_points=zeros and zeros.moved(rows.start * zero_bytes),
        bias=bias,
    )
