"""Commands from a trained model to an app: export, quantize, derive-q8, verify, deploy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

Run = Annotated[Path, typer.Option("--run-dir", help="Folder of this run.")]
Model = Annotated[
    Path | None, typer.Argument(help="A model directory. [RUN_DIR/model]", show_default=False)
]
_RUN = Path("runs/default")


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the command line."""
    for name, command in (
        ("export", export),
        ("quantize", quantize),
    ):
        app.command(name)(command)


def export(
    source: Annotated[
        Path | None,
        typer.Argument(help="A Hugging Face directory. [RUN_DIR/fused]", show_default=False),
    ] = None,
    run_dir: Run = _RUN,
    out: Annotated[
        Path | None, typer.Option(help="Directory to make. [RUN_DIR/model]", show_default=False)
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name in the manifest. [name of the run]")
    ] = None,
) -> None:
    """Make the browser layout of a trained model, with an fp32 graph."""
    from edge_llm.export import export_model

    target = out or run_dir / "model"
    title = name or (target.name if out else run_dir.resolve().name)
    try:
        export_model(source or run_dir / "fused", target, title, _say)
    except (ValueError, FileNotFoundError) as error:
        _fail(str(error))
    typer.echo(f"{target} written")


def quantize(
    model: Model = None,
    run_dir: Run = _RUN,
    dtypes: Annotated[str, typer.Option(help="fp16, q8, q4, q4f16, by commas.")] = "q4",
    block: Annotated[int, typer.Option(help="Values that share a scale: 16, 32, 64, 128.")] = 32,
    embedding_bits: Annotated[int, typer.Option(help="4 or 8.")] = 8,
    embedding_block: Annotated[int, typer.Option(help="The same for the embedding.")] = 32,
) -> None:
    """Add rounded graphs to a model directory, made from its fp32 graph."""
    from edge_llm.graph.precision import BlockSizes
    from edge_llm.precisions import quantize_model

    wanted = [dtype.strip() for dtype in dtypes.split(",") if dtype.strip()]
    try:
        sizes = BlockSizes(block, embedding_bits, embedding_block)
        made = quantize_model(model or run_dir / "model", wanted, sizes, _say)
    except (ValueError, FileNotFoundError) as error:
        _fail(str(error))
    for path in made:
        typer.echo(f"{path} written, {path.stat().st_size / 1e6:.1f} MB")


def _say(line: str) -> None:
    typer.echo(f"  {line}", err=True)


def _fail(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(1)
