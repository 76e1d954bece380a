"""What an interrupted run needs to go on exactly where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from edge_llm.train.encode import Example
from edge_llm.train.settings import TrainSettings

_FILE = "state.pt"
_FREE = ("device", "micro_tokens", "launch_tokens", "log_every", "save_every", "compile")
"""Settings that may change between an interrupt and the resumption."""


@dataclass(frozen=True)
class State:
    """Of random numbers only the seed matters: every step seeds anew."""

    stamp: str
    step: int
    """Steps done."""
    seconds: float
    """Time spent so far."""
    steps: int
    """Length of the schedule as last fitted."""
    next_fit: int
    weights: dict[str, torch.Tensor]
    optimizer: dict[str, Any]
    mean: list[torch.Tensor]
    """The running mean of the weights; empty without one."""


def stamp(settings: TrainSettings, examples: Sequence[Example]) -> str:
    """Changes with whatever would make the curve go another way."""
    fixed = {key: value for key, value in settings.to_json().items() if key not in _FREE}
    digest = hashlib.sha256(json.dumps(fixed, sort_keys=True).encode())
    for example in examples:
        digest.update(example.ids.tobytes())
        digest.update(example.weights.tobytes())
    return digest.hexdigest()


def save_state(directory: Path, state: State) -> None:
    """Replaces the earlier state in one step."""
    directory.mkdir(parents=True, exist_ok=True)
    scratch = directory / f".{_FILE}"
    torch.save(vars(state), scratch)
    scratch.rename(directory / _FILE)


def load_state(directory: Path, wanted: str) -> State | None:
    """None where there is nothing to go on with.

    Raises ValueError if what is there belongs to other settings or data.
    """
    path = directory / _FILE
    if not path.is_file():
        return None
    state = State(**torch.load(path, map_location="cpu", weights_only=True))
    if state.stamp != wanted:
        raise ValueError(
            f"{path} is of a run with other settings or other data; go on with those, "
            "or start anew with --fresh"
        )
    return state


def drop_state(directory: Path) -> None:
    (directory / _FILE).unlink(missing_ok=True)
