"""The command that looks for what is wrong with a model's numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the command line."""
    app.command("doctor")(doctor)


def doctor(
    directory: Annotated[Path, typer.Argument(metavar="MODEL_DIR", help="A model directory.")],
    against: Annotated[
        Path | None, typer.Option(help="Another export, whose graphs to compare with.")
    ] = None,
    prompt: Annotated[
        list[str] | None, typer.Option(help="A request to run it on. Repeatable.")
    ] = None,
    text: Annotated[Path | None, typer.Option(help="A text file to run it on.")] = None,
    tokens: Annotated[int, typer.Option(min=1, help="Most tokens to run.")] = 384,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the report here, as JSON.")
    ] = None,
    plot_file: Annotated[
        Path | None, typer.Option("--plot", help="Write the largest values per layer, as SVG.")
    ] = None,
) -> None:
    """Find out why a precision writes garbage: each one beside fp32, operator by operator.

    16-bit arithmetic is emulated, overflow included. Exit code 0: nothing is wrong, 1:
    something is, 2: the command cannot be carried out.
    """
    from rich.console import Console

    from edge_llm.doctor.examination import examine
    from edge_llm.doctor.report import as_json, plot, print_tables
    from edge_llm.doctor.text import sequences_of
    from edge_llm.doctor.verdict import findings_of, verdict_of

    for folder in filter(None, (directory, against)):
        if not folder.is_dir():
            raise typer.BadParameter(f"{folder} is not a directory")
    try:
        content = text.read_text(encoding="utf-8") if text else None
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{text} cannot be read: {error}", param_hint="--text") from error
    try:
        sequences = sequences_of(directory, prompt or (), content, tokens)
    except Exception as error:
        # The layout names the file; what needs no text is still looked at.
        typer.echo(f"  nothing can be run: {error}", err=True)
        sequences = []
    seen = examine(directory, sequences, against, lambda line: typer.echo(f"  {line}", err=True))
    findings = findings_of(seen)
    verdict = verdict_of(seen, findings)
    print_tables(seen, Console())
    for finding in findings:
        typer.echo(f"{finding.severity}: {finding.dtype or 'model'}: {finding.message}")
    typer.echo(verdict.summary)
    for fix in verdict.fixes:
        typer.echo(f"What to do: {fix}.")
    if json_file:
        report = as_json(seen, findings, verdict)
        json_file.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if plot_file and seen.ranges:
        plot_file.write_text(plot(seen), encoding="utf-8")
    if not verdict.ok:
        raise typer.Exit(1)
