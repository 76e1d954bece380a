"""From a trained directory to the browser layout and back, without losing a bit."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from typer.testing import CliRunner

from edge_llm.architecture import DecoderWeights
from edge_llm.base import TINY, open_base
from edge_llm.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from edge_llm.cli import app
from edge_llm.export import export_model
from edge_llm.graph.precision import BlockSizes
from edge_llm.layout import check
from edge_llm.manifest import DTYPE_FILES, is_whole, read_manifest
from edge_llm.numpy_decoder import forward
from edge_llm.onnx_weights import read_onnx_model
from edge_llm.precisions import quantize_model
from edge_llm.session import DecoderSession, KeyValueCache

RUNNER = CliRunner()
TOKENS = [1, 9690, 198, 2683, 359, 260, 3446, 282, 253, 33, 34, 2]
ROUNDED = ("fp16", "q8", "q4", "q4f16")


@pytest.fixture(scope="module")
def tied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return open_base(TINY, tmp_path_factory.mktemp("tied") / "fused")


@pytest.fixture(scope="module")
def untied(tied: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a fine-tune with a head of its own leaves, as transformers 5 writes it."""
    source = Path(shutil.copytree(tied, tmp_path_factory.mktemp("untied") / "fused"))
    weights = read_checkpoint(tied)
    head = np.random.default_rng(3).standard_normal(weights.embedding.shape, np.float32)
    write_checkpoint(replace(weights, head=head), source)
    config = json.loads((source / "config.json").read_text())
    config |= {
        "tie_word_embeddings": False,
        "rope_parameters": {"rope_theta": config.pop("rope_theta"), "rope_type": "default"},
        "eos_token_id": [2, 0],
    }
    (source / "config.json").write_text(json.dumps(config))
    settings = json.loads((source / "tokenizer_config.json").read_text())
    del settings["chat_template"]
    settings["tokenizer_class"] = "TokenizersBackend"
    (source / "tokenizer_config.json").write_text(json.dumps(settings))
    (source / "special_tokens_map.json").unlink()
    return source


