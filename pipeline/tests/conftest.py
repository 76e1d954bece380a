from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge_llm.architecture import DecoderWeights
from edge_llm.convert import Converter
from edge_llm.gguf_source import GgufModel, packaged_smollm2

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
