from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs --group train")

from click.testing import Result  # noqa: E402
from tiny_run import make_run  # noqa: E402
from typer.testing import CliRunner  # noqa: E402

from edge_llm.cli import app  # noqa: E402
from edge_llm.samples import write_samples  # noqa: E402


def edge_llm(*arguments: object) -> Result:
    result: Result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("commands") / "run")


def train(run_dir: Path, *more: object) -> Result:
    base = run_dir.with_name("run-base")
    options = ["--base", base, "--device", "cpu", "--batch-tokens", 1500, "--max-steps", 4]
    return edge_llm("train", "--run-dir", run_dir, *options, *more)


def report(run_dir: Path, step: str) -> dict[str, object]:
    value: dict[str, object] = json.loads((run_dir / f"{step}.json").read_text(encoding="utf-8"))
    return value


@pytest.mark.parametrize("method", ["full", "lora"])
def test_from_samples_to_a_tested_fused_model(run_dir: Path, method: str) -> None:
    made = train(run_dir, "--method", method, "--lr", 0.01)
    assert made.exit_code == 0, made.output
    assert "4 steps" in made.stderr

    common = ["--run-dir", run_dir, "--device", "cpu"]
    tested = edge_llm("test-adapter", *common, "--interpolate", 0, "--interpolate", 0.5)
    assert tested.exit_code == 0, tested.output
    adapter = report(run_dir, "test-adapter")
    assert adapter["passed"] is True
    assert len(adapter["tried"]) == 2  # type: ignore[arg-type]

    fused = edge_llm("fuse", *common[:2])
    assert fused.exit_code == 0, fused.output
    assert (run_dir / "fused" / "model.safetensors").is_file()
    tested = edge_llm("test-fused", *common)
    assert tested.exit_code == 0, tested.output
    assert report(run_dir, "test-fused")["differing"] == []

    calibrated = edge_llm("calibrate", *common)
    assert calibrated.exit_code == 0, calibrated.output
    assert isinstance(report(run_dir, "calibration")["bias"], float)
    assert (run_dir / "calibration.svg").is_file()


def test_a_model_that_is_not_good_enough_stops_with_advice(run_dir: Path) -> None:
    train(run_dir)
    tested = edge_llm("test-adapter", "--run-dir", run_dir, "--device", "cpu", "--at-least", 1)
    assert tested.exit_code == 1
    assert "needed 100.0%" in tested.stdout
    assert "More or more varied examples" in tested.stderr
    assert report(run_dir, "test-adapter")["passed"] is False


def test_a_fused_model_that_answers_otherwise_is_caught(run_dir: Path) -> None:
    train(run_dir, "--lr", 0.05)
    common = ["--run-dir", run_dir, "--device", "cpu"]
    edge_llm("test-adapter", *common, "--at-least", 0)
    edge_llm("fuse", "--run-dir", run_dir, "--interpolate", 1)
    tested = edge_llm("test-fused", *common)
    assert tested.exit_code == 1
    assert "answers differ from the checkpoint's" in tested.stderr


def test_what_is_missing_is_said_before_anything_starts(run_dir: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    for step, said in (
        ("train", "train.jsonl is missing; run `edge-llm generate` first"),
        ("test-adapter", "training.json is missing; run `edge-llm train` first"),
        ("fuse", "run `edge-llm train` first"),
        ("test-fused", "run `edge-llm train` first"),
    ):
        made = edge_llm(step, "--run-dir", empty)
        assert made.exit_code == 1, step
        assert said in made.stderr, step
    (empty / "data").mkdir(parents=True)
    write_samples(empty / "data" / "train.jsonl", [])
    assert "holds no samples" in edge_llm("train", "--run-dir", empty).stderr
    for options, said in (
        (["--method", "magic"], "--method magic: choose full, lora, qlora"),
        (["--format", "morse"], "there is no tool format 'morse'"),
        (["--base", tmp_path / "none"], "is no base model"),
        (["--max-length", 5], "nothing to train on"),
    ):
        made = train(run_dir, *options)
        assert made.exit_code == 1, options
        assert said in made.stderr, options
    assert "--dtype q3" in edge_llm("test-adapter", "--run-dir", run_dir, "--dtype", "q3").stderr
