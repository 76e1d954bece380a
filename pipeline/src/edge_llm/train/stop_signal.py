"""An asked-for end of a run."""

from __future__ import annotations

import signal
from typing import Any


class StopSignal:
    """Notes SIGINT and SIGTERM, so that a run ends between two steps."""

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopSignal:
        def note(number: int, frame: Any) -> None:
            self.asked = True

        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
