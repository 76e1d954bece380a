"""Graphs of other tools: matrices are rounded, everything else stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge_llm.graph.precision import BlockSizes
from edge_llm.graph.rewrite import round_graph
from edge_llm.quantize import rounded

RANDOM = np.random.default_rng(5)
EMBEDDING = RANDOM.standard_normal((100, 48), np.float32)
INNER = RANDOM.standard_normal((48, 48), np.float32)


@pytest.fixture(params=["rows", "columns"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Embedding, matrix and tied head; the tied table is stored by rows or by columns."""
    by_rows = request.param == "rows"
    stored = EMBEDDING if by_rows else np.ascontiguousarray(EMBEDDING.T)
    rows, columns = ("table", "turned") if by_rows else ("turned", "table")
    graph = helper.make_graph(
        [
            helper.make_node("Transpose", ["table"], ["turned"], perm=[1, 0]),
            helper.make_node("Gather", [rows, "ids"], ["x"]),
            helper.make_node("MatMul", ["x", "inner"], ["y"]),
            helper.make_node("MatMul", ["y", columns], ["logits"]),
        ],
        "decoder",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "length", 100])],
        [numpy_helper.from_array(stored, "table"), numpy_helper.from_array(INNER, "inner")],
    )
    path = tmp_path / "fp32.onnx"
    opsets = [helper.make_opsetid("", 21)]
    onnx.save(helper.make_model(graph, ir_version=10, opset_imports=opsets), path)
    return path


@pytest.mark.parametrize(
    "sizes", [BlockSizes(), BlockSizes(16, 4, 16), BlockSizes(64, 8, 128)], ids=str
)
def test_a_rounded_graph_computes_with_rounded_matrices(
    source: Path, tmp_path: Path, sizes: BlockSizes
) -> None:
    made = tmp_path / "q4.onnx"
    round_graph(source, made, sizes)
    session = onnxruntime.InferenceSession(str(made))
    assert session.get_inputs()[0].shape == ["batch", "length"]
    ids = np.asarray([[0, 99, 7], [5, 5, 1]], np.int64)
    table = rounded(EMBEDDING, sizes.embedding_bits, sizes.embedding_block)
    inner = rounded(np.ascontiguousarray(INNER.T), 4, sizes.block).T
    expected = table[ids] @ inner @ table.T
    np.testing.assert_allclose(session.run(None, {"ids": ids})[0], expected, rtol=1e-3, atol=1e-2)


def test_a_tied_table_is_stored_once(source: Path, tmp_path: Path) -> None:
    made = tmp_path / "q4.onnx"
    round_graph(source, made, BlockSizes())
    graph = onnx.load(made).graph
    large = [tensor.name for tensor in graph.initializer if len(tensor.raw_data) > 4000]
    assert large == ["table.blocks"]
    assert not any(node.op_type == "Transpose" for node in graph.node)


def test_a_graph_without_matrices_is_refused(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    other = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    node = helper.make_node("Identity", ["x"], ["y"])
    model = helper.make_model(helper.make_graph([node], "none", [value], [other]))
    onnx.save(model, tmp_path / "none.onnx")
    with pytest.raises(ValueError, match="no matrices"):
        round_graph(tmp_path / "none.onnx", tmp_path / "q4.onnx", BlockSizes())
