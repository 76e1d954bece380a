"""Scores as tables in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from edge_llm.score import FAILURES, Score, Tally


def score_table(scores: Sequence[tuple[str, Score]], console: Console | None = None) -> None:
    """One column a model, one row a kind, and the failures of the last model."""
    table = Table("kind", box=None)
    table.add_column("cases", justify="right")
    for name, _ in scores:
        table.add_column(name, justify="right")
    for failure in FAILURES:
        table.add_column(failure, justify="right", style="dim")
    last = scores[-1][1]
    for kind in sorted(last.kinds):
        _row(table, kind, [made.kinds.get(kind, Tally()) for _, made in scores])
    table.add_section()
    _row(table, "all with calls: full match", [made.full_match for _, made in scores])
    _row(table, "all without: right refusal", [made.right_refusals for _, made in scores])
    table.add_row(
        "false calls",
        str(last.right_refusals.cases),
        *(str(made.false_calls) for _, made in scores),
    )
    (console or Console()).print(table)


def _row(table: Table, name: str, tallies: Sequence[Tally]) -> None:
    last = tallies[-1]
    table.add_row(
        name,
        str(last.cases),
        *(f"{tally.share:.1%}" if tally.cases else "-" for tally in tallies),
        *(str(last.failures.get(failure, "")) for failure in FAILURES),
    )
