"""The whole pipeline on the CPU: a tiny model, 20 examples, every step, in Node too."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge_llm.cli import app
from edge_llm.project.defaults import app_files

LIMIT = 300
"""Seconds that all steps may take."""
NEEDED = ("numpy", "kit", "transformers")


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app")
    tools, examples = app_files(None, None)
    shutil.copy(tools, folder / "tools.json")
    chosen = json.loads(examples.read_text(encoding="utf-8"))[5:25]
    (folder / "examples.json").write_text(json.dumps(chosen), encoding="utf-8")
    return folder


def arguments(folder: Path, *more: str) -> list[str]:
    return [
        "run",
        *("--run-dir", str(folder / "run")),
        *("--tools", str(folder / "tools.json"), "--examples", str(folder / "examples.json")),
        *("--base", "smollm2-tiny", "--device", "cpu", "--count", "60", "--max-steps", "3"),
        *("--batch-tokens", "4096", "--at-least", "0", "--deploy", str(folder / "deployed")),
        *more,
    ]


def test_every_step_and_then_nothing(twenty: Path) -> None:
    started = time.perf_counter()
    result = CliRunner().invoke(app, arguments(twenty))
    assert result.exit_code == 0, result.output
    assert time.perf_counter() - started < LIMIT

    run = twenty / "run"
    record = json.loads((run / "run.json").read_text())
    assert {step["status"] for step in record["steps"].values()} == {"done"}
    assert list(record["steps"]) == [
        *("generate", "train", "test-adapter", "fuse", "test-fused"),
        *("export", "quantize", "verify", "report", "deploy"),
    ]
    verified = json.loads((run / "verify.json").read_text())
    assert verified["passed"] is True
    engines = json.dumps(verified)
    assert all(f'"{engine}"' in engines for engine in NEEDED)
    assert CliRunner().invoke(app, ["check", str(twenty / "deployed")]).exit_code == 0
    assert "Accuracy by kind" in (run / "report" / "index.html").read_text(encoding="utf-8")

    again = CliRunner().invoke(app, arguments(twenty))
    assert again.exit_code == 0, again.output
    assert again.output.count("up to date") == len(record["steps"])

    # A checkpoint that fails stops the run, with a report and no model put anywhere.
    shutil.rmtree(twenty / "deployed")
    failed = CliRunner().invoke(app, arguments(twenty, "--at-least", "1", "--from", "test-adapter"))
    assert failed.exit_code == 1
    assert "test-adapter failed" in failed.output
    assert str(run / "report" / "index.html") in failed.output
    assert "did not pass" in (run / "report" / "index.html").read_text(encoding="utf-8")
    assert not (twenty / "deployed").exists()
