"""8-bit formats that were weighed and not shipped, so that anyone can weigh them again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from edge_llm.architecture import FloatArray
from edge_llm.gguf_source import GgufModel, packaged_smollm2
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import Fp32, Int8PerToken
from edge_llm.graph.writer import MICROSOFT, GraphWriter
from edge_llm.quantize import rows_uint8
from edge_llm.smoothing import smoothed_for_rounding


class Int8PerTensor(Int8PerToken):
    """One activation scale for the whole input, ONNX Runtime's own dynamic quantization."""

    rounds_activations = False

    def linear(self, graph: GraphWriter, x: str, weight: FloatArray, name: str) -> str:
        values, scales = rows_uint8(weight)
        middles = np.full(len(scales), 128, np.uint8)
        return graph.node(
            "DynamicQuantizeMatMul",
            [
                x,
                graph.weight(f"{name}.weight", values.T),
                graph.weight(f"{name}.scale", scales),
                graph.weight(f"{name}.middle", middles),
            ],
            name,
            domain=MICROSOFT,
        )


class Int8PerTensorFloatDown(Int8PerTensor):
    """The same with every down projection, where values are largest, left in fp32."""

    def linear(self, graph: GraphWriter, x: str, weight: FloatArray, name: str) -> str:
        if name.endswith("down_proj"):
            return Fp32().linear(graph, x, weight, name)
        return super().linear(graph, x, weight, name)


class Int8PerTokenRough(Int8PerToken):
    """What is shipped, without the smoothed weights."""

    rounds_activations = False


class Int8PerTokenFloatDown(Int8PerToken):
    """What is shipped, with every down projection left in fp32."""

    def linear(self, graph: GraphWriter, x: str, weight: FloatArray, name: str) -> str:
        if name.endswith("down_proj"):
            return Fp32().linear(graph, x, weight, name)
        return super().linear(graph, x, weight, name)


CANDIDATES: dict[str, type[Int8PerToken]] = {
    "per-tensor": Int8PerTensor,
    "per-tensor-float-down": Int8PerTensorFloatDown,
    "per-token-rough": Int8PerTokenRough,
    "per-token-float-down": Int8PerTokenFloatDown,
}


def write_candidates(directory: Path, target: Path, report: Callable[[str], None]) -> list[Path]:
    """All of them as graphs in `target`; `directory` is the converted model."""
    target.mkdir(parents=True, exist_ok=True)
    weights = GgufModel(packaged_smollm2().path).weights()
    made = []
    for name, kind in CANDIDATES.items():
        report(f"writing candidate {name}")
        path = target / f"{name}.onnx"
        precision = kind()
        shaped = (
            smoothed_for_rounding(weights, directory) if precision.rounds_activations else weights
        )
        write_decoder(path, shaped, precision, directory.name)
        made.append(path)
    return made
