"""What an app gets is checked, recorded and whole."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge_llm.cli import app
from edge_llm.deploy import DeployError, check_provenance, deploy_model
from edge_llm.layout import check
from edge_llm.manifest import PACKAGING

ABOUT = {"source": "a base", "licence": "Apache-2.0"}


def test_provenance_lists_every_file(tiny: Path, tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text("# A card\n")
    about = {**ABOUT, "data": "requests"}
    made = deploy_model(tiny, tmp_path / "app" / "demo", about, ["q4"], -0.5, [card], ["q8"])
    record = json.loads((made / "provenance.json").read_text())
    there = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    assert set(record["files"]) == there - {"manifest.json", "provenance.json", *PACKAGING}
    assert (record["source"], record["data"]) == ("a base", "requests")
    manifest = json.loads((made / "manifest.json").read_text())
    assert manifest["dtypes"] == {
        "q4": {"file": "onnx/model_q4.onnx"},
        "q8": {"file": "onnx/model_quantized.onnx", "optional": True},
    }
    assert (manifest["toolCallBias"], manifest["name"]) == (-0.5, "demo")
    assert [path.name for path in (made / "onnx").iterdir()] == ["model_q4.onnx"]
    assert (made / "README.md").read_text() == "# A card\n"
    assert check(made) == [] and check_provenance(made) == []
    (made / "config.json").write_text("{}")
    assert check_provenance(made) == ["config.json"]


def test_a_model_that_breaks_the_layout_leaves_the_old_one(tiny: Path, tmp_path: Path) -> None:
    target = deploy_model(tiny, tmp_path / "demo", ABOUT, ["q4"])
    before = (target / "config.json").read_text()
    broken = Path(shutil.copytree(tiny, tmp_path / "broken"))
    config = json.loads((broken / "config.json").read_text())
    (broken / "config.json").write_text(json.dumps({**config, "eos_token_id": [2, 0]}))
    with pytest.raises(DeployError, match=r"eos_token_id is \[2, 0\]"):
        deploy_model(broken, target, ABOUT)
    assert (target / "config.json").read_text() == before


def test_an_npm_package_stays_one(tiny: Path, tmp_path: Path) -> None:
    target = tmp_path / "demo"
    target.mkdir()
    (target / "package.json").write_text("{}")
    deploy_model(tiny, target, ABOUT, ["q4"])
    assert (target / "package.json").read_text() == "{}"
    assert "package.json" not in json.loads((target / "provenance.json").read_text())["files"]
    assert check(target) == []


def test_what_is_missing_is_said(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="licence is missing"):
        deploy_model(tiny, tmp_path / "demo", {"source": "a base"})
    with pytest.raises(DeployError, match=r"has no fp16 \(it has fp32, q8, q4\)"):
        deploy_model(tiny, tmp_path / "demo", ABOUT, ["fp16"])
    assert not (tmp_path / "demo").exists()


def test_command_takes_facts_from_the_run(tiny: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(tiny, run / "model")
    (run / "calibration.json").write_text('{"bias": 0.25}')
    (run / "checkpoint").mkdir()
    (run / "checkpoint" / "training.json").write_text('{"steps": 3}')
    target = tmp_path / "public" / "demo"
    options = ["deploy", "--to", str(target), "--run-dir", str(run)]
    refused = CliRunner().invoke(app, options)
    assert refused.exit_code == 1 and "source, licence is missing" in refused.output
    given = ["--source", "x", "--licence", "MIT", "--dtypes", "q4"]
    result = CliRunner().invoke(app, [*options, *given])
    assert result.exit_code == 0, result.output
    record = json.loads((target / "provenance.json").read_text())
    assert (record["recipe"], record["licence"]) == ({"steps": 3}, "MIT")
    assert json.loads((target / "manifest.json").read_text())["toolCallBias"] == 0.25
