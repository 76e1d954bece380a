"""The committed models for the SIMD core's tests are what this code makes, and right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from test_families import transformers_logits
from tokenizers import Tokenizer

from edge_llm.checkpoint import write_checkpoint
from edge_llm.layout import check
from edge_llm.manifest import DTYPE_FILES, is_whole, read_manifest, sha256_of
from edge_llm.onnx_weights import read_onnx_model
from edge_llm.session import DecoderSession, KeyValueCache
from edge_llm.simd_fixtures import TOKENS, read_reference, reference_logits, write_simd_fixtures
from edge_llm.tiny_families import TINY_FAMILIES

FIXTURES = Path(__file__).parents[2] / "test" / "fixtures" / "simd"
FAMILIES = list(TINY_FAMILIES)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simd")
    write_simd_fixtures(folder, fp32=True, report=print)
    return folder


@pytest.mark.parametrize("family", FAMILIES)
def test_directories_load_anywhere(family: str) -> None:
    directory = FIXTURES / family
    manifest = read_manifest(directory)
    assert check(directory) == []
    assert manifest and list(manifest["dtypes"]) == ["q4"]
    # Written before the reference, which is no part of the model.
    assert is_whole(directory, manifest, hashes=True)
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    text = "Grüße!\n\t\u0000 ½ 漢"
    ids = tokenizer.encode(f"<|im_start|>{text}<|im_end|>").ids
    assert ids == [257, *text.encode(), 258]
    assert tokenizer.decode(ids) == text


@pytest.mark.parametrize("family", FAMILIES)
def test_reference_logits_are_those_of_every_engine(family: str, tmp_path: Path) -> None:
    directory = FIXTURES / family
    tokens, expected = read_reference(directory)
    graph = directory / DTYPE_FILES["q4"]
    assert tuple(tokens) == TOKENS
    weights = read_onnx_model(directory, graph)
    (tmp_path / "config.json").write_bytes((directory / "config.json").read_bytes())
    write_checkpoint(weights, tmp_path)
    for logits in (
        reference_logits(weights),
        DecoderSession(graph).forward(tokens, KeyValueCache(), keep=0),
        transformers_logits(tmp_path, tokens),
    ):
        np.testing.assert_allclose(logits, expected, rtol=0, atol=2e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_command_makes_them_again(family: str, made: Path) -> None:
    graphs = [onnx.load(folder / family / DTYPE_FILES["q4"]).graph for folder in (FIXTURES, made)]
    stored = [
        {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        for graph in graphs
    ]
    for graph in graphs:
        graph.ClearField("initializer")
    assert graphs[0] == graphs[1]
    assert stored[0].keys() == stored[1].keys()
    for name, before in stored[0].items():
        after = stored[1][name]
        if before.dtype == np.uint8:
            # Sums in another order may tip a value that lies between two steps.
            assert (before == after).mean() > 0.99, name
        else:
            np.testing.assert_allclose(after, before, rtol=1e-2, atol=1e-6)
    config = (FIXTURES / family / "config.json").read_bytes()
    assert (made / family / "config.json").read_bytes() == config


@pytest.mark.parametrize("family", FAMILIES)
def test_exact_graphs_can_be_had_too(family: str, made: Path) -> None:
    directory = made / family
    assert set((read_manifest(directory) or {})["dtypes"]) == {"fp32", "q4"}
    assert sha256_of(directory / DTYPE_FILES["fp32"]) != sha256_of(directory / DTYPE_FILES["q4"])
    logits = DecoderSession(directory / DTYPE_FILES["fp32"]).forward(
        TOKENS, KeyValueCache(), keep=0
    )
    exact = reference_logits(read_onnx_model(directory, directory / DTYPE_FILES["fp32"]))
    np.testing.assert_allclose(logits, exact, rtol=0, atol=1e-4)