@pytest.fixture(scope="module")
def model(untied: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of the untied directory in every precision."""
    made = export_model(untied, tmp_path_factory.mktemp("model") / "model", "untied", print)
    quantize_model(made, ROUNDED, BlockSizes(), print)
    return made


def logits_of(graph: Path) -> np.ndarray:
    return DecoderSession(graph).forward(TOKENS, KeyValueCache(), keep=0)


def expected_logits(weights: DecoderWeights) -> np.ndarray:
    head = weights.embedding if weights.head is None else weights.head
    return forward(weights, TOKENS) @ head.T


@pytest.mark.parametrize("kind", ["tied", "untied"])
def test_weights_come_back_from_the_graph(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source: Path = request.getfixturevalue(kind)
    made = export_model(source, tmp_path / "model", kind, print)
    assert check(made) == []
    again, before = Checkpoint(open_base(str(made), tmp_path / "again")), Checkpoint(source)
    assert set(again) == set(before)
    assert all(np.array_equal(again[name], before[name]) for name in before)
    logits = logits_of(made / DTYPE_FILES["fp32"])
    np.testing.assert_allclose(logits, expected_logits(read_checkpoint(source)), atol=2e-3)


def test_files_are_what_browsers_read(model: Path) -> None:
    settings = json.loads((model / "tokenizer_config.json").read_text())
    assert settings["chat_template"] == (model / "chat_template.jinja").read_text()
    assert settings["tokenizer_class"] == "PreTrainedTokenizerFast"
    assert json.loads((model / "special_tokens_map.json").read_text())["eos_token"] == "<|im_end|>"
    config = json.loads((model / "config.json").read_text())
    assert (config["eos_token_id"], config["tie_word_embeddings"]) == (2, False)
    manifest = read_manifest(model)
    assert manifest and is_whole(model, manifest, hashes=True)
    assert set(manifest["dtypes"]) == {"fp32", *ROUNDED}
    assert manifest["source"]["base"]["base"] == TINY
    assert check(model) == []


@pytest.mark.parametrize("dtype", ROUNDED)
def test_every_precision_stays_near_fp32(model: Path, dtype: str) -> None:
    made, exact = (logits_of(model / DTYPE_FILES[name]) for name in (dtype, "fp32"))
    assert made.dtype == np.float32
    distance = np.linalg.norm(made - exact) / np.linalg.norm(exact)
    assert distance < {"fp16": 0.01, "q8": 0.1, "q4": 0.5, "q4f16": 0.5}[dtype]


@pytest.mark.parametrize("dtype", ["fp16", "q4f16"])
def test_half_precision_keeps_its_cache_in_16_bits(model: Path, dtype: str) -> None:
    session = onnxruntime.InferenceSession(str(model / DTYPE_FILES[dtype]))
    cache = {value.type for value in session.get_inputs() if value.name.startswith("past")}
    assert cache == {"tensor(float16)"}
    assert session.get_outputs()[0].type == "tensor(float)"


@pytest.mark.parametrize("dtype", ["q4", "q4f16"])
def test_rounded_graphs_compute_with_the_weights_they_store(model: Path, dtype: str) -> None:
    graph = model / DTYPE_FILES[dtype]
    expected = expected_logits(read_onnx_model(model, graph))
    atol = 2e-3 if dtype == "q4" else 0.02 * float(np.abs(expected).max())
    np.testing.assert_allclose(logits_of(graph), expected, atol=atol)


@pytest.mark.parametrize("sizes", [BlockSizes(16, 4, 16), BlockSizes(128, 4, 128)])
def test_other_blocks_and_a_smaller_embedding(
    tied: Path, tmp_path: Path, sizes: BlockSizes
) -> None:
    made = export_model(tied, tmp_path / "model", "tied", print)
    (graph,) = quantize_model(made, ["q4"], sizes, print)
    # 96 channels: blocks of 128 are filled up.
    np.testing.assert_allclose(
        logits_of(graph), expected_logits(read_onnx_model(made, graph)), atol=2e-3
    )
    gather = next(n for n in onnx.load(graph).graph.node if n.op_type == "GatherBlockQuantized")
    assert {a.name: a.i for a in gather.attribute}["bits"] == 4


def test_commands_say_what_is_wrong(tmp_path: Path, model: Path, tied: Path) -> None:
    def said(*arguments: Any) -> str:
        result = RUNNER.invoke(app, [str(argument) for argument in arguments])
        assert result.exit_code == 1, result.output
        return " ".join(result.output.split())

    assert "export takes what `fuse` makes" in said("export", tmp_path, "--out", tmp_path / "m")
    assert not (tmp_path / "m").exists()
    assert "make it with `edge-llm export`" in said("quantize", tmp_path)
    assert "'q3' is not one of" in said("quantize", model, "--dtypes", "q3")
    assert "not 48" in said("quantize", model, "--block", "48")
    source = Path(shutil.copytree(tied, tmp_path / "wrong"))
    config = json.loads((source / "config.json").read_text())
    (source / "config.json").write_text(json.dumps({**config, "vocab_size": 50000}))
    assert "the embedding has 49152 rows" in said("export", source, "--out", tmp_path / "m")


def test_q8_is_derived_once_from_q4(model: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(model, tmp_path / "model"))
    for dtype in ("fp32", "fp16", "q8", "q4f16"):
        (copy / DTYPE_FILES[dtype]).unlink()
    first, second = (RUNNER.invoke(app, ["derive-q8", str(copy)]) for _ in range(2))
    assert (first.exit_code, "written" in first.output) == (0, True)
    assert "is up to date" in second.output
    made, q4 = (logits_of(copy / DTYPE_FILES[dtype]) for dtype in ("q8", "q4"))
    assert np.linalg.norm(made - q4) / np.linalg.norm(q4) < 0.1
    assert set((read_manifest(copy) or {})["dtypes"]) == {"q8", "q4"}
    assert check(copy) == []
