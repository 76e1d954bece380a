"""Rounds the matrices of a graph that another tool wrote, and leaves the rest as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edge_llm.graph.precision import BlockSizes
from edge_llm.graph.writer import MICROSOFT
from edge_llm.quantize import blocks

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto

_SMALLEST = 1024
"""Values of a matrix that is worth rounding."""


def round_graph(source: Path, target: Path, sizes: BlockSizes) -> None:
    """Writes `source` with 4-bit matrices and a gathered embedding of 4 or 8 bits.

    Axes, inputs and outputs stay. A head that multiplies by the transposed embedding
    shares the embedding's table. Raises ValueError where there is nothing to round.
    """
    import onnx

    model = onnx.load(source)
    rewriter = _Rewriter(model.graph, sizes)
    if not rewriter.rewrite():
        raise ValueError(f"{source} has no matrices of fp32 to round")
    if all(entry.domain != MICROSOFT for entry in model.opset_import):
        model.opset_import.append(onnx.helper.make_opsetid(MICROSOFT, 1))
    onnx.save(model, target)


class _Rewriter:
    def __init__(self, graph: GraphProto, sizes: BlockSizes) -> None:
        self._graph = graph
        self._sizes = sizes
        self._weights = {tensor.name: tensor for tensor in graph.initializer}
        self._nodes: list[NodeProto] = []
        self._stored: dict[str, tuple[str, str]] = {}
        self._transposed = {
            node.output[0]: node.input[0]
            for node in graph.node
            if node.op_type == "Transpose" and node.input[0] in self._weights
        }
        self._tables = self._find_tables()

    def rewrite(self) -> bool:
        for node in list(self._graph.node):
            if not (self._gather(node) or self._matmul(node)):
                self._nodes.append(node)
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)
        self._drop_unused()
        return bool(self._stored)

    def _find_tables(self) -> set[str]:
        """Embeddings: matrices that are gathered from by rows."""
        gathers = (node for node in self._graph.node if node.op_type == "Gather")
        sources = (self._source(node.input[0])[0] for node in gathers if not _axis(node))
        return {name for name in sources if self._is_matrix(name)}

    def _source(self, name: str) -> tuple[str, bool]:
        """The stored matrix behind a value, and whether the value is its transpose."""
        return (self._transposed[name], True) if name in self._transposed else (name, False)

    def _is_matrix(self, name: str) -> bool:
        tensor = self._weights.get(name)
        # 1 is onnx.TensorProto.FLOAT.
        return (
            tensor is not None
            and tensor.data_type == 1
            and len(tensor.dims) == 2
            and tensor.dims[0] * tensor.dims[1] >= _SMALLEST
        )

    def _gather(self, node: NodeProto) -> bool:
        name, transposed = self._source(node.input[0]) if node.op_type == "Gather" else ("", False)
        if name not in self._tables or _axis(node):
            return False
        from onnx import helper, numpy_helper

        outputs, inputs = _turned(self._weights[name].dims, transposed)
        bits, block = self._sizes.embedding_bits, self._sizes.embedding_block
        values, scales = self._store(name, bits, block, transposed=transposed)
        whole = -(-inputs // block) * block
        shape = np.asarray([outputs, whole * bits // 8], np.int64)
        self._graph.initializer.append(numpy_helper.from_array(shape, f"{name}.rows"))
        flat, rows = f"{name}.flat", node.output[0]
        self._nodes.append(helper.make_node("Reshape", [values, f"{name}.rows"], [flat]))
        gathered = rows if whole == inputs else f"{rows}.whole"
        self._nodes.append(
            helper.make_node(
                "GatherBlockQuantized",
                [flat, node.input[1], scales],
                [gathered],
                name=node.name,
                domain=MICROSOFT,
                bits=bits,
                block_size=block,
                gather_axis=0,
                quantize_axis=1,
            )
        )
        if gathered != rows:
            ends = []
            for label, value in (("start", 0), ("end", inputs), ("axis", -1)):
                ends.append(f"{name}.{label}")
                end = np.asarray([value], np.int64)
                self._graph.initializer.append(numpy_helper.from_array(end, ends[-1]))
            self._nodes.append(helper.make_node("Slice", [gathered, *ends], [rows]))
        return True

    def _matmul(self, node: NodeProto) -> bool:
        if node.op_type != "MatMul":
            return False
        from onnx import helper

        name, flipped = self._source(node.input[1])
        if not self._is_matrix(name):
            return False
        outputs, inputs = _turned(self._weights[name].dims, not flipped)
        if name in self._tables or self._is_head(node):
            bits, block = self._sizes.embedding_bits, self._sizes.embedding_block
        else:
            bits, block = 4, self._sizes.block
        stored = self._store(name, bits, block, transposed=not flipped)
        self._nodes.append(
            helper.make_node(
                "MatMulNBits",
                [node.input[0], *stored],
                list(node.output),
                name=node.name,
                domain=MICROSOFT,
                N=outputs,
                K=inputs,
                bits=bits,
                block_size=block,
            )
        )
        return True

    def _is_head(self, node: NodeProto) -> bool:
        return "lm_head" in node.name or node.output[0] == "logits"

    def _store(self, name: str, bits: int, block: int, *, transposed: bool) -> tuple[str, str]:
        """Names of a matrix's stored values and of its scales as fp32."""
        if name not in self._stored:
            from onnx import TensorProto, helper, numpy_helper

            matrix = numpy_helper.to_array(self._weights[name])
            values, scales = blocks(
                np.ascontiguousarray(matrix.T if transposed else matrix), bits, block
            )
            made: dict[str, NDArray[Any]] = {
                f"{name}.blocks": values,
                f"{name}.scales": scales.astype(np.float16),
            }
            for label, array in made.items():
                self._graph.initializer.append(numpy_helper.from_array(array, label))
            cast = f"{name}.scales.cast"
            self._nodes.append(
                helper.make_node("Cast", [f"{name}.scales"], [cast], to=TensorProto.FLOAT)
            )
            self._stored[name] = (f"{name}.blocks", cast)
        return self._stored[name]

    def _drop_unused(self) -> None:
        """Weights, and transposes of them, that nothing reads any longer."""
        outputs = {value.name for value in self._graph.output}
        while True:
            read = outputs | {name for node in self._graph.node for name in node.input}
            idle = [node for node in self._graph.node if not read & set(node.output)]
            if not idle:
                break
            for node in idle:
                self._graph.node.remove(node)
        kept: list[TensorProto] = [t for t in self._graph.initializer if t.name in read]
        del self._graph.initializer[:]
        self._graph.initializer.extend(kept)


def _turned(dims: Sequence[int], transposed: bool) -> tuple[int, int]:
    first, second = dims
    return (second, first) if transposed else (first, second)


def _axis(node: NodeProto) -> Any:
    return next((given.i for given in node.attribute if given.name == "axis"), 0)
