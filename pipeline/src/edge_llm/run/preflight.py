"""Everything that can be known to be wrong before a run's first step."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from edge_llm.project import find_faults
from edge_llm.project.environment import (
    GIGABYTE,
    base_faults,
    disk_faults,
    training_faults,
)
from edge_llm.project.faults import ProjectError
from edge_llm.run.settings import RunSettings

_NEEDS_TORCH = {"train", "test-adapter", "fuse", "test-fused"}
_COPIES = 9
"""How often a run holds the base's fp32 weights: the base, the start, the checkpoint, its
state with two moments, the fused model, the graphs."""


def check_run(run: Path, settings: RunSettings, chosen: Collection[str]) -> None:
    """Raises ProjectError with every fault that would end one of the chosen steps."""
    faults = []
    if "generate" in chosen and not settings.generate.general:
        faults += find_faults(settings.tools, settings.examples)
    if _NEEDS_TORCH & set(chosen):
        faults += training_faults(settings.device, settings.train.method)
    if "train" in chosen:
        faults += base_faults(settings.base)
        faults += disk_faults(run, _COPIES * _weights_size(settings.base))
    if faults:
        raise ProjectError(faults)


def _weights_size(base: str) -> int:
    """Bytes of the base's weights in fp32, roughly."""
    from edge_llm.base import TINY

    if base == TINY:
        return GIGABYTE // 40
    path = Path(base)
    if path.is_file():
        return path.stat().st_size * 7
    largest = max((file.stat().st_size for file in path.rglob("*.safetensors")), default=0)
    return largest or GIGABYTE * 6 // 10
