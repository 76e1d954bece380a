"""Runs the notebook as it is but for tiny settings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "fine_tune.ipynb"


@pytest.mark.skipif(
    os.environ.get("LONG") != "1", reason="a whole run, as in test_whole_run; LONG=1 runs it"
)
def test_the_notebook_runs_from_top_to_bottom(tmp_path: Path) -> None:
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    (settings,) = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    tiny = {
        "BASE": "smollm2-tiny",
        "COUNT": 40,
        "OPTIONS": ["--device", "cpu", "--max-steps", "2", "--at-least", "0"],
        "RUN": str(tmp_path / "run"),
        "INSTALL": False,
    }
    for name in tiny:
        assert f"\n{name} = " in settings.source
    settings.source += "".join(f"\n{name} = {value!r}" for name, value in tiny.items())
    NotebookClient(
        notebook,
        timeout=280,
        kernel_name="python3",
        resources={"metadata": {"path": str(NOTEBOOK.parent)}},
    ).execute()
    shown = str([cell.get("outputs") for cell in notebook.cells])
    assert "held-out requests" in shown
    assert (tmp_path / "run" / "model" / "onnx" / "model_q4.onnx").is_file()


def test_the_notebook_is_stored_without_outputs() -> None:
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
