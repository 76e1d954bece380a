from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loud_models import with_layers

from edge_llm.architecture import DecoderWeights
from edge_llm.convert import Converter
from edge_llm.gguf_source import GgufModel, packaged_smollm2
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import BlockSizes, Fp32
from edge_llm.onnx_weights import read_onnx_model
from edge_llm.precisions import quantize_model

REPOSITORY = Path(__file__).parents[2]
MODELS = REPOSITORY / "models"
ALL = ["fp32", "q8", "q4"]


@pytest.fixture(scope="session")
def converter() -> Converter:
    return Converter(print)


@pytest.fixture(scope="session")
def tiny(converter: Converter) -> Path:
    return converter.convert("tiny", MODELS, ALL, force=False).directory


@pytest.fixture(scope="session")
def full(converter: Converter) -> Path:
    return converter.convert("full", MODELS, ALL, force=False).directory


@pytest.fixture(scope="session")
def gguf() -> GgufModel:
    return GgufModel(packaged_smollm2().path)


@pytest.fixture(scope="session")
def weights(gguf: GgufModel) -> DecoderWeights:
    return gguf.weights()


@pytest.fixture(scope="session")
def reference() -> dict[str, Any]:
    """Made by `edge-llm reference` from llama.cpp and transformers."""
    path = Path(__file__).parent / "data" / "smollm2-reference.json"
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value


@pytest.fixture
def exported(tiny: Path, tmp_path: Path) -> Path:
    """A writable copy with the fp32 graph alone."""
    copy = tmp_path / "model"
    shutil.copytree(tiny, copy, ignore=shutil.ignore_patterns("model_q*.onnx"))
    quantize_model(copy, [], BlockSizes(), lambda line: None)
    return copy


@pytest.fixture
def loud_model(exported: Path) -> Path:
    """Its feed-forward parts, and with them its residual stream, pass what 16 bits hold."""
    weights = read_onnx_model(exported)
    loud = with_layers(
        weights, lambda index, layer: replace(layer, down=layer.down * np.float32(1e4))
    )
    write_decoder(exported / "onnx" / "model.onnx", loud, Fp32(), "loud")
    quantize_model(exported, [], BlockSizes(), lambda line: None)
    return exported
