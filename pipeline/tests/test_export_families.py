"""Directories of other families than Llama, through export, quantize and back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from edge_llm.base import open_base
from edge_llm.checkpoint import Checkpoint, write_checkpoint
from edge_llm.doctor.values import Values
from edge_llm.export import export_model
from edge_llm.graph.precision import BlockSizes
from edge_llm.layout import check
from edge_llm.manifest import DTYPE_FILES, read_manifest
from edge_llm.precisions import quantize_model
from edge_llm.session import DecoderSession, KeyValueCache
from edge_llm.tiny_families import random_weights, tiny_settings
from edge_llm.tiny_tokenizer import write_tiny_tokenizer

TOKENS = list(b"forty-two bytes")


@pytest.fixture(scope="module", params=["mistral", "qwen3", "gemma3", "granite4"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory: Path = tmp_path_factory.mktemp("source") / request.param
    directory.mkdir()
    settings = tiny_settings(request.param, eos_token_id=[256, 258])
    (directory / "config.json").write_text(json.dumps(settings))
    (directory / "generation_config.json").write_text(json.dumps({"top_k": 64}))
    write_tiny_tokenizer(directory)
    write_checkpoint(random_weights(settings), directory)
    return directory


@pytest.fixture(scope="module")
def model(source: Path) -> Path:
    made = export_model(source, source.parent / "model", source.name, print)
    sizes = BlockSizes(16, 4, 16, zero_points=True)
    quantize_model(made, ["q8", "q4"], sizes, print)
    return made


def test_every_precision_is_there_and_near(model: Path) -> None:
    assert check(model) == []
    manifest = read_manifest(model) or {}
    assert set(manifest["dtypes"]) == {"fp32", "q8", "q4"}
    assert manifest["source"]["blocks"]["zero_points"] is True
    exact, q8 = (
        DecoderSession(model / DTYPE_FILES[dtype]).forward(TOKENS, KeyValueCache(), keep=0)
        for dtype in ("fp32", "q8")
    )
    assert np.linalg.norm(q8 - exact) / np.linalg.norm(exact) < 0.1


def test_configs_end_turns_by_one_token_and_keep_the_rest(source: Path, model: Path) -> None:
    before, after = (json.loads((d / "config.json").read_text()) for d in (source, model))
    assert after == {**before, "eos_token_id": 258, "torch_dtype": "float32"}
    generation = json.loads((model / "generation_config.json").read_text())
    assert generation == {"top_k": 64, "eos_token_id": 258}


def test_a_model_is_a_base_to_train_from(source: Path, model: Path, tmp_path: Path) -> None:
    base = open_base(str(model), tmp_path / "base")
    before, after = Checkpoint(source), Checkpoint(base)
    assert set(before) == set(after)
    for name in before:
        np.testing.assert_allclose(after[name], before[name], rtol=0, atol=3e-6)


@pytest.mark.parametrize("dtype", ["fp16", "q4f16"])
def test_floats_of_16_bits_are_for_what_fits(source: Path, model: Path, dtype: str) -> None:
    (graph,) = quantize_model(model, [dtype], BlockSizes(16), print)
    logits = DecoderSession(graph).forward(TOKENS, KeyValueCache(), keep=0)
    exact = DecoderSession(model / DTYPE_FILES["fp32"]).forward(TOKENS, KeyValueCache(), keep=0)
    error = np.linalg.norm(logits - exact) / np.linalg.norm(exact)
    assert error < {"fp16": 0.02, "q4f16": 0.6}[dtype]
    values = Values(onnx.load(graph).graph)
    # A Gemma 3's stream is wide by its family: tiny random ones do not get as large.
    is_gemma = source.name == "gemma3"
    assert {value.half for value in values if value.is_stream} == {not is_gemma}
