"""Results as tables in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from edge_llm.compare import Agreement
from edge_llm.simd.quality import Quality


def agreement_table(results: Sequence[Agreement]) -> None:
    table = Table("file", box=None)
    for heading in ("MB", "KL to fp32", "same argmax", "KL in chunks", "prefill/s", "decode/s"):
        table.add_column(heading, justify="right")
    for result in results:
        table.add_row(
            result.file,
            f"{result.megabytes:.1f}",
            f"{result.kl:.4f}",
            f"{result.agreed}/{result.tokens}",
            f"{result.chunk_kl:.6f}",
            f"{result.prefill:.0f}",
            f"{result.decode:.1f}",
        )
    Console().print(table)


def quality_table(results: Sequence[Quality], title: str) -> None:
    table = Table(title, box=None)
    for heading in ("tokens", "mean KL", "largest KL", "same argmax"):
        table.add_column(heading, justify="right")
    for result in results:
        table.add_row(
            result.what,
            str(result.tokens),
            f"{result.mean:.1e}",
            f"{result.worst:.1e}",
            f"{result.agreed / result.tokens:.2%}",
        )
    Console().print(table)
