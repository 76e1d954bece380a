"""Whether this machine can do what was asked for, before the work starts."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from edge_llm.project.faults import Fault

GIGABYTE = 1_000_000_000
NEEDED_PACKAGES = ("torch", "transformers", "peft", "accelerate")


def training_faults(device: str, method: str) -> list[Fault]:
    """Faults of `--device` (auto, cpu or cuda) and `--method` (full, lora or qlora)."""
    missing = [name for name in NEEDED_PACKAGES if not importlib.util.find_spec(name)]
    if missing:
        return [
            Fault(
                "training",
                0,
                0,
                f"{', '.join(missing)} not installed",
                "Run with `uv run --project pipeline --group train edge-llm …`",
            )
        ]
    import torch

    if torch.cuda.is_available():
        return []
    faults = []
    if device == "cuda":
        faults.append(
            Fault(
                "--device cuda",
                0,
                0,
                "there is no GPU that torch can use",
                "Check the driver with nvidia-smi, or run with --device cpu",
            )
        )
    if method == "qlora":
        faults.append(
            Fault(
                "--method qlora",
                0,
                0,
                "4-bit training needs a CUDA GPU",
                "Use --method lora here",
            )
        )
    return faults


def disk_faults(folder: Path, needed: int) -> list[Fault]:
    """A fault where the disk of `folder` has less than `needed` bytes free."""
    existing = folder.absolute()
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    if free >= needed:
        return []
    return [
        Fault(
            str(folder),
            0,
            0,
            f"its disk has {free / GIGABYTE:.1f} GB free, but the run needs "
            f"{needed / GIGABYTE:.1f} GB",
            "Free some space, or choose another place with --run-dir",
        )
    ]


def base_faults(base: str) -> list[Fault]:
    """Faults of a base model, such as a missing chat template; see `edge_llm.base.open_base`."""
    from edge_llm.base import BaseModelError, describe_base

    try:
        describe_base(base)
    except BaseModelError as error:
        return [Fault(f"--base {base}", 0, 0, str(error), "Nothing was trained")]
    return []
