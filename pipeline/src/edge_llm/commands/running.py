"""The command that runs every step: run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

_RUN = Path("runs/default")


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the command line."""
    app.command("run")(run)


def run(
    run_dir: Annotated[Path, typer.Option("--run-dir", help="Folder of this run.")] = _RUN,
    config: Annotated[
        Path | None, typer.Option(help="Settings file. [edge-llm.toml where there is one]")
    ] = None,
    tools: Annotated[Path | None, typer.Option(help="The app's tools.json.")] = None,
    examples: Annotated[Path | None, typer.Option(help="The app's examples.json.")] = None,
    base: Annotated[str | None, typer.Option(help="Model to start from. [function-caller]")] = None,
    format: Annotated[str | None, typer.Option(help="hermes or functiongemma. [hermes]")] = None,
    method: Annotated[str | None, typer.Option(help="full, lora or qlora. [full]")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda. [auto]")] = None,
    seed: Annotated[int | None, typer.Option(help="[1]")] = None,
    count: Annotated[int | None, typer.Option(help="Training samples to make. [12000]")] = None,
    held_out: Annotated[float | None, typer.Option(help="Share to test on. [0.25]")] = None,
    mix: Annotated[float | None, typer.Option(help="Share of general requests. [0.35]")] = None,
    epochs: Annotated[float | None, typer.Option(help="Passes over the samples. [1]")] = None,
    max_steps: Annotated[int | None, typer.Option(help="Optimizer steps at most.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Time for training.")] = None,
    batch_tokens: Annotated[int | None, typer.Option(help="Tokens of a step. [32768]")] = None,
    lr: Annotated[float | None, typer.Option(help="[2e-4 full, 1e-3 adapters]")] = None,
    precisions: Annotated[
        str | None, typer.Option(help="fp32, fp16, q8, q4, q4f16, by commas. [fp32,q8,q4]")
    ] = None,
    at_least: Annotated[
        float | None, typer.Option(help="Share of right answers needed. [the base's]")
    ] = None,
    python_only: Annotated[
        bool | None, typer.Option("--python-only", help="Verify without Node.")
    ] = None,
    deploy: Annotated[
        Path | None, typer.Option(help="Folder that the model goes to in the end.")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help="First step.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last step.")] = None,
    skip: Annotated[list[str] | None, typer.Option(help="Step to leave out. Repeatable.")] = None,
    force: Annotated[bool, typer.Option(help="Run steps again that are up to date.")] = False,
) -> None:
    """Run all steps: generate, train, test-adapter, fuse, test-fused, export, quantize, verify,
    report, deploy. What is done is skipped; what was interrupted goes on."""
    given = {
        "tools": tools,
        "examples": examples,
        "base": base,
        "format": format,
        "method": method,
        "device": device,
        "seed": seed,
        "count": count,
        "held_out": held_out,
        "mix": mix,
        "epochs": epochs,
        "max_steps": max_steps,
        "minutes": minutes,
        "batch_tokens": batch_tokens,
        "lr": lr,
        "precisions": _split(precisions),
        "at_least": at_least,
        "python_only": python_only,
        "deploy": deploy,
    }
    from edge_llm.project.faults import ProjectError
    from edge_llm.run.preflight import check_run
    from edge_llm.run.runner import StepFailed, choose, run_steps
    from edge_llm.run.settings import read_settings
    from edge_llm.run.steps import NAMES, steps_of

    try:
        settings = read_settings(config, given)
        chosen = choose(NAMES, start, end, skip or [])
        check_run(run_dir, settings, chosen)
    except (ProjectError, ValueError) as error:
        _fail(str(error))
    steps = steps_of(run_dir, settings)
    try:
        run_steps(run_dir, steps, chosen, force, _say)
    except KeyboardInterrupt:
        _fail("interrupted; the same command goes on where this stopped", 130)
    except StepFailed as error:
        _explain(run_dir, error)
    if "report" in chosen:
        typer.echo(f"report: {run_dir / 'report' / 'index.html'}")
    if settings.deploy and "deploy" in chosen:
        typer.echo(f"model: {settings.deploy}")
    elif (run_dir / "model").is_dir():
        typer.echo(f"model: {run_dir / 'model'}")


def _explain(run_dir: Path, error: Exception) -> NoReturn:
    """Says where the run stopped, with a report where a checkpoint did not pass."""
    from edge_llm.run.runner import StepFailed

    assert isinstance(error, StepFailed)
    lines = [str(error)]
    if error.step.is_checkpoint and (run_dir / "data").is_dir():
        from edge_llm.report import write_report

        lines.append(f"The report shows what was answered: {write_report(run_dir)}")
    lines.append("When that is mended, the same command goes on with this step.")
    _fail("\n".join(lines), error.code)


def _split(names: str | None) -> list[str] | None:
    if names is None:
        return None
    return [name.strip() for name in names.split(",") if name.strip()]


def _say(line: str) -> None:
    typer.echo(f"▸ {line}", err=True)


def _fail(reason: str, code: int = 1) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(code)
