"""Commands around the SIMD core: the test vectors, and how exact it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the command line."""
    app.command("simd-vectors")(simd_vectors)
    app.command("simd-quality")(simd_quality)


def simd_vectors(
    root: Annotated[Path, typer.Option(help="The repository.")] = Path(),
    check: Annotated[bool, typer.Option(help="Compare with the file instead.")] = False,
) -> None:
    """Write the test vectors of the SIMD core anew, with wasmtime."""
    import json

    from edge_llm.simd.vectors import VECTORS, differing, write_vectors

    if not check:
        typer.echo(f"{write_vectors(root, _say)} written")
        return
    stored = json.loads((root / VECTORS).read_text(encoding="utf-8"))
    wrong = 0
    for vector in stored["vectors"]:
        steps = differing(vector, root)
        wrong += bool(steps)
        typer.echo(f"{vector['model']}: {f'steps {steps} differ' if steps else 'the same bits'}")
    if wrong:
        raise typer.Exit(1)


def simd_quality(
    models: Annotated[list[Path], typer.Argument(help="Model directories.")],
    dtype: Annotated[str, typer.Option(help="Which of their graphs.")] = "q4",
    prompts: Annotated[int, typer.Option(help="Requests to answer.")] = 5,
    tokens: Annotated[int, typer.Option(help="Tokens of each answer.")] = 64,
    text: Annotated[Path, typer.Option(help="Prose, or answers in a .jsonl file.")] = Path(
        "pipeline/data/replay/answers.jsonl"
    ),
    text_bytes: Annotated[int, typer.Option(help="How much of it; 0 for none.")] = 20_000,
    beside: Annotated[
        list[str], typer.Option(help="onnxruntime or transformers, on the same answers.")
    ] = [],  # noqa: B006
) -> None:
    """Measure how far the SIMD core is from fp32 arithmetic on the same rounded weights.

    Exits with 1 where a model is further than it may be.
    """
    from edge_llm.simd.quality import Lessons, measure, prose
    from edge_llm.tables import quality_table

    is_held = True
    lessons = Lessons(prompts, tokens, prose(text, text_bytes) if text_bytes else "")
    for model in models:
        try:
            results = measure(model, dtype, lessons, _say, beside)
        except (ValueError, FileNotFoundError) as error:
            typer.echo(f"{model}: {error}", err=True)
            raise typer.Exit(1) from None
        quality_table(results, model.name)
        is_held &= all(result.is_held for result in results if "," not in result.what)
    if not is_held:
        raise typer.Exit(1)


def _say(line: str) -> None:
    typer.echo(f"  {line}", err=True)
