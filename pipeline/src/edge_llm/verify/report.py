"""What a verification found."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from edge_llm.tokenizer_files import write_json


@dataclass(frozen=True)
class Finding:
    """One check of one precision."""

    dtype: str
    check: str
    """`logits`, `prompts`, `tokens`, `calls` or `engine`."""
    engine: str
    passed: bool
    right: int
    total: int
    message: str
    """What was compared and, where it failed, what to do."""
    examples: list[dict[str, Any]] = field(default_factory=list)
    """Up to three cases that differ."""


@dataclass(frozen=True)
class Verification:
    directory: Path
    findings: list[Finding]

    @property
    def passed(self) -> bool:
        return all(finding.passed for finding in self.findings)

    def write(self, path: Path) -> None:
        found = [asdict(finding) for finding in self.findings]
        write_json(path, {"model": self.directory.name, "passed": self.passed, "findings": found})
