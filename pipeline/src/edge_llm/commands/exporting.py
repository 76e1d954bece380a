"""Commands on models: prune before training, then export, quantize, derive-q8, verify, deploy."""

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
        ("prune", prune),
        ("export", export),
        ("quantize", quantize),
        ("derive-q8", derive_q8),
        ("verify", verify),
        ("deploy", deploy),
    ):
        app.command(name)(command)


def prune(
    out: Annotated[Path, typer.Option(help="Directory to make, for `train --base`.")],
    size: Annotated[int, typer.Option(help="Tokens to keep, the most frequent ones.")],
    base: Annotated[str, typer.Option(help="As `train --base`.")] = "smollm2-135m-instruct",
) -> None:
    """Make a base with a smaller vocabulary: a smaller download, and more tokens for rare words."""
    from tempfile import TemporaryDirectory

    from edge_llm.base import BaseModelError, open_base
    from edge_llm.prune import prune_vocabulary

    with TemporaryDirectory() as folder:
        try:
            made = prune_vocabulary(open_base(base, Path(folder) / "base"), out, size)
        except (BaseModelError, ValueError, FileNotFoundError) as error:
            _fail(str(error))
    longer = made.tokens_after / made.tokens_before - 1
    typer.echo(f"{out}: {made.after} of {made.before} tokens; sample texts {longer:.1%} longer")


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
    zero_points: Annotated[
        bool, typer.Option(help="Give every block a zero point; without, blocks are symmetric.")
    ] = False,
    scale_bits: Annotated[int, typer.Option(help="Of a stored scale: 16 or 32.")] = 16,
) -> None:
    """Add rounded graphs to a model directory, made from its fp32 graph."""
    from edge_llm.graph.precision import BlockSizes
    from edge_llm.precisions import quantize_model

    wanted = [dtype.strip() for dtype in dtypes.split(",") if dtype.strip()]
    try:
        sizes = BlockSizes(block, embedding_bits, embedding_block, zero_points, scale_bits)
        made = quantize_model(model or run_dir / "model", wanted, sizes, _say)
    except (ValueError, FileNotFoundError) as error:
        _fail(str(error))
    for path in made:
        typer.echo(f"{path} written, {path.stat().st_size / 1e6:.1f} MB")


def derive_q8(
    model: Annotated[Path, typer.Argument(help="A model directory with a q4 graph.")],
    out: Annotated[
        Path | None,
        typer.Option(help="File to write. [MODEL/onnx/model_quantized.onnx]", show_default=False),
    ] = None,
) -> None:
    """Make the 8-bit graph for WASM from the 4-bit one, on this machine, if it is not there."""
    from edge_llm.derive_q8 import derive_q8 as derive

    try:
        made = derive(model, out)
    except (ValueError, FileNotFoundError) as error:
        _fail(str(error))
    typer.echo(f"{made} written" if made else "is up to date")


def verify(
    model: Model = None,
    run_dir: Run = _RUN,
    dtypes: Annotated[
        str | None, typer.Option(help="Precisions, by commas. [all there are]")
    ] = None,
    samples: Annotated[
        Path | None, typer.Option(help="Samples with tools. [RUN_DIR/data/test.jsonl]")
    ] = None,
    prompts: Annotated[int, typer.Option(help="Plain requests to answer.")] = 4,
    limit: Annotated[int, typer.Option(help="Samples to answer.")] = 20,
    tokens: Annotated[int, typer.Option(help="Longest answer.")] = 64,
    at_least: Annotated[
        float, typer.Option(help="Share of cases that a precision must answer as fp32 does.")
    ] = 0.98,
    python_only: Annotated[bool, typer.Option(help="Leave out the engines in Node.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="File to write. [RUN_DIR/verify.json]", show_default=False)
    ] = None,
) -> None:
    """Check that onnxruntime, this project's engine and Transformers.js answer alike.

    The same tokens in fp32, the same calls in every precision; exit code 1 where not.
    """
    from edge_llm.manifest import DTYPE_FILES
    from edge_llm.samples import read_samples
    from edge_llm.verify import chat_cases, sample_cases, verify_model

    directory = model or run_dir / "model"
    there = [name for name, file in DTYPE_FILES.items() if (directory / file).is_file()]
    wanted = there if dtypes is None else [name.strip() for name in dtypes.split(",")]
    for name in wanted or ["fp32"]:
        if name not in there:
            _fail(f"{directory} has no {name}; make it with `edge-llm export` and `quantize`")
    path = samples or run_dir / "data" / "test.jsonl"
    cases = chat_cases(prompts)
    try:
        if samples or path.is_file():
            cases += sample_cases(read_samples(path)[:limit])
        done = verify_model(
            directory,
            wanted,
            cases,
            tokens,
            _say,
            source=None if model else run_dir / "fused",
            engines=() if python_only else ("kit", "transformers"),
            at_least=at_least,
        )
    except (ValueError, FileNotFoundError) as error:
        _fail(str(error))
    target = out or (directory.parent if model else run_dir) / "verify.json"
    done.write(target)
    for finding in done.findings:
        mark = "ok  " if finding.passed else "FAIL"
        typer.echo(f"{mark} {finding.dtype:6} {finding.engine:12} {finding.message}")
    if not done.passed:
        _fail(f"{directory} does not run alike everywhere; {target} lists what differs")


def deploy(
    to: Annotated[Path, typer.Option(help="Directory to make, as public/models/NAME.")],
    run_dir: Run = _RUN,
    model: Annotated[
        Path | None, typer.Option(help="A model directory. [RUN_DIR/model]", show_default=False)
    ] = None,
    about: Annotated[
        Path | None,
        typer.Option(help="JSON file: source, revision, licence, data, recipe of the model."),
    ] = None,
    source: Annotated[str | None, typer.Option(help="The base model.")] = None,
    licence: Annotated[str | None, typer.Option(help="The model's licence.")] = None,
    data: Annotated[str | None, typer.Option(help="What it was trained on.")] = None,
    dtypes: Annotated[
        str | None, typer.Option(help="Precisions to ship, by commas. [all there are]")
    ] = None,
    optional: Annotated[
        str, typer.Option(help="Precisions to list without shipping them, as q8 that is derived.")
    ] = "",
    add: Annotated[
        list[Path] | None, typer.Option(help="File for the root, as a README.md. Repeatable.")
    ] = None,
) -> None:
    """Check a model, write its manifest and provenance.json, and copy it into an app."""
    from edge_llm.deploy import deploy_model, described, stored_bias

    directory = model or run_dir / "model"
    given = {"source": source, "licence": licence, "data": data}
    wanted = None if dtypes is None else [name.strip() for name in dtypes.split(",")]
    try:
        facts = described(directory, run_dir, about, given)
        bias = stored_bias(run_dir)
        listed = [name.strip() for name in optional.split(",") if name.strip()]
        deploy_model(directory, to, facts, wanted, bias, add or (), listed)
    except (ValueError, FileNotFoundError) as error:
        _fail(str(error))
    typer.echo(f"{to} is ready")


def _say(line: str) -> None:
    typer.echo(f"  {line}", err=True)


def _fail(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(1)
