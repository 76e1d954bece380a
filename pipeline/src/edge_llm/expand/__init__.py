"""Multiplies hand-written requests into training samples. Imports samples, nothing of training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

from edge_llm.expand.apps import App, read_apps
from edge_llm.expand.mixture import Disguises, Mixture
from edge_llm.expand.replay import replay_samples
from edge_llm.samples import Sample, Tool

__all__ = ["data_folder", "expand_project", "general_samples", "plain_samples"]


def data_folder() -> Path:
    """`pipeline/data` of this checkout."""
    return Path(__file__).resolve().parents[3] / "data"


def general_samples(
    count: int,
    seed: int,
    data: Path | None = None,
    demos_share: float = 0.06,
    replay_share: float = 0.03,
) -> list[Sample]:
    """Samples of all general apps.

    `demos_share` of them are of the demos' tools, which stay as the demos send them;
    `replay_share` are the base model's own answers to ordinary chat.
    """
    data = data or data_folder()
    apps = read_apps([data / "requests"])
    demos = read_apps([data / "demos"])
    for_demos = round(count * demos_share) if demos else 0
    replay = replay_samples(round(count * replay_share), seed + 2, data, apps)
    samples = Mixture(apps, seed).draw(count - for_demos - len(replay)) + replay
    own = Disguises(names=False, system=False)
    samples += Mixture(demos, seed + 1, apps, own).draw(for_demos) if demos else []
    Random(seed).shuffle(samples)
    return samples


def expand_project(
    tools: Sequence[Tool], examples: Sequence[Sample], count: int, seed: int
) -> list[Sample]:
    """Samples of one app: its tools as they are, its examples multiplied by `count`."""
    app = App("app", "this app", tuple(tools), tuple(examples))
    others = read_apps([data_folder() / "requests"])
    own = Disguises(names=False, company=False, system=False)
    return Mixture([app], seed, others, own).draw(count)


def plain_samples(folder: Path) -> list[Sample]:
    """The requests of a folder of apps as they were written, to measure with."""
    return [request for app in read_apps([folder]) for request in app.requests]
