"""Multiplies hand-written requests into training samples. Imports samples, nothing of training."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from random import Random

from edge_llm.expand.apps import App, read_apps
from edge_llm.expand.invented import invented_app
from edge_llm.expand.mixture import Disguises, Mixture
from edge_llm.expand.replay import replay_samples
from edge_llm.samples import Sample, Tool

#: Folders of `pipeline/data` whose apps general samples are drawn from.
GENERAL = ("requests", "catalogue")
#: Folders of `pipeline/data` that are never trained on.
HELD_OUT = ("dev", "test", "demos-test", "one-app-test")

__all__ = ["data_folder", "expand_project", "general_samples", "plain_samples"]


def data_folder() -> Path:
    """`pipeline/data` of this checkout."""
    return Path(__file__).resolve().parents[3] / "data"


def general_samples(
    count: int,
    seed: int,
    data: Path | None = None,
    demos_share: float = 0.07,
    replay_share: float = 0.03,
    invented_share: float = 0.25,
) -> list[Sample]:
    """About `count` samples of all general apps.

    `demos_share` of them are of the demos' tools, which stay as the demos send them;
    `replay_share` are the base model's own answers to ordinary chat, and `invented_share` are
    of apps that are made up for a few samples each.
    """
    data = data or data_folder()
    apps = read_apps(data / name for name in GENERAL)
    demos = read_apps([data / "demos"])
    for_demos = round(count * demos_share) if demos else 0
    replay = replay_samples(round(count * replay_share), seed + 2, data, apps)
    invented = round(count * invented_share)
    samples = Mixture(apps, seed).draw(count - for_demos - invented - len(replay)) + replay
    if invented:
        first = seed * 1_000_000
        fresh = [invented_app(first + index) for index in range(invented // 8 + 2)]
        samples += Mixture(fresh, seed + 3).draw(invented)
    own = Disguises(names=False, system=False)
    samples += Mixture(demos, seed + 1, apps, own).draw(for_demos) if demos else []
    held_out = _held_out(data)
    samples = [sample for sample in samples if _words(sample) not in held_out]
    Random(seed).shuffle(samples)
    return samples


def _held_out(data: Path) -> set[str]:
    """What is said in the sets that measure: a variant of another sentence may hit upon it."""
    return {_words(sample) for name in HELD_OUT for sample in plain_samples(data / name)}


def _words(sample: Sample) -> str:
    last = sample.messages[-1]
    return re.sub(r"\W+", " ", last.content.lower()).strip() if last.role == "user" else sample.id


def expand_project(
    tools: Sequence[Tool], examples: Sequence[Sample], count: int, seed: int
) -> list[Sample]:
    """Samples of one app: its tools as they are, its examples multiplied by `count`."""
    app = App("app", "this app", tuple(tools), tuple(examples))
    others = read_apps(data_folder() / name for name in GENERAL)
    own = Disguises(names=False, company=False, system=False)
    return Mixture([app], seed, others, own).draw(count)


def plain_samples(folder: Path) -> list[Sample]:
    """The requests of a folder of apps as they were written, to measure with."""
    return [request for app in read_apps([folder]) for request in app.requests]
