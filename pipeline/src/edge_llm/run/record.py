"""`run.json`: what each step of a run did, from which inputs, and how it ended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_llm.manifest import sha256_of
from edge_llm.tokenizer_files import write_json

NAME = "run.json"


class RunRecord:
    """Reads and writes run.json; it is written whenever a step starts or ends."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._value: dict[str, Any] = {"steps": {}, "hashes": {}}
        try:
            value = json.loads((run / NAME).read_text(encoding="utf-8"))
            if isinstance(value, dict) and isinstance(value.get("steps"), dict):
                self._value |= value
        except (OSError, ValueError):
            pass

    def step(self, name: str) -> dict[str, Any]:
        """What is known of a step: status, inputs, settings, outputs, seconds. May be empty."""
        return dict(self._value["steps"].get(name, {}))

    def set_step(self, name: str, **values: Any) -> None:
        values["at"] = datetime.now(UTC).isoformat(timespec="seconds")
        self._value["steps"][name] = values
        self.save()

    def save(self) -> None:
        self._run.mkdir(parents=True, exist_ok=True)
        scratch = self._run / f".{NAME}"
        write_json(scratch, self._value)
        scratch.replace(self._run / NAME)

    def hashes(self, paths: Iterable[Path]) -> dict[str, str]:
        """SHA-256 of every file, and of every file in the folders; by path, absent ones left out.

        A file whose size and time did not change since it was last read is not read again.
        """
        files: list[Path] = []
        for path in paths:
            if path.is_dir():
                files += [file for file in sorted(path.rglob("*")) if file.is_file()]
            elif path.is_file():
                files.append(path)
        return {self._name(file): self._hash(file) for file in files}

    def _hash(self, file: Path) -> str:
        stat = file.stat()
        state = f"{stat.st_size}:{stat.st_mtime_ns}"
        known = self._value["hashes"].get(self._name(file))
        if not known or known[0] != state:
            known = [state, sha256_of(file)]
            self._value["hashes"][self._name(file)] = known
        return str(known[1])

    def _name(self, file: Path) -> str:
        if file.is_relative_to(self._run):
            return file.relative_to(self._run).as_posix()
        # The place of an outer file is no part of a run: a moved checkout stays up to date.
        parent = hashlib.sha256(str(file.parent.resolve()).encode()).hexdigest()[:8]
        return f"{parent}/{file.name}"
