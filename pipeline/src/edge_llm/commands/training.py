"""Commands from samples to a fused model: train, test-adapter, fuse, test-fused, calibrate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

Run = Annotated[Path, typer.Option("--run-dir", help="Folder of this run.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Dtype = Annotated[str, typer.Option(help="fp32, bf16, or q4: rounded as it is shipped.")]
Limit = Annotated[int | None, typer.Option(help="Use the first samples only.")]
Bias = Annotated[float, typer.Option(help="Added to the first logit of a call.")]
AtLeast = Annotated[
    float | None,
    typer.Option(help="Share of right answers needed; by default, what it was before."),
]
_RUN = Path("runs/default")


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the command line."""
    for name, command in (
        ("train", train),
        ("test-adapter", test_adapter),
        ("fuse", fuse),
        ("test-fused", test_fused),
        ("calibrate", calibrate),
    ):
        app.command(name)(command)


def train(
    run_dir: Run = _RUN,
    base: Annotated[
        str,
        typer.Option(
            help="function-caller, smollm2-135m-instruct, smollm2-tiny, a .gguf, a directory."
        ),
    ] = "function-caller",
    format: Annotated[str, typer.Option(help="hermes or functiongemma.")] = "hermes",
    settings: Annotated[
        Path | None, typer.Option(help="JSON file of settings; options below go before it.")
    ] = None,
    method: Annotated[str | None, typer.Option(help="full, lora or qlora. [full]")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda. [auto]")] = None,
    seed: Annotated[int | None, typer.Option(help="[1]")] = None,
    epochs: Annotated[float | None, typer.Option(help="Passes over the samples.")] = None,
    max_steps: Annotated[int | None, typer.Option(help="Optimizer steps at most.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Time for the steps.")] = None,
    batch_tokens: Annotated[int | None, typer.Option(help="Tokens of a step. [32768]")] = None,
    micro_tokens: Annotated[
        int | None, typer.Option(help="Tokens a device handles at once. [32768]")
    ] = None,
    launch_tokens: Annotated[
        int | None,
        typer.Option(help="Padding that one pass less is worth, tokens. [16384 CUDA, 4096 CPU]"),
    ] = None,
    max_length: Annotated[int | None, typer.Option(help="Longest sample, tokens. [2048]")] = None,
    lr: Annotated[float | None, typer.Option(help="[2e-4 full, 1e-3 adapters]")] = None,
    warmup_steps: Annotated[int | None, typer.Option(help="[10]")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="[0.01]")] = None,
    pull: Annotated[float | None, typer.Option(help="Decay towards the base. [0]")] = None,
    reply_weight: Annotated[
        float | None, typer.Option(help="Loss weight of how replies are worded. [0.3]")
    ] = None,
    decision_weight: Annotated[
        float | None, typer.Option(help="Loss weight of an answer's first token. [1]")
    ] = None,
    kl: Annotated[
        float | None, typer.Option(help="Weight of the divergence from the base on chat. [0]")
    ] = None,
    interpolate: Annotated[
        float | None, typer.Option(help="Share of the way back to the base. [0]")
    ] = None,
    ema: Annotated[float | None, typer.Option(help="Running mean of the weights. [0]")] = None,
    qat_from: Annotated[
        float | None, typer.Option(help="Share of the steps from which weights are rounded.")
    ] = None,
    block: Annotated[
        int | None, typer.Option(help="Weights that share a scale when rounded. [32]")
    ] = None,
    embedding_bits: Annotated[int | None, typer.Option(help="4 or 8, when rounded. [8]")] = None,
    embedding_block: Annotated[int | None, typer.Option(help="[32]")] = None,
    lora_rank: Annotated[int | None, typer.Option(help="[32]")] = None,
    lora_alpha: Annotated[int | None, typer.Option(help="[64]")] = None,
    compile: Annotated[
        bool | None, typer.Option(help="torch.compile. [CUDA, whole weights, over 2 minutes]")
    ] = None,
    eval_every: Annotated[int | None, typer.Option(help="Steps between validations.")] = None,
    log_every: Annotated[int | None, typer.Option(help="[10]")] = None,
    save_every: Annotated[int | None, typer.Option(help="Steps between states. [500]")] = None,
    fresh: Annotated[bool, typer.Option(help="Forget an interrupted run.")] = False,
) -> None:
    """Train on data/train.jsonl; an interrupted run goes on where it stopped.

    For several GPUs: `accelerate launch -m edge_llm train …`.
    """
    given = {
        name: value
        for name, value in locals().items()
        if name not in ("run_dir", "base", "settings", "fresh") and value is not None
    }
    _need_torch()
    from edge_llm.train.command import train_run

    try:
        train_run(run_dir, base, settings, given, fresh, _say)
    except (ValueError, FileNotFoundError, FloatingPointError) as error:
        _fail(str(error))
    except KeyboardInterrupt as error:
        _fail(str(error) or "stopped", 130)


