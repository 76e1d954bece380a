"""Checkpoint tests: a model's score on the held-out samples, and whether it may go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edge_llm.formats import ToolFormat, get_format
from edge_llm.predict import DTYPES, PredictSettings, predict, read_predictions, write_predictions
from edge_llm.samples import Sample
from edge_llm.score import Prediction, Score, score
from edge_llm.tokenizer_files import write_json
from edge_llm.train.model import open_model, open_trained, pick_device
from edge_llm.train.result import TRAINING
from edge_llm.train.settings import TrainSettings

_SAME_ANSWERS = 0.99
"""Share of equal answers that counts as the same model: sums in another order flip a few."""


@dataclass(frozen=True)
class Trial:
    """One model's answers to the test samples."""

    name: str
    score: Score
    predictions: list[Prediction]


@dataclass(frozen=True)
class Tester:
    """Tests the models of one run folder on the same samples in the same way."""

    run: Path
    samples: Sequence[Sample]
    tool_format: ToolFormat
    device: str
    settings: PredictSettings
    progress: Callable[[int, int], None] | None = None

    def base(self) -> Trial:
        """The model before training."""
        start = self.run / "start"
        return self._trial("before training", open_model(start), start)

    def checkpoint(self, interpolate: float) -> Trial:
        """What training made, that share of the way back towards the base."""
        start = self.run / "start"
        model = open_trained(start, self.run / "checkpoint", interpolate=interpolate)
        name = f"{interpolate:g} towards the base" if interpolate else "after training"
        return self._trial(name, model, start)

    def fused(self) -> Trial:
        directory = self.run / "fused"
        if not (directory / "config.json").is_file():
            raise FileNotFoundError(f"{directory} holds no model; run `edge-llm fuse` first")
        return self._trial("fused", open_model(directory), directory)

    def _trial(self, name: str, model: Any, directory: Path) -> Trial:
        model.to(pick_device(self.device))
        made = predict(
            model, directory, self.samples, self.tool_format, self.settings, self.progress
        )
        return Trial(name, score(self.samples, made), made)

    def save(self, step: str, trial: Trial, passed: bool, more: dict[str, Any]) -> None:
        """Writes `<step>.json` and `<step>.predictions.jsonl` into the run folder."""
        write_predictions(self.run / f"{step}.predictions.jsonl", trial.predictions)
        write_json(
            self.run / f"{step}.json",
            {
                "passed": passed,
                "settings": asdict(self.settings),
                **more,
                "score": trial.score.to_json(),
            },
        )


def chosen_interpolation(run: Path) -> float:
    """What `test-adapter` chose, else what the training's settings ask for."""
    tested = run / "test-adapter.json"
    if tested.is_file():
        return float(json.loads(tested.read_text(encoding="utf-8"))["interpolate"])
    return chosen_by_training(run)


def chosen_by_training(run: Path) -> float:
    return float(_training(run)["interpolate"])


def needed_score(run: Path) -> float:
    """What `test-adapter` asked for. Raises ValueError if it has not run."""
    return float(_report(run)["atLeast"])


def open_tester(
    run: Path,
    device: str,
    dtype: str,
    call_bias: float,
    limit: int | None,
    samples: Path | None = None,
) -> Tester:
    """Tests on `data/test.jsonl` where no other file is given, in the format trained in.

    Raises ValueError or FileNotFoundError, with what to do, for what is not there.
    """
    from edge_llm.train.command import read_existing

    if dtype not in DTYPES:
        raise ValueError(f"--dtype {dtype}: choose {', '.join(DTYPES)}")
    pick_device(device)
    training = TrainSettings.from_json(_training(run))
    tool_format = get_format(training.format)
    cases = read_existing(samples or run / "data" / "test.jsonl")
    return Tester(
        run,
        cases[:limit],
        tool_format,
        device,
        PredictSettings(dtype=dtype, sizes=training.block_sizes, call_bias=call_bias),
    )


def _training(run: Path) -> dict[str, Any]:
    path = run / "checkpoint" / TRAINING
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; run `edge-llm train` first")
    settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["settings"]
    return settings


def _report(run: Path) -> dict[str, Any]:
    path = run / "test-adapter.json"
    if not path.is_file():
        raise ValueError(f"{path} is missing; run `edge-llm test-adapter` first")
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def differing_answers(run: Path, trial: Trial, settings: PredictSettings) -> list[str]:
    """Ids of samples that a fused model answers otherwise than `test-adapter` recorded.

    Raises ValueError if that was recorded under other settings or for other samples.
    """
    report = run / "test-adapter.json"
    if _report(run)["settings"] != asdict(settings):
        raise ValueError(f"{report} was made with other settings; run both tests with the same")
    before = {item.id: item for item in read_predictions(run / "test-adapter.predictions.jsonl")}
    if before.keys() != {item.id for item in trial.predictions}:
        raise ValueError(f"{report} was made with other samples; run test-adapter again")
    return [item.id for item in trial.predictions if item.raw != before[item.id].raw]


def is_same_model(differing: int, samples: int) -> bool:
    """Whether so few answers differ that rounding explains it; one always may."""
    return differing <= max(1, round((1 - _SAME_ANSWERS) * samples))
