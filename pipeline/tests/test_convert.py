from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge_llm import convert
from edge_llm.convert import Converter
from edge_llm.manifest import PACKAGING, sha256_of


def stamps(directory: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in directory.rglob("*")}


def test_second_run_touches_nothing(converter: Converter, tmp_path: Path) -> None:
    first = converter.convert("tiny", tmp_path, ["fp32", "q8"], force=False)
    before = stamps(tmp_path)
    second = converter.convert("tiny", tmp_path, ["q8"], force=False)
    assert (first.made, second.made) == (True, False)
    assert stamps(tmp_path) == before


def test_an_added_dtype_keeps_the_others(converter: Converter, tmp_path: Path) -> None:
    converter.convert("tiny", tmp_path, ["q8"], force=False)
    made = converter.convert("tiny", tmp_path, ["q4"], force=False)
    manifest = json.loads((made.directory / "manifest.json").read_text())
    assert list(manifest["dtypes"]) == ["q8", "q4"]


def test_a_damaged_file_is_made_again(converter: Converter, tmp_path: Path) -> None:
    made = converter.convert("tiny", tmp_path, ["q8"], force=False).directory
    whole = sha256_of(made / "onnx" / "model_quantized.onnx")
    (made / "onnx" / "model_quantized.onnx").write_bytes(b"short")
    assert converter.convert("tiny", tmp_path, ["q8"], force=False).made
    assert sha256_of(made / "onnx" / "model_quantized.onnx") == whole


def test_a_new_recipe_makes_the_model_again(
    converter: Converter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converter.convert("tiny", tmp_path, ["q8"], force=False)
    monkeypatch.setattr(convert, "recipe_hash", lambda: "another")
    assert converter.convert("tiny", tmp_path, ["q8"], force=False).made


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"source": {}}'])
def test_a_broken_manifest_is_not_trusted(
    converter: Converter, tmp_path: Path, broken: str
) -> None:
    made = converter.convert("tiny", tmp_path, ["q8"], force=False).directory
    (made / "manifest.json").write_text(broken)
    assert converter.convert("tiny", tmp_path, ["q8"], force=False).made


def test_an_interrupted_run_leaves_what_was_there(
    converter: Converter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = converter.convert("tiny", tmp_path, ["q8"], force=False).directory
    before = stamps(made)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(convert, "write_manifest", interrupted)
    with pytest.raises(KeyboardInterrupt):
        converter.convert("tiny", tmp_path, ["q8", "q4"], force=False)
    assert stamps(made) == before
    assert [path.name for path in tmp_path.iterdir()] == [made.name]


def test_manifest_describes_every_file_of_the_model(tiny: Path) -> None:
    manifest = json.loads((tiny / "manifest.json").read_text())
    there = {path.relative_to(tiny).as_posix() for path in tiny.rglob("*") if path.is_file()}
    assert manifest["files"].keys() == there - {"manifest.json", *PACKAGING}
    for name, entry in manifest["files"].items():
        assert entry == {"size": (tiny / name).stat().st_size, "sha256": sha256_of(tiny / name)}
    assert manifest["formatVersion"] == 1
    assert manifest["source"]["licence"] == "Apache-2.0"