def test_adapter(
    run_dir: Run = _RUN,
    at_least: AtLeast = None,
    interpolate: Annotated[
        list[float] | None,
        typer.Option(help="Shares towards the base to try; the best is kept. Repeatable."),
    ] = None,
    device: Device = "auto",
    dtype: Dtype = "fp32",
    call_bias: Bias = 0.0,
    limit: Limit = None,
) -> None:
    """Score data/test.jsonl before and after training; exit code 1 where that is not enough."""
    from edge_llm.score_table import score_table
    from edge_llm.train.trial import chosen_by_training

    tester = _tester(run_dir, device, dtype, call_bias, limit)
    shares = interpolate or [chosen_by_training(run_dir)]
    trials = [tester.checkpoint(share) for share in shares]
    before = tester.base()
    best = max(range(len(trials)), key=lambda index: trials[index].score.overall)
    score_table([(trial.name, trial.score) for trial in (before, *trials)])
    needed = before.score.overall if at_least is None else at_least
    reached = trials[best].score.overall
    more = {
        "interpolate": shares[best],
        "atLeast": needed,
        "before": before.score.to_json(),
        "tried": [
            {"interpolate": share, "score": trial.score.to_json()}
            for share, trial in zip(shares, trials, strict=True)
        ],
    }
    tester.save("test-adapter", trials[best], reached >= needed, more)
    typer.echo(f"{reached:.1%} right, needed {needed:.1%} · {run_dir / 'test-adapter.json'}")
    if reached < needed:
        _fail(_ADVICE)


def fuse(
    run_dir: Run = _RUN,
    interpolate: Annotated[
        float | None, typer.Option(help="Share towards the base; by default, the tested one.")
    ] = None,
) -> None:
    """Make fused/: one Hugging Face directory, with an adapter merged into its base."""
    _need_torch()
    from edge_llm.train.fuse import fuse_run

    try:
        typer.echo(f"{fuse_run(run_dir, interpolate)} written")
    except (ValueError, FileNotFoundError) as error:
        _fail(str(error))


def test_fused(
    run_dir: Run = _RUN,
    at_least: AtLeast = None,
    device: Device = "auto",
    dtype: Dtype = "fp32",
    call_bias: Bias = 0.0,
    limit: Limit = None,
) -> None:
    """Score the fused model, which must answer as the tested checkpoint did."""
    from edge_llm.score_table import score_table
    from edge_llm.train.trial import differing_answers, is_same_model, needed_score

    tester = _tester(run_dir, device, dtype, call_bias, limit)
    try:
        trial = tester.fused()
        differing = differing_answers(run_dir, trial, tester.settings)
    except (ValueError, FileNotFoundError) as error:
        _fail(str(error))
    score_table([(trial.name, trial.score)])
    needed = needed_score(run_dir) if at_least is None else at_least
    same = is_same_model(len(differing), len(tester.samples))
    reached = trial.score.overall
    passed = same and reached >= needed
    tester.save("test-fused", trial, passed, {"atLeast": needed, "differing": differing})
    typer.echo(f"{reached:.1%} right, needed {needed:.1%}; {len(differing)} answers differ")
    if not same:
        _fail(
            f"{len(differing)} of {len(tester.samples)} answers differ from the checkpoint's, so "
            "fusing changed the model: run fuse again, and test-adapter if the checkpoint is newer"
        )
    if not passed:
        _fail(_ADVICE)


def calibrate(
    run_dir: Run = _RUN,
    samples: Annotated[
        Path | None, typer.Option(help="Samples to calibrate on. [data/valid.jsonl]")
    ] = None,
    predictions: Annotated[
        Path | None, typer.Option(help="Their predictions; by default the fused model's.")
    ] = None,
    refusal_share: Annotated[
        float, typer.Option(help="Part of the refusals in what is maximised.")
    ] = 0.5,
    device: Device = "auto",
    dtype: Dtype = "q4",
) -> None:
    """Choose the bias between calling and not calling; writes calibration.json and .svg."""
    from edge_llm.calibrate import calibrate as choose
    from edge_llm.calibrate import plot
    from edge_llm.predict import read_predictions
    from edge_llm.samples import read_samples
    from edge_llm.tokenizer_files import write_json

    path = samples or run_dir / "data" / "valid.jsonl"
    try:
        if predictions:
            cases, made = read_samples(path), read_predictions(predictions)
        else:
            tester = _tester(run_dir, device, dtype, 0.0, None, path)
            cases, made = list(tester.samples), tester.fused().predictions
        found = choose(cases, made, refusal_share)
    except (ValueError, FileNotFoundError) as error:
        _fail(str(error))
    write_json(run_dir / "calibration.json", found.to_json())
    plot(found, run_dir / "calibration.svg")
    for name, point in (("without", found.unbiased), ("chosen", found.chosen)):
        typer.echo(
            f"{name:8} bias {point.bias:+.3f}: called where due {point.recall:.1%}, "
            f"no call where none is due {point.refusals:.1%}"
        )


_ADVICE = (
    "Not enough: the report lists the failed samples by kind of failure. More or more varied "
    "examples of those kinds help most; then a longer run (--epochs), or, where the model was "
    "better before, a gentler one (lower --lr, --kl, --interpolate). A lower --at-least goes on"
)


def _tester(
    run_dir: Path,
    device: str,
    dtype: str,
    call_bias: float,
    limit: int | None,
    samples: Path | None = None,
) -> Any:
    _need_torch()
    from edge_llm.train.trial import open_tester

    try:
        return open_tester(run_dir, device, dtype, call_bias, limit, samples)
    except (ValueError, FileNotFoundError) as error:
        _fail(str(error))


def _need_torch() -> None:
    import importlib.util

    missing = [name for name in ("torch", "transformers", "peft") if not _has(importlib, name)]
    if missing:
        _fail(
            f"{', '.join(missing)} not installed; run with "
            "`uv run --project pipeline --group train edge-llm …`"
        )


def _has(importlib: Any, name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _say(line: str) -> None:
    typer.echo(f"  {line}", err=True)


def _fail(reason: str, code: int = 1) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(code)
