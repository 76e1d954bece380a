"""Says of what format weights are that the core cannot multiply with."""

from __future__ import annotations

from onnx import TensorProto

from edge_llm.simd.onnx_graph import Node, OnnxGraph
from edge_llm.simd.unsupported import Unsupported

_ROWS = "8-bit with one scale for many inputs"
_OTHER_PRODUCTS = {
    "MatMulInteger": _ROWS,
    "MatMulIntegerToFloat": _ROWS,
    "DynamicQuantizeMatMul": _ROWS,
    "QLinearMatMul": _ROWS,
    "MatMulBnb4": "4-bit in the format bnb4",
}
_NAMES = {
    int(TensorProto.FLOAT): "fp32",
    int(TensorProto.FLOAT16): "fp16",
    int(TensorProto.DOUBLE): "fp64",
    int(TensorProto.BFLOAT16): "bf16",
}


def check_weights(graph: OnnxGraph) -> None:
    """Raises Unsupported where no matrix is in blocks of 4 or 8 bits."""
    if any(node.op_type == "MatMulNBits" for node in graph.nodes):
        return
    for node in graph.nodes:
        found = weight_format(graph, node)
        if found:
            raise not_in_blocks(f"its weights are {found}")


def weight_format(graph: OnnxGraph, node: Node) -> str | None:
    """What the weights of a product are, other than blocks: a format, and where it is."""
    if node.op_type in _OTHER_PRODUCTS:
        return f"{_OTHER_PRODUCTS[node.op_type]} ({node})"
    if node.op_type not in ("MatMul", "Gemm", "FusedMatMul"):
        return None
    for name in node.inputs:
        tensor = graph.tensor(name)
        if tensor and len(tensor.shape) > 1:
            return f"{_NAMES.get(tensor.type, f'type {tensor.type}')} ({node})"
    return None


def not_in_blocks(what: str) -> Unsupported:
    return Unsupported(
        f"{what}, and it multiplies with blocks of 4-bit or 8-bit weights only "
        "(MatMulNBits, as in a q4 file)"
    )
