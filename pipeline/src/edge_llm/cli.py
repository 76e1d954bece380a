"""Command line `edge-llm`. Heavy imports stay inside the commands, so that help is quick."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Makes, checks and measures language models for react-edge-llm.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

_ALL = "fp32,q8,q4"


@app.callback()
def main() -> None:
    """Keeps `convert` a sub-command while there are few."""


@app.command()
def convert(
    out: Annotated[Path, typer.Option(help="Parent of the model directories.")] = Path("models"),
    only: Annotated[
        str | None, typer.Option(help="Make one variant only: 'full' or 'tiny'.")
    ] = None,
    dtypes: Annotated[str, typer.Option(help="Precisions to make, separated by commas.")] = _ALL,
    force: Annotated[bool, typer.Option(help="Make again what is already there.")] = False,
) -> None:
    """Convert SmolLM2-135M-Instruct, and a tiny random twin for tests, into the browser layout.

    What is finished and was made by the same recipe is left alone.
    """
    from edge_llm.convert import NAMES, Converter
    from edge_llm.manifest import DTYPE_FILES

    variants = [only] if only else ["tiny", "full"]
    for variant in variants:
        if variant not in NAMES:
            raise typer.BadParameter(f"{variant!r} is not one of {', '.join(NAMES)}", param_hint="--only")
    wanted = [dtype.strip() for dtype in dtypes.split(",") if dtype.strip()]
    for dtype in wanted or [""]:
        if dtype not in DTYPE_FILES:
            raise typer.BadParameter(
                f"{dtype!r} is not one of {', '.join(DTYPE_FILES)}", param_hint="--dtypes"
            )
    converter = Converter(lambda line: typer.echo(f"  {line}"))
    for variant in variants:
        start = time.perf_counter()
        result = converter.convert(variant, out, wanted, force)
        seconds = time.perf_counter() - start
        done = f"made in {seconds:.1f} s" if result.made else "is up to date"
        typer.echo(f"{result.directory} {done}")
