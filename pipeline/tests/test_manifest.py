"""Manifests list what is there, and name what may be there."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_llm.manifest import DTYPE_FILES, is_whole, read_manifest, update_manifest, write_manifest


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "onnx").mkdir()
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / DTYPE_FILES["q4"]).write_bytes(b"graph")
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
    (model / DTYPE_FILES["fp32"]).write_bytes(b"graph")
    update_manifest(model, {})
    manifest = read_manifest(model)
    assert manifest is not None
    assert list(manifest["dtypes"]) == ["fp32", "q4", "q8"]
    assert manifest["toolCallBias"] == 0.5
