"""Manifests list what is there, and name what may be there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import Fp32, Int4Blocks
from edge_llm.manifest import DTYPE_FILES, is_whole, read_manifest, update_manifest, write_manifest
from edge_llm.tensor_table import tensor_table
from edge_llm.tiny_families import random_weights, tiny_settings

WEIGHTS = random_weights(tiny_settings("qwen3"))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "onnx").mkdir()
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    write_decoder(tmp_path / DTYPE_FILES["q4"], WEIGHTS, Int4Blocks(), "tiny")
    write_manifest(
        tmp_path, "shipped", "LlamaForCausalLM", ["q4"], {}, {"toolCallBias": 0.5}, ["q8"]
    )
    return tmp_path


def test_an_optional_precision_is_named_and_not_listed(model: Path) -> None:
    manifest = read_manifest(model)
    assert manifest is not None
    assert manifest["dtypes"] == {
        "q4": {"file": DTYPE_FILES["q4"]},
        "q8": {"file": DTYPE_FILES["q8"], "optional": True},
    }
    assert list(manifest["files"]) == ["config.json", DTYPE_FILES["q4"]]
    assert is_whole(model, manifest, hashes=True)


def test_a_local_file_of_it_leaves_the_manifest_as_it_was(model: Path) -> None:
    before = (model / "manifest.json").read_bytes()
    (model / DTYPE_FILES["q8"]).write_bytes(b"derived here")
    (model / "onnx/.model_quantized.onnx.derived.json").write_text("{}", encoding="utf-8")
    (model / "package.json").write_text("{}", encoding="utf-8")
    update_manifest(model, {})
    assert (model / "manifest.json").read_bytes() == before


def test_other_precisions_are_listed_when_they_come(model: Path) -> None:
    write_decoder(model / DTYPE_FILES["fp32"], WEIGHTS, Fp32(), "tiny")
    update_manifest(model, {})
    manifest = read_manifest(model)
    assert manifest is not None
    assert list(manifest["dtypes"]) == ["fp32", "q4", "q8"]
    assert manifest["toolCallBias"] == 0.5


def test_tensors_lie_where_the_manifest_says(model: Path) -> None:
    manifest = read_manifest(model)
    assert manifest is not None
    path = model / DTYPE_FILES["q4"]
    table, data = manifest["tensors"][DTYPE_FILES["q4"]], path.read_bytes()
    stored = onnx.load(path).graph.initializer
    assert list(table) == [tensor.name for tensor in stored]
    for tensor in stored:
        offset, size, kind, *shape = table[tensor.name]
        assert data[offset : offset + size] == tensor.raw_data
        assert (kind, shape) == (tensor.data_type, list(tensor.dims))
    lines = (model / "manifest.json").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith('   "norm.weight": [') and line.endswith("],") for line in lines)


def test_graphs_whose_weights_are_not_all_bytes_of_the_file_have_no_table(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    raw = numpy_helper.from_array(np.ones(3, np.float32), "raw")
    typed = helper.make_tensor("typed", TensorProto.FLOAT, [2], [1.0, 2.0])
    for tensors in ([raw, typed], [raw]):
        graph = helper.make_graph([], "g", [], [], tensors)
        onnx.save(helper.make_model(graph), path)
        table = tensor_table(path)
        assert (table is None) == (typed in tensors)
    assert list(table or {}) == ["raw"]
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match="ends inside"):
        tensor_table(path)
