from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from edge_llm.layout import Code, check


@pytest.fixture
def model(tiny: Path, tmp_path: Path) -> Path:
    """A writable copy without the manifest, whose hashes would report every change twice."""
    copy = tmp_path / "model"
    shutil.copytree(tiny, copy, ignore=shutil.ignore_patterns("manifest.json", "model_q*.onnx"))
    return copy


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(json.dumps(value), encoding="utf-8")


def found(directory: Path) -> list[tuple[Code, str]]:
    return [(problem.code, problem.path) for problem in check(directory)]


def test_converted_models_have_no_problems(tiny: Path, full: Path) -> None:
    assert check(tiny) == []
    assert check(full) == []


def test_missing_directory(tmp_path: Path) -> None:
    assert found(tmp_path / "nowhere") == [(Code.MISSING_DIRECTORY, ".")]


def test_empty_directory_names_everything_it_lacks(tmp_path: Path) -> None:
    assert found(tmp_path) == [
        (Code.MISSING_FILE, "config.json"),
        (Code.MISSING_FILE, "tokenizer.json"),
        (Code.MISSING_FILE, "tokenizer_config.json"),
        (Code.MISSING_ONNX_FOLDER, "onnx"),
    ]


def test_graphs_beside_the_onnx_folder_do_not_count(model: Path) -> None:
    (model / "onnx" / "model.onnx").rename(model / "model.onnx")
    assert found(model) == [(Code.MISSING_MODEL, "onnx")]


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json", "config.json"])
def test_missing_file(model: Path, name: str) -> None:
    (model / name).unlink()
    assert found(model) == [(Code.MISSING_FILE, name)]


def test_missing_chat_template(model: Path) -> None:
    edit(model / "tokenizer_config.json", lambda value: value.pop("chat_template"))
    assert found(model) == []
    (model / "chat_template.jinja").unlink()
    assert found(model) == [(Code.MISSING_CHAT_TEMPLATE, "tokenizer_config.json")]


@pytest.mark.parametrize("eos", [[2, 0], None, "2", True])
@pytest.mark.parametrize("name", ["config.json", "generation_config.json"])
def test_eos_must_be_one_integer(model: Path, name: str, eos: object) -> None:
    edit(model / name, lambda value: value.update(eos_token_id=eos))
    assert found(model) == [(Code.EOS_NOT_ONE_INTEGER, name)]
    assert repr(eos) in check(model)[0].message


def test_external_data_flag(model: Path) -> None:
    flag = {"transformers.js_config": {"use_external_data_format": True}}
    edit(model / "config.json", lambda value: value.update(flag))
    assert found(model) == [(Code.EXTERNAL_DATA_FLAG, "config.json")]


def test_weights_in_another_file(model: Path) -> None:
    path = model / "onnx" / "model.onnx"
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="model.onnx_data")
    assert found(model) == [(Code.EXTERNAL_DATA, "onnx/model.onnx")]


@pytest.mark.parametrize("content", [b"<!doctype html><title>Not here</title>", b"\xff" * 64])
def test_not_an_onnx_file(model: Path, content: bytes) -> None:
    (model / "onnx" / "model.onnx").write_bytes(content)
    assert found(model) == [(Code.INVALID_MODEL, "onnx/model.onnx")]


def test_truncated_and_empty_graphs(model: Path) -> None:
    path = model / "onnx" / "model.onnx"
    path.write_bytes(path.read_bytes()[:100_000])
    assert found(model) == [(Code.INVALID_MODEL, "onnx/model.onnx")]
    path.write_bytes(b"")
    assert found(model) == [(Code.INVALID_MODEL, "onnx/model.onnx")]


def test_web_page_in_place_of_json(model: Path) -> None:
    (model / "config.json").write_text("<!DOCTYPE html><p>404</p>")
    assert found(model) == [(Code.INVALID_JSON, "config.json")]
    assert "web page" in check(model)[0].message


@pytest.mark.parametrize("text", ["{", "[]", "null"])
def test_json_that_is_no_object(model: Path, text: str) -> None:
    (model / "tokenizer_config.json").write_text(text)
    assert found(model) == [(Code.INVALID_JSON, "tokenizer_config.json")]


def test_manifest_mismatch(tiny: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(tiny, copy)
    config = (copy / "config.json").read_bytes()
    (copy / "config.json").write_bytes(config.replace(b"silu", b"gelu"))
    (copy / "special_tokens_map.json").unlink()
    assert sorted(found(copy)) == [
        (Code.MANIFEST_MISMATCH, "config.json"),
        (Code.MANIFEST_MISMATCH, "special_tokens_map.json"),
    ]
