"""16-bit arithmetic on a machine without it, overflow included.

What ONNX Runtime's CPU does with 16-bit graphs depends on its version: operators without
a kernel for them run in 32 bits, and casts between such are left out, so that values stay
exact which a GPU would round. Here every value that would have 16 bits is rounded to them
after its operator, over 65504 to infinity, and so is every weight. A norm fused with the
addition before it norms the rounded sum, as WebGPU's does. Other sums inside of operators
stay in 32 bits: GPUs that add up in 16 bits can be worse.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edge_llm.doctor.values import FLOATS, Values

LARGEST = float(np.finfo(np.float16).max)
"""65504."""
_BEFORE = ".before-rounding"


def before_rounding(tensor: str) -> str:
    """Where a graph made by `emulated` has a value as its operator gave it."""
    return tensor + _BEFORE


def emulated(model: onnx.ModelProto, *, everything: bool = False) -> set[str]:
    """Changes `model` to compute in 32 bits what its 16-bit values would have been.

    With `everything`, all floats are taken to have 16 bits: a plain 16-bit export of a
    graph. Returns the names of the rounded values.
    """
    graph = model.graph
    _unfuse_sums(graph)
    values = Values(graph)
    kinds = FLOATS if everything else (TensorProto.FLOAT16,)
    # Of what depends on nothing fed, only the outcome is stored in 16 bits, as tables are.
    borders = _read_by_fed(graph, values)
    rounded = {
        name
        for node in graph.node
        for name in node.output
        if values.types.get(name) in kinds
        and (name in values.dynamic or (everything and name in borders))
    }
    half_weights = {
        tensor.name
        for tensor in graph.initializer
        if tensor.data_type in kinds and (not everything or tensor.name in borders)
    }
    for tensor in graph.initializer:
        if tensor.name in half_weights or tensor.data_type == TensorProto.FLOAT16:
            _widen(tensor, rounding=tensor.name in half_weights)
    for value in (*graph.input, *graph.output):
        kind = value.type.tensor_type
        if kind.elem_type == TensorProto.FLOAT16:
            kind.elem_type = TensorProto.FLOAT
    nodes = []
    for node in graph.node:
        _cast_to_wide(node)
        nodes.append(node)
        for index, name in enumerate(node.output):
            if name in rounded:
                node.output[index] = before_rounding(name)
                nodes.extend(_rounding(name))
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]
    return {name for name in rounded if name in values.dynamic}


def _unfuse_sums(graph: onnx.GraphProto) -> None:
    """Splits norms that add first into the addition and the norm."""
    nodes = []
    for node in graph.node:
        if node.op_type != "SkipSimplifiedLayerNormalization":
            nodes.append(node)
            continue
        total = node.output[3] if len(node.output) > 3 else f"{node.output[0]}.sum"
        added, scale, *bias = node.input[1:]
        parts = [node.input[0], added, *filter(None, bias)]
        for index, part in enumerate(parts[1:], 1):
            made = total if index == len(parts) - 1 else f"{total}.{index}"
            before = parts[0] if index == 1 else f"{total}.{index - 1}"
            nodes.append(helper.make_node("Add", [before, part], [made], f"{node.name}.add"))
        epsilon = next(each.f for each in node.attribute if each.name == "epsilon")
        nodes.append(
            helper.make_node(
                "SimplifiedLayerNormalization",
                [total, scale],
                [node.output[0]],
                node.name,
                axis=-1,
                epsilon=epsilon,
            )
        )
    del graph.node[:]
    graph.node.extend(nodes)


def _read_by_fed(graph: onnx.GraphProto, values: Values) -> set[str]:
    """Values that operators which depend on what is fed read."""
    return {
        name
        for node in graph.node
        if not values.dynamic.isdisjoint(node.input)
        for name in node.input
    }


def _widen(tensor: onnx.TensorProto, *, rounding: bool) -> None:
    array = numpy_helper.to_array(tensor)
    with np.errstate(over="ignore"):
        held = array.astype(np.float16) if rounding else array
    wide = numpy_helper.from_array(held.astype(np.float32), tensor.name)
    tensor.CopyFrom(wide)


def _cast_to_wide(node: onnx.NodeProto) -> None:
    for attribute in node.attribute:
        if node.op_type == "Cast" and attribute.name == "to" and attribute.i == _HALF:
            attribute.i = int(TensorProto.FLOAT)
        elif attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_type == _HALF:
            _widen(attribute.t, rounding=False)


def _rounding(name: str) -> list[onnx.NodeProto]:
    narrow = name + ".half"
    return [
        helper.make_node(
            "Cast", [before_rounding(name)], [narrow], f"{name}.to-half", to=TensorProto.FLOAT16
        ),
        helper.make_node("Cast", [narrow], [name], f"{name}.from-half", to=TensorProto.FLOAT),
    ]


_HALF = int(TensorProto.FLOAT16)
