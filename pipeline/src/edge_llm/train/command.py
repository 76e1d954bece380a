"""The `train` step of a run folder: opens everything, then trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from edge_llm.base import open_base
from edge_llm.formats import get_format
from edge_llm.samples import Sample, read_samples
from edge_llm.train.settings import TrainSettings
from edge_llm.train.start import make_start
from edge_llm.train.trainer import Trained, Trainer


def train_run(
    run: Path,
    base: str,
    settings_file: Path | None,
    given: Mapping[str, Any],
    fresh: bool,
    say: Callable[[str], None],
) -> Trained:
    """Trains on `data/train.jsonl` of the run folder and writes `checkpoint/`.

    `given` overrides the file's settings. Raises ValueError or FileNotFoundError, before
    anything expensive, for what cannot be trained with.
    """
    from accelerate import PartialState

    from edge_llm.train.model import pick_device

    settings = TrainSettings.read(settings_file) if settings_file else TrainSettings()
    settings = TrainSettings.from_json({**settings.to_json(), **given})
    tool_format = get_format(settings.format)
    device = pick_device(settings.device)
    samples = read_existing(run / "data" / "train.jsonl")
    valid_file = run / "data" / "valid.jsonl"
    valid = read_samples(valid_file) if valid_file.is_file() else []
    processes = PartialState(cpu=device.type == "cpu")
    with processes.main_process_first():
        if processes.is_main_process:
            make_start(open_base(base, run / "base"), tool_format, run / "start")
    trainer = Trainer(settings, run / "start", samples, valid, run / "checkpoint", say)
    # Encoded now; the loop needs their memory more.
    del samples, valid
    trained = trainer.run(fresh)
    if processes.is_main_process:
        say(
            f"{trained.steps} steps, {trained.tokens:,} tokens in {trained.seconds:.1f} s "
            f"({trained.tokens / max(trained.seconds, 1e-9):,.0f} a second), "
            f"loss {trained.loss:.4f}"
            + (f", validation {trained.valid_loss:.4f}" if trained.valid_loss is not None else "")
        )
    return trained


def read_existing(path: Path) -> list[Sample]:
    """Raises FileNotFoundError or ValueError, with what to do, without samples."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; run `edge-llm generate` first")
    samples = read_samples(path)
    if not samples:
        raise ValueError(f"{path} holds no samples; run `edge-llm generate` again")
    return samples
