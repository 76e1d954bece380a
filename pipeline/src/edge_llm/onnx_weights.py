"""Reads a decoder back out of the graphs that this package writes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_llm.architecture import DecoderWeights, FloatArray, LayerWeights
from edge_llm.graph.decoder import OPTIONAL
from edge_llm.hf_config import decoder_config
from edge_llm.manifest import DTYPE_FILES
from edge_llm.quantize import unpacked_blocks

_PREFERRED = ("fp32", "fp16", "q4", "q4f16")


def best_graph(directory: Path) -> Path:
    """The most exact graph of a model directory.

    Raises FileNotFoundError where there is none. The q8 graph does not count: its weights
    were moved between matrices to suit rounded activations.
    """
    for dtype in _PREFERRED:
        path = directory / DTYPE_FILES[dtype]
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"{directory}/onnx holds neither model.onnx nor model_q4.onnx to read weights from"
    )


def read_onnx_model(directory: Path, graph: Path | None = None) -> DecoderWeights:
    """The decoder in `graph` (default: the best there is), with rounded matrices as floats.

    Raises ValueError where the graph was not written by this package.
    """
    path = graph or best_graph(directory)
    settings: dict[str, Any] = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    stored = _Initializers(path)
    tied = "embed_tokens.weight" not in stored
    config = decoder_config({**settings, "tie_word_embeddings": tied})
    hidden, matrix = config.hidden_size, stored.matrix

    @cache
    def layer(index: int) -> LayerWeights:
        prefix = f"layers.{index}"
        return LayerWeights(
            input_norm=stored.plain(f"{prefix}.input_norm.weight"),
            qkv=matrix(f"{prefix}.qkv", hidden),
            attention_output=matrix(
                f"{prefix}.o_proj", config.num_attention_heads * config.head_dim
            ),
            mlp_norm=stored.plain(f"{prefix}.mlp_norm.weight"),
            gate_up=matrix(f"{prefix}.gate_up", hidden),
            down=matrix(f"{prefix}.down_proj", config.intermediate_size),
            **{
                field: stored.plain(f"{prefix}.{name}")
                for field, name in OPTIONAL.items()
                if f"{prefix}.{name}" in stored
            },
        )

    head = matrix("lm_head", hidden)
    return DecoderWeights(
        config=config,
        embedding=head if tied else stored.table("embed_tokens", hidden),
        final_norm=stored.plain("norm.weight"),
        layer=layer,
        head=None if tied else head,
    )


def is_ours(path: Path) -> bool:
    """Whether this package's graph writer made a graph."""
    import onnx

    return bool(onnx.load(path, load_external_data=False).producer_name == "edge-llm")


class _Initializers:
    def __init__(self, path: Path) -> None:
        import onnx

        self._path = path
        graph = onnx.load(path).graph
        self._tensors = {tensor.name: tensor for tensor in graph.initializer}
        self._bits = {
            node.name: attribute.i
            for node in graph.node
            for attribute in node.attribute
            if attribute.name == "bits"
        }

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def _array(self, name: str) -> NDArray[Any]:
        from onnx import numpy_helper

        if name not in self._tensors:
            raise ValueError(
                f"{self._path} has no weight {name!r}, so it was not made by edge-llm; "
                "give the Hugging Face directory that it was exported from"
            )
        return numpy_helper.to_array(self._tensors[name])

    def plain(self, name: str) -> FloatArray:
        return self._array(name).astype(np.float32)

    def matrix(self, name: str, inputs: int) -> FloatArray:
        """A matrix `[outputs, inputs]`; floats are stored the other way round."""
        if f"{name}.scale" in self:
            return self._blocks(name, inputs)
        return np.ascontiguousarray(self.plain(f"{name}.weight").T)

    def table(self, name: str, inputs: int) -> FloatArray:
        """An embedding `[vocab, inputs]`, which is stored as it is."""
        if f"{name}.scale" in self:
            return self._blocks(name, inputs)
        return self.plain(f"{name}.weight")

    def _blocks(self, name: str, inputs: int) -> FloatArray:
        values, scales = self._array(f"{name}.weight"), self.plain(f"{name}.scale")
        zeros = self._array(f"{name}.zero") if f"{name}.zero" in self else None
        return unpacked_blocks(values, scales, self._bits[name], inputs, zeros)
