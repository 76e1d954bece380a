"""Commands about an app's files and what became of them: generate, report, ask, upload."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

Run = Annotated[Path, typer.Option("--run-dir", help="Folder of this run.")]
Tools = Annotated[Path | None, typer.Option(help="The app's tools.json. [an example]")]
Examples = Annotated[Path | None, typer.Option(help="The app's examples.json. [an example]")]
_RUN = Path("runs/default")


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the command line."""
    app.command("generate")(generate)
    app.command("report")(report)
    app.command("ask")(ask)
    app.command("upload")(upload)


def generate(
    run_dir: Run = _RUN,
    tools: Tools = None,
    examples: Examples = None,
    count: Annotated[int, typer.Option(help="Training samples to make.")] = 12_000,
    seed: Annotated[int, typer.Option(help="Equal seeds make equal samples.")] = 1,
    held_out: Annotated[float, typer.Option(help="Share of the examples to test on.")] = 0.25,
    mix: Annotated[float, typer.Option(help="Share of general requests of other apps.")] = 0.35,
    general: Annotated[
        bool, typer.Option("--general", help="General requests only, for a model of no app.")
    ] = False,
    invented: Annotated[float, typer.Option(help="Share of made-up apps in those.")] = 0.25,
    format: Annotated[str, typer.Option(help="hermes or functiongemma.")] = "hermes",
) -> None:
    """Make training, validation and test samples from tools.json and examples.json."""
    from edge_llm.project.defaults import app_files
    from edge_llm.project.faults import ProjectError
    from edge_llm.project.generate import GenerateSettings, generate_general
    from edge_llm.project.generate import generate as make

    settings = GenerateSettings(count, seed, held_out, mix, general, invented, format)
    if general and (tools or examples):
        _fail("--general makes samples of no app: leave out --tools and --examples")
    try:
        if general:
            record = generate_general(run_dir, settings)
        else:
            record = make(*app_files(tools, examples), run_dir, settings)
    except ProjectError as error:
        _fail(str(error))
    for name, made in record["sets"].items():
        typer.echo(f"{run_dir / 'data' / name}.jsonl: {made['samples']} samples")


def report(run_dir: Run = _RUN) -> None:
    """Write report/index.html and report/report.md from what the steps have left so far."""
    from edge_llm.report import write_report

    try:
        typer.echo(f"{write_report(run_dir)} written")
    except (FileNotFoundError, ValueError) as error:
        _fail(str(error))


def ask(
    said: Annotated[str, typer.Argument(help="What the user says.")],
    run_dir: Run = _RUN,
    model: Annotated[
        Path | None, typer.Option(help="A model directory. [RUN_DIR/model]", show_default=False)
    ] = None,
    tools: Annotated[Path | None, typer.Option(help="tools.json. [the example's]")] = None,
    dtype: Annotated[str, typer.Option(help="fp32, fp16, q8, q4 or q4f16.")] = "q4",
    tokens: Annotated[int, typer.Option(help="Longest answer.")] = 128,
) -> None:
    """Ask a model one thing and print its calls or its words."""
    from edge_llm.ask import ask as answer
    from edge_llm.project import ProjectError, load_tools
    from edge_llm.project.defaults import app_files
    from edge_llm.samples import dump

    try:
        known = load_tools(tools or app_files(None, None)[0])
        got = answer(model or run_dir / "model", said, known, dtype, tokens)
    except KeyError:
        _fail(f"--dtype {dtype}: choose fp32, fp16, q8, q4 or q4f16")
    except (ProjectError, FileNotFoundError, ValueError) as error:
        _fail(str(error))
    for call in got.calls:
        typer.echo(f"{call.name}({dump(call.arguments)})")
    if got.text.strip() or not got.calls:
        typer.echo(got.text.strip() or "(nothing)")


def upload(
    repo: Annotated[str, typer.Option(help="owner/name on the hub.")],
    model: Annotated[
        Path | None, typer.Argument(help="A model directory. [RUN_DIR/model]", show_default=False)
    ] = None,
    run_dir: Run = _RUN,
    private: Annotated[bool, typer.Option(help="Show it to nobody else.")] = False,
    exist_ok: Annotated[bool, typer.Option(help="Also into a repository that is there.")] = False,
    message: Annotated[str | None, typer.Option(help="Of the commit.")] = None,
) -> None:
    """Upload a model to a hub (HF_ENDPOINT, HF_TOKEN); needs --group upload."""
    from edge_llm.upload import UploadError
    from edge_llm.upload import upload as send

    directory = model or run_dir / "model"
    try:
        address = send(
            directory, repo, private=private, exist_ok=exist_ok, message=message, report=_say
        )
    except UploadError as error:
        _fail(str(error))
    typer.echo(address)


def _fail(reason: str, code: int = 1) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(code)


def _say(line: str) -> None:
    typer.echo(f"  {line}", err=True)
