"""Directories that appear whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_directory(target: Path) -> Iterator[Path]:
    """Gives an empty folder beside `target`, and puts it in `target`'s place at the end.

    A reader sees the old directory or the new one. After an error the old one stays.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
        made = Path(scratch) / target.name
        made.mkdir()
        yield made
        aside = Path(scratch) / "old"
        if target.exists():
            target.rename(aside)
        made.rename(target)
        shutil.rmtree(aside, ignore_errors=True)
