"""What is wrong with an app's files: place, reason, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    file: str
    """The file as the user named it; an option such as `--device` where no file is at fault."""
    line: int
    """From 1; 0 where the fault has no line."""
    column: int
    """From 1, in characters; 0 where the fault has none."""
    reason: str
    advice: str

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}"
        if self.line and self.column:
            place += f":{self.column}"
        return f"{place}: {self.reason}. {self.advice}."


class ProjectError(Exception):
    """Every fault found, in the order of the files; nothing expensive has run yet."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
