"""Minimal builder over `onnx.helper`: names things, and keeps weights as arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from edge_llm.graph.wire import write_model

MICROSOFT = "com.microsoft"
OPSET = 21

_TENSOR_TYPES: dict[type[np.generic], int] = {
    np.float32: TensorProto.FLOAT,
    np.float16: TensorProto.FLOAT16,
    np.int64: TensorProto.INT64,
    np.int32: TensorProto.INT32,
    np.uint8: TensorProto.UINT8,
    np.int8: TensorProto.INT8,
}


class GraphWriter:
    """Collects nodes and weights; every method returns the name of the value it made."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: dict[str, NDArray[Any]] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._casts: set[str] = set()

    def input(self, name: str, dtype: type[np.generic], shape: list[int | str]) -> str:
        self._inputs.append(helper.make_tensor_value_info(name, _TENSOR_TYPES[dtype], shape))
        return name

    def output(self, name: str, dtype: type[np.generic], shape: list[int | str]) -> str:
        self._outputs.append(helper.make_tensor_value_info(name, _TENSOR_TYPES[dtype], shape))
        return name

    def weight(self, name: str, values: NDArray[Any]) -> str:
        """Stores an array once; asking again for a stored name returns it."""
        self._weights.setdefault(name, values)
        return name

    def cast_weight(
        self,
        name: str,
        values: NDArray[Any],
        stored: type[np.generic],
        used: type[np.generic],
    ) -> str:
        """Stores an array in one type for use in another.

        ONNX Runtime casts it once, when it loads the model.
        """
        self.weight(name, values.astype(stored))
        if stored is used:
            return name
        cast = f"{name}.cast"
        if cast not in self._casts:
            self._casts.add(cast)
            self.cast(name, used, cast)
        return f"{cast}.out"

    def scalar(self, value: float, dtype: type[np.generic]) -> str:
        return self.weight(f"const.{dtype.__name__}.{value}", np.asarray(value, dtype=dtype))

    def vector(self, *values: int) -> str:
        label = ",".join(str(value) for value in values)
        return self.weight(f"const.shape.{label}", np.asarray(values, dtype=np.int64))

    def cast(self, x: str, dtype: type[np.generic], name: str) -> str:
        return self.node("Cast", [x], name, to=_TENSOR_TYPES[dtype])

    def node(
        self,
        op: str,
        inputs: list[str],
        name: str,
        *,
        outputs: list[str] | None = None,
        domain: str = "",
        **attributes: Any,
    ) -> str:
        """Adds an operator. Without `outputs` it has one, called after the node."""
        made = outputs or [f"{name}.out"]
        self._nodes.append(
            helper.make_node(op, inputs, made, name=name, domain=domain, **attributes)
        )
        return made[0]

    def write(self, path: Path, name: str) -> None:
        model = helper.make_model(
            helper.make_graph(self._nodes, name, self._inputs, self._outputs),
            producer_name="edge-llm",
            ir_version=10,
            opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
        )
        write_model(path, model, self._weights, _TENSOR_TYPES)
