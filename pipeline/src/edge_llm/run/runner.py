"""Runs steps in order: skips what is done, resumes what was interrupted, stops at a failure."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from edge_llm.run.record import RunRecord

Say = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    name: str
    inputs: Sequence[Path]
    """Files and folders that it needs; when they change, it runs again."""
    outputs: Sequence[Path]
    """What must be there for the step to count as done."""
    settings: dict[str, Any]
    """What else decides its outcome; JSON."""
    action: Callable[[], None]
    """Does the work. Raises `typer.Exit` with a code above 0, after saying why, if it fails."""
    optional: Sequence[Path] = ()
    """The same, but read only where they are there."""
    is_checkpoint: bool = False
    """Whether it is a test of what was made so far."""


class StepFailed(Exception):
    """A step that ended the run; the message says which and what to do."""

    def __init__(self, step: Step, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.step, self.code = step, code


def choose(
    names: Sequence[str], start: str | None, end: str | None, skip: Collection[str]
) -> list[str]:
    """Names from `start` to `end`, both included, without `skip`. Raises ValueError."""
    for option, name in (("--from", start), ("--to", end), *(("--skip", name) for name in skip)):
        if name is not None and name not in names:
            raise ValueError(f"{option} {name}: there is no such step; they are {', '.join(names)}")
    first = names.index(start) if start else 0
    last = names.index(end) if end else len(names) - 1
    if first > last:
        raise ValueError(f"--from {start} comes after --to {end}")
    return [name for name in names[first : last + 1] if name not in skip]


def run_steps(
    run: Path, steps: Sequence[Step], chosen: Collection[str], force: bool, say: Say
) -> RunRecord:
    """Runs the chosen steps. Raises StepFailed at the first that fails."""
    record = RunRecord(run)
    for step in steps:
        if step.name not in chosen:
            continue
        before = _state(record, step)
        if not force and _is_done(record, step, before):
            say(f"{step.name}: up to date")
            continue
        _need_inputs(step, run)
        _run_step(run, record, step, before, say)
    record.save()
    return record


def _run_step(run: Path, record: RunRecord, step: Step, before: dict[str, Any], say: Say) -> None:
    say(f"{step.name} …")
    record.set_step(step.name, status="running", **before)
    started = time.perf_counter()

    def end(status: str) -> float:
        seconds = round(time.perf_counter() - started, 2)
        record.set_step(step.name, status=status, seconds=seconds, **before)
        return seconds

    try:
        step.action()
    except typer.Exit as error:
        if error.exit_code:
            end("failed")
            raise StepFailed(step, f"{step.name} failed", error.exit_code) from error
    except KeyboardInterrupt:
        end("interrupted")
        raise
    except Exception as error:
        end("failed")
        raise StepFailed(step, f"{step.name} failed: {error}") from error
    missing = [path for path in step.outputs if not path.exists()]
    if missing:
        end("failed")
        raise StepFailed(step, f"{step.name} ended without making {_names(run, missing)}")
    say(f"{step.name}: done in {end('done'):.1f} s")


def _is_done(record: RunRecord, step: Step, before: dict[str, Any]) -> bool:
    known = record.step(step.name)
    return (
        known.get("status") == "done"
        and {name: known.get(name) for name in before} == before
        and all(path.exists() for path in step.outputs)
    )


def _state(record: RunRecord, step: Step) -> dict[str, Any]:
    settings = json.loads(json.dumps(step.settings, default=str))
    return {"settings": settings, "inputs": record.hashes([*step.inputs, *step.optional])}


def _need_inputs(step: Step, run: Path) -> None:
    missing = [path for path in step.inputs if not path.exists()]
    if missing:
        raise StepFailed(
            step,
            f"{step.name} needs {_names(run, missing)}, which an earlier step makes. "
            "Run without --from and --skip: what is done will not be done again",
        )


def _names(run: Path, paths: Sequence[Path]) -> str:
    return ", ".join(
        str(path.relative_to(run)) if path.is_relative_to(run) else str(path) for path in paths
    )
