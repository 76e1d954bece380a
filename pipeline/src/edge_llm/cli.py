"""Command line `edge-llm`. Heavy imports stay inside the commands, so that help is quick."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from edge_llm.commands import doctor, exporting, project, running, simd, training

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
    gguf: Annotated[
        Path | None,
        typer.Option(help="Convert this file (a SmolLM2 or Gemma 3) to OUT/NAME instead."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Its directory. [name of the file]")] = None,
) -> None:
    """Convert SmolLM2-135M-Instruct, and a tiny random twin for tests, into the browser layout.

    What is finished and was made by the same recipe is left alone.
    """
    from edge_llm.convert import NAMES, Converter
    from edge_llm.manifest import DTYPE_FILES

    variants = [only] if only else ["tiny", "full"]
    for variant in variants:
        if variant not in NAMES:
            raise typer.BadParameter(
                f"{variant!r} is not one of {', '.join(NAMES)}", param_hint="--only"
            )
    wanted = [dtype.strip() for dtype in dtypes.split(",") if dtype.strip()]
    for dtype in wanted or [""]:
        if dtype not in DTYPE_FILES:
            raise typer.BadParameter(
                f"{dtype!r} is not one of {', '.join(DTYPE_FILES)}", param_hint="--dtypes"
            )
    if gguf:
        _convert_gguf(gguf, out / (name or gguf.stem), wanted)
        return
    converter = Converter(_say)
    for variant in variants:
        start = time.perf_counter()
        result = converter.convert(variant, out, wanted, force)
        seconds = time.perf_counter() - start
        done = f"made in {seconds:.1f} s" if result.made else "is up to date"
        typer.echo(f"{result.directory} {done}")


@app.command()
def check(directory: Annotated[Path, typer.Argument(help="A model directory.")]) -> None:
    """Check that a directory has the layout the browser loads; exit code 1 if it has not."""
    from edge_llm.layout import check as problems_of

    problems = problems_of(directory)
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo(f"{directory}: no problems")


@app.command()
def compare(
    directory: Annotated[Path, typer.Argument(help="A model directory that holds fp32 too.")],
    prompts: Annotated[int, typer.Option(help="Number of prompts.")] = 8,
    tokens: Annotated[int, typer.Option(help="Answer tokens scored for each prompt.")] = 64,
    candidates: Annotated[
        Path | None,
        typer.Option(help="Also make the 8-bit formats that are not shipped, in this folder."),
    ] = None,
    exact_first: Annotated[
        bool, typer.Option(help="Also with the first token's keys and values from fp32.")
    ] = False,
) -> None:
    """Measure how far each precision is from fp32, and its speed in native onnxruntime."""
    from edge_llm.compare import compare_all
    from edge_llm.graph.candidates import write_candidates
    from edge_llm.tables import agreement_table

    models = sorted((directory / "onnx").glob("*.onnx"))
    if candidates:
        models += write_candidates(directory, candidates, _say)
    try:
        agreement_table(compare_all(directory, models, prompts, tokens, _say, exact_first))
    except FileNotFoundError as error:
        _fail(str(error))


@app.command()
def golden(
    directory: Annotated[Path, typer.Argument(help="The converted fp32 model.")] = Path(
        "models/smollm2-135m-instruct"
    ),
    out: Annotated[Path, typer.Option(help="File to write.")] = Path(
        "test/fixtures/smollm2-golden.json"
    ),
) -> None:
    """Write the vectors that the JavaScript side must reproduce."""
    from edge_llm.golden import write_golden

    if not (directory / "onnx" / "model.onnx").is_file():
        _fail(f"{directory}/onnx/model.onnx is missing; make it with `edge-llm convert`")
    write_golden(directory, out)
    typer.echo(f"{out} written, {out.stat().st_size / 1e3:.0f} kB")


@app.command()
def reference(
    directory: Annotated[Path, typer.Argument(help="The converted model.")] = Path(
        "models/smollm2-135m-instruct"
    ),
    out: Annotated[Path, typer.Option(help="File to write.")] = Path(
        "pipeline/tests/data/smollm2-reference.json"
    ),
) -> None:
    """Ask llama.cpp and transformers what they make of the source (needs --group reference)."""
    import importlib.util

    missing = [name for name in ("torch", "xllamacpp") if not importlib.util.find_spec(name)]
    if missing:
        _fail(f"{' and '.join(missing)} not installed; run with `uv run --group reference`")
    from edge_llm.gguf_source import packaged_smollm2
    from edge_llm.reference import make_reference
    from edge_llm.tokenizer_files import write_json

    write_json(out, make_reference(packaged_smollm2().path, directory))
    typer.echo(f"{out} written")


@app.command("simd-fixtures")
def simd_fixtures(
    out: Annotated[Path, typer.Option(help="Parent of the model directories.")] = Path(
        "test/fixtures/simd"
    ),
    fp32: Annotated[bool, typer.Option(help="Also write graphs of the exact weights.")] = False,
) -> None:
    """Write tiny random models of every decoder family, with the logits they must give."""
    from edge_llm.simd_fixtures import write_simd_fixtures

    write_simd_fixtures(out, fp32=fp32, report=typer.echo)


project.register(app)
running.register(app)
training.register(app)
exporting.register(app)
simd.register(app)
doctor.register(app)


def _convert_gguf(path: Path, target: Path, dtypes: list[str]) -> None:
    from edge_llm.gguf_convert import convert_gguf
    from edge_llm.graph.precision import BlockSizes

    try:
        convert_gguf(path, target, dtypes, BlockSizes(), _say)
    except (ValueError, KeyError, OSError) as error:
        _fail(f"{path}: {error.args[0] if error.args else error}")
    typer.echo(f"{target} written")


def _fail(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(1)


def _say(line: str) -> None:
    typer.echo(f"  {line}", err=True)
