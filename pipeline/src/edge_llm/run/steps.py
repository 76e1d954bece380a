"""The steps of a run, from an app's files to a model in its place."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from edge_llm.run.runner import Step
from edge_llm.run.settings import RunSettings
from edge_llm.tokenizer_files import write_json

NAMES = (
    "generate",
    "train",
    "test-adapter",
    "fuse",
    "test-fused",
    "export",
    "quantize",
    "verify",
    "report",
    "deploy",
)
TRAIN_SETTINGS = "train-settings.json"


def steps_of(run: Path, settings: RunSettings) -> list[Step]:
    """All steps in order; deploy is left out where no place for the model is given."""
    steps = [*_training(run, settings), *_exporting(run, settings), _report(run)]
    if settings.deploy:
        steps.append(_deploy(run, settings.deploy))
    return steps


def _training(run: Path, settings: RunSettings) -> list[Step]:
    from edge_llm.commands import project, training

    data, checkpoint, fused = run / "data", run / "checkpoint", run / "fused"
    made = settings.generate
    train = settings.train
    # Where it runs and how often it saves decides nothing about the outcome.
    decides = {
        name: value
        for name, value in train.to_json().items()
        if name
        not in ("device", "micro_tokens", "launch_tokens", "compile", "log_every", "save_every")
    }

    files = [] if made.general else [settings.tools, settings.examples]

    def generate() -> None:
        project.generate(run, *(files or (None, None)), **asdict(made))

    def train_model() -> None:
        file = run / TRAIN_SETTINGS
        write_json(file, train.to_json())
        training.train(run_dir=run, base=settings.base, format=train.format, settings=file)

    def test_adapter() -> None:
        training.test_adapter(run_dir=run, at_least=settings.at_least, device=settings.device)

    def test_fused() -> None:
        training.test_fused(run_dir=run, at_least=settings.at_least, device=settings.device)

    needed = {"at_least": settings.at_least}
    weights = [checkpoint / name for name in ("model.safetensors", "adapter_model.safetensors")]
    sets = [data / f"{name}.jsonl" for name in ("train", "valid", "test")]
    return [
        Step("generate", files, sets, asdict(made), generate),
        Step(
            "train",
            sets[:2],
            [checkpoint / "training.json"],
            {"base": settings.base, **decides},
            train_model,
        ),
        Step(
            "test-adapter",
            [sets[2], checkpoint / "training.json"],
            [run / "test-adapter.json"],
            needed,
            test_adapter,
            optional=weights,
            is_checkpoint=True,
        ),
        Step(
            "fuse",
            [checkpoint / "training.json"],
            [fused / "config.json", fused / "model.safetensors"],
            {},
            lambda: training.fuse(run_dir=run),
            optional=[*weights, run / "test-adapter.json"],
        ),
        Step(
            "test-fused",
            [sets[2], fused, run / "test-adapter.json"],
            [run / "test-fused.json"],
            needed,
            test_fused,
            is_checkpoint=True,
        ),
    ]


def _exporting(run: Path, settings: RunSettings) -> list[Step]:
    from edge_llm.commands import exporting
    from edge_llm.manifest import DTYPE_FILES

    model = run / "model"
    rounded = [dtype for dtype in settings.precisions if dtype != "fp32"]
    graphs = [model / DTYPE_FILES[dtype] for dtype in rounded]
    fp32 = model / DTYPE_FILES["fp32"]
    steps = [
        Step(
            "export",
            [run / "fused"],
            [fp32, model / "manifest.json"],
            {},
            lambda: exporting.export(run_dir=run),
        )
    ]
    if rounded:
        steps.append(
            Step(
                "quantize",
                [fp32],
                graphs,
                {"precisions": rounded},
                lambda: exporting.quantize(run_dir=run, dtypes=",".join(rounded)),
            )
        )
    steps.append(
        Step(
            "verify",
            [fp32, *graphs],
            [run / "verify.json"],
            {"python_only": settings.python_only},
            lambda: exporting.verify(run_dir=run, python_only=settings.python_only),
            optional=[run / "data" / "test.jsonl"],
            is_checkpoint=True,
        )
    )
    return steps


def _report(run: Path) -> Step:
    from edge_llm.commands import project

    return Step(
        "report",
        [],
        [run / "report" / "index.html", run / "report" / "report.md"],
        {},
        lambda: project.report(run_dir=run),
        optional=[
            run / "data" / "generated.json",
            run / "checkpoint" / "train-log.jsonl",
            run / "test-adapter.json",
            run / "test-fused.json",
            run / "verify.json",
            run / "model" / "manifest.json",
        ],
    )


def _deploy(run: Path, target: Path) -> Step:
    from edge_llm.commands import exporting

    return Step(
        "deploy",
        [run / "model"],
        [target / "config.json"],
        {"to": str(target)},
        lambda: exporting.deploy(target, run_dir=run),
    )
