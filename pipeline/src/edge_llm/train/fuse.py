"""The `fuse` step of a run folder: one directory of plain weights."""

from __future__ import annotations

import shutil
from pathlib import Path

from edge_llm.train.model import open_trained
from edge_llm.train.result import save_model
from edge_llm.train.trial import chosen_interpolation


def fuse_run(run: Path, interpolate: float | None = None) -> Path:
    """Writes `fused/` from `checkpoint/`. Raises FileNotFoundError without one.

    By default goes as far towards the base as `test-adapter` chose.
    """
    share = chosen_interpolation(run) if interpolate is None else interpolate
    if not 0 <= share <= 1:
        raise ValueError(f"--interpolate {share}: choose a share from 0 to 1")
    model = open_trained(run / "start", run / "checkpoint", interpolate=share)
    if hasattr(model, "merge_and_unload"):
        model = model.merge_and_unload()
    target = run / "fused"
    scratch = run / ".fused-making"
    shutil.rmtree(scratch, ignore_errors=True)
    save_model(model, run / "start", scratch)
    shutil.rmtree(target, ignore_errors=True)
    scratch.rename(target)
    return target
