"""Whether torch.compile is worth its start, and whether this machine has what it needs."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sysconfig
from pathlib import Path

import torch

from edge_llm.train.settings import TrainSettings

_WORTH_SECONDS = 120
"""Compiling takes some 20 s, of which shorter runs win too little back."""
_FLOPS = 1.5e14
"""What a training step of uncompiled layers reaches on a current data-centre GPU, a second."""


def compiles(settings: TrainSettings, on_gpu: bool, parameters: int, tokens: float) -> bool:
    """The setting if there is one, else whether whole weights train for over two minutes.

    `tokens` are those that one process is to train on, as far as is known. Never on the CPU.
    """
    if not on_gpu or settings.compile is False:
        return False
    if settings.compile:
        return True
    return (
        settings.method == "full"
        and expected_seconds(settings, parameters, tokens) > _WORTH_SECONDS
        and _has_compiler()
    )


def expected_seconds(settings: TrainSettings, parameters: int, tokens: float) -> float:
    """How long a run takes without compiling, at most the time budget."""
    seconds = 6.0 * parameters * tokens / _FLOPS
    return seconds if settings.minutes is None else min(seconds, settings.minutes * 60)


def _has_compiler() -> bool:
    """Triton makes kernels for GPUs of 2017 and later, and a C module to launch each."""
    header = Path(sysconfig.get_path("include")) / "Python.h"
    compiler = os.environ.get("CC") or next(filter(shutil.which, ("cc", "gcc", "clang")), None)
    return (
        importlib.util.find_spec("triton") is not None
        and compiler is not None
        and header.is_file()
        and torch.cuda.get_device_capability()[0] >= 7
    )
