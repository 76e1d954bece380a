"""The `generate` step: an app's files become samples to train, choose and test on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from edge_llm.formats import FORMAT_NAMES, ToolFormat, get_format
from edge_llm.project import load_project
from edge_llm.project.faults import Fault, ProjectError
from edge_llm.project.kinds import sample_of
from edge_llm.project.split import split_examples, without
from edge_llm.samples import Sample, write_samples

RECORD = "generated.json"
_VALID_SHARE, _TEST_SHARE = 0.03, 0.05
"""Parts of `count` that held-out examples are multiplied to."""


@dataclass(frozen=True)
class GenerateSettings:
    count: int = 12_000
    """Training samples, the general ones included."""
    seed: int = 1
    held_out: float = 0.25
    """Share of the examples that is never trained on."""
    mix: float = 0.35
    """Share of general requests, of many apps, in the training samples."""
    general: bool = False
    """Nothing but general requests, for a model of no app in particular, tested on `data/dev`."""
    invented: float = 0.25
    """Share of made-up apps among general requests."""
    format: str = "hermes"

    def faults(self) -> list[Fault]:
        checks = [
            (self.count >= 10, "--count", f"{self.count} samples are too few", "Make at least 10"),
            (
                0 < self.held_out < 1,
                "--held-out",
                f"{self.held_out} is no share to hold out",
                "Choose one between 0 and 1, such as 0.25",
            ),
            (
                0 <= self.mix < 1,
                "--mix",
                f"{self.mix} is no share to mix in",
                "Choose one from 0 to below 1",
            ),
            (
                0 <= self.invented <= 1,
                "--invented",
                f"{self.invented} is no share to make up",
                "Choose one from 0 to 1",
            ),
            (
                self.format in FORMAT_NAMES,
                "--format",
                f"there is no tool format {self.format!r}",
                f"Choose {' or '.join(FORMAT_NAMES)}",
            ),
        ]
        return [
            Fault(where, 0, 0, reason, advice) for fine, where, reason, advice in checks if not fine
        ]


def generate(tools: Path, examples: Path, run: Path, settings: GenerateSettings) -> dict[str, Any]:
    """Writes data/{train,valid,test}.jsonl and data/generated.json, and returns the latter.

    The same files and settings give the same bytes. Raises ProjectError with every fault.
    """
    from edge_llm.expand import expand_project
    from edge_llm.manifest import sha256_of

    if faults := settings.faults():
        raise ProjectError(faults)
    project = load_project(tools, examples)
    known = tuple(project.tools)
    own = [sample_of(example, index, known) for index, example in enumerate(project.examples)]
    try:
        split = split_examples(own, settings.held_out, settings.seed)
    except ValueError as error:
        reason, _, advice = str(error).partition(". ")
        raise ProjectError([Fault(str(examples), 0, 0, reason, advice)]) from error

    def multiplied(held: Sequence[Sample], share: float, seed: int) -> list[Sample]:
        more = max(0, round(share * settings.count) - len(held))
        return _distinct([*held, *expand_project(known, held, more, seed)])

    test = multiplied(split.test, _TEST_SHARE, settings.seed + 1)
    valid = without(multiplied(split.valid, _VALID_SHARE, settings.seed + 2), test)
    general = round(settings.mix * settings.count)
    trained = [
        *split.train,
        *expand_project(
            known, split.train, max(0, settings.count - general - len(split.train)), settings.seed
        ),
        *(_general(general, settings) if general else []),
    ]
    trained = without(trained, [*valid, *test])
    Random(settings.seed).shuffle(trained)
    return _write(
        run,
        settings,
        {"train": trained, "valid": valid, "test": test},
        {
            "tools": {"file": tools.name, "sha256": sha256_of(tools), "count": len(known)},
            "examples": {
                "file": examples.name,
                "sha256": sha256_of(examples),
                "count": len(own),
            },
            "heldOut": {
                "valid": [sample.id for sample in split.valid],
                "test": [sample.id for sample in split.test],
            },
        },
    )


def generate_general(run: Path, settings: GenerateSettings) -> dict[str, Any]:
    """Writes the same files for a model of no app in particular.

    What chooses a checkpoint are the requests of `data/dev`, for the loss and for the test.
    """
    from edge_llm.expand import data_folder, plain_samples

    if faults := settings.faults():
        raise ProjectError(faults)
    dev = plain_samples(data_folder() / "dev")
    trained = _general(settings.count, settings)
    return _write(run, settings, {"train": trained, "valid": dev, "test": dev}, {})


def _general(count: int, settings: GenerateSettings) -> list[Sample]:
    from edge_llm.expand import general_samples

    return general_samples(count, settings.seed, invented_share=settings.invented)


def _write(
    run: Path, settings: GenerateSettings, sets: dict[str, list[Sample]], more: dict[str, Any]
) -> dict[str, Any]:
    from edge_llm.manifest import sha256_of
    from edge_llm.tokenizer_files import write_json

    folder = run / "data"
    folder.mkdir(parents=True, exist_ok=True)
    for name, samples in sets.items():
        _check_format(get_format(settings.format), samples)
        write_samples(folder / f"{name}.jsonl", samples)
    record = {
        "settings": asdict(settings),
        **more,
        "sets": {
            name: {
                "samples": len(samples),
                "sha256": sha256_of(folder / f"{name}.jsonl"),
                "kinds": dict(sorted(Counter(sample.kind for sample in samples).items())),
            }
            for name, samples in sets.items()
        },
    }
    write_json(folder / RECORD, record)
    return record


def _distinct(samples: Sequence[Sample]) -> list[Sample]:
    """Each conversation once, so that a held-out figure counts no request twice."""
    from edge_llm.project.split import conversation_of

    first = {conversation_of(sample): sample for sample in reversed(samples)}
    kept = {sample.id for sample in first.values()}
    return [sample for sample in samples if sample.id in kept]


def _check_format(tool_format: ToolFormat, samples: Sequence[Sample]) -> None:
    """Every answer must come back out of the text it is trained as."""
    from edge_llm.samples import canonical

    for sample in samples:
        parsed = tool_format.parse(tool_format.answer(sample.answer))
        got = [canonical(call.to_json()) for call in parsed.calls]
        if got != [canonical(call.to_json()) for call in sample.answer.calls]:
            raise ProjectError(
                [
                    Fault(
                        f"--format {tool_format.name}",
                        0,
                        0,
                        f"cannot write the calls of {sample.id}: {got}",
                        "Use another format, or simpler arguments",
                    )
                ]
            )
