from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge_llm.cli import app

RUNNER = CliRunner()


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from edge_llm.cli import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; "
        "print({'numpy', 'onnx', 'onnxruntime', 'torch', 'tokenizers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["convert", "--only", "huge"], "'huge' is not one of full, tiny"),
        (["convert", "--dtypes", "fp32,q3"], "'q3' is not one of fp32, q8, q4"),
        (["convert", "--dtypes", ""], "'' is not one of fp32, q8, q4"),
    ],
)
def test_bad_options_are_named(arguments: list[str], said: str) -> None:
    result = RUNNER.invoke(app, arguments)
    assert result.exit_code == 2
    plain = " ".join(result.output.replace("│", " ").split())
    assert said in plain


def test_convert_says_what_it_did(tmp_path: Path) -> None:
    arguments = ["convert", "--only", "tiny", "--dtypes", "q8", "--out", str(tmp_path)]
    assert "made in" in RUNNER.invoke(app, arguments).output
    assert "is up to date" in RUNNER.invoke(app, arguments).output


def test_check_fails_with_reasons(tiny: Path, tmp_path: Path) -> None:
    assert RUNNER.invoke(app, ["check", str(tiny)]).exit_code == 0
    result = RUNNER.invoke(app, ["check", str(tmp_path)])
    assert result.exit_code == 1
    assert "config.json: is missing" in result.output


def test_compare_needs_fp32(tmp_path: Path) -> None:
    (tmp_path / "onnx").mkdir()
    result = RUNNER.invoke(app, ["compare", str(tmp_path)])
    assert result.exit_code == 1
    assert "--dtypes fp32" in result.output
