"""Writes a plan into the core's memory, with the tensors that it needs."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from edge_llm.simd.core_memory import CoreMemory
from edge_llm.simd.model_plan import (
    LayerPlan,
    MatrixPlan,
    ModelPlan,
    Place,
    RotaryPlan,
    VectorPlan,
)
from edge_llm.simd.structs import LAYER, MATRIX, MODEL, ROTARY, Struct, packed


class PlanWriter:
    """Copies every tensor once; vectors of 16-bit floats become 32 bits wide."""

    def __init__(self, memory: CoreMemory) -> None:
        self._memory = memory
        self._tensors: dict[int, int] = {}
        self._rotaries: dict[RotaryPlan, int] = {}

    def write(self, plan: ModelPlan) -> int:
        """The address of the core's `ModelPlan`."""
        layers = [self._layer(layer) for layer in plan.layers]
        numbers = {
            item.name: getattr(plan, item.name)
            for item in fields(plan)
            if item.name in MODEL and isinstance(getattr(plan, item.name), int | float)
        }
        return self._struct(
            MODEL,
            numbers
            | {
                "layer_count": len(layers),
                "gate_kind": 0 if plan.gate == "silu" else 1,
                "embedding": self._matrix(plan.embedding),
                "head": self._matrix(plan.head),
                "final_norm": self._vector(plan.final_norm),
                "layers": self._table(layers),
                "rotaries": self._table(list(self._rotaries.values())),
                "rotary_count": len(self._rotaries),
            },
        )

    def _layer(self, layer: LayerPlan) -> int:
        values: dict[str, float] = {}
        for item in fields(layer):
            value = getattr(layer, item.name)
            if isinstance(value, MatrixPlan):
                values[item.name] = self._matrix(value)
            elif isinstance(value, VectorPlan):
                values[item.name] = self._vector(value)
        values["window"] = layer.window
        values["rotary"] = self._rotary(layer.rotary)
        return self._struct(LAYER, values)

    def _matrix(self, matrix: MatrixPlan) -> int:
        return self._struct(
            MATRIX,
            {
                "rows": matrix.rows,
                "columns": matrix.columns,
                "bits": matrix.bits,
                "block": matrix.block,
                "scale_bits": matrix.scale_bits,
                "weights": self._address(matrix.weights),
                "scales": self._address(matrix.scales),
                "zero_points": self._address(matrix.zero_points),
                "bias": self._vector(matrix.bias),
            },
        )

    def _rotary(self, rotary: RotaryPlan) -> int:
        if rotary not in self._rotaries:
            llama3 = rotary.llama3
            scaling = (
                {
                    "llama3_factor": llama3.factor,
                    "low_frequency_factor": llama3.low_frequency_factor,
                    "high_frequency_factor": llama3.high_frequency_factor,
                    "original_context": llama3.original_context,
                }
                if llama3
                else {}
            )
            self._rotaries[rotary] = self._struct(
                ROTARY,
                {
                    "dimensions": rotary.dimensions,
                    "interleaved": int(rotary.interleaved),
                    "theta": rotary.theta,
                    "factor": rotary.factor,
                    "frequencies": self._memory.allocate(2 * rotary.dimensions),
                    "index": len(self._rotaries),
                    **scaling,
                },
            )
        return self._rotaries[rotary]

    def _vector(self, vector: VectorPlan | None) -> int:
        if vector is None:
            return 0
        if vector.bits == 32:
            return self._address(vector.place)
        raw, start = vector.place.tensor.raw, vector.place.offset
        halves = np.frombuffer(raw, "<f2", vector.length, start)
        return self._memory.put(halves.astype("<f4").tobytes())

    def _address(self, place: Place | None) -> int:
        if place is None:
            return 0
        key = id(place.tensor)
        if key not in self._tensors:
            self._tensors[key] = self._memory.put(place.tensor.raw)
        return self._tensors[key] + place.offset

    def _table(self, addresses: list[int]) -> int:
        return self._memory.put(np.asarray(addresses, "<u4").tobytes())

    def _struct(self, fields_: Struct, values: dict[str, float]) -> int:
        return self._memory.put(packed(fields_, values))
