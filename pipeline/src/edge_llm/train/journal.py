"""`train-log.jsonl` and the progress bar."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any

NAME = "train-log.jsonl"


class Journal:
    """Rows of a run, one a step, and one for each look at the validation samples.

    Every process may hold one; only that of the main process writes.
    """

    def __init__(self, path: Path, active: bool, done: int) -> None:
        """Keeps the rows of the first `done` steps that are there already."""
        self._path = path
        self._active = active
        self._progress: Any = None
        self._task: Any = None
        if active:
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = [row for row in read_log(path) if done and row["step"] <= done]
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    def __enter__(self) -> Journal:
        if self._active:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

            self._progress = Progress(
                "training",
                BarColumn(),
                MofNCompleteColumn(),
                "{task.fields[figures]}",
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._progress.start()
            self._task = self._progress.add_task("", figures="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress:
            self._progress.stop()

    def write(self, rows: list[dict[str, Any]]) -> None:
        if self._active:
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(row) + "\n" for row in rows)

    def show(self, step: int, steps: int, figures: str) -> None:
        if self._progress:
            self._progress.update(self._task, completed=step, total=steps, figures=figures)


def read_log(path: Path) -> list[dict[str, Any]]:
    """The rows of a log; none where there is no file."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
