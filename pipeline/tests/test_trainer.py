from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs --group train")

from tiny_run import make_run  # noqa: E402

from edge_llm.samples import read_samples  # noqa: E402
from edge_llm.train.journal import read_log  # noqa: E402
from edge_llm.train.model import open_model, open_trained  # noqa: E402
from edge_llm.train.settings import TrainSettings  # noqa: E402
from edge_llm.train.trainer import Interrupted, Trained, Trainer  # noqa: E402

SETTINGS: dict[str, Any] = {
    "device": "cpu",
    "batch_tokens": 1500,
    "micro_tokens": 700,
    "max_steps": 8,
    "lr": 1e-2,
    "warmup_steps": 2,
    "log_every": 3,
}


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("trainer") / "run")


def trainer(run_dir: Path, out: Path, kind: type[Trainer] = Trainer, **changes: Any) -> Trainer:
    return kind(
        TrainSettings(**{**SETTINGS, **changes}),
        run_dir / "start",
        read_samples(run_dir / "data" / "train.jsonl"),
        read_samples(run_dir / "data" / "valid.jsonl"),
        out,
        lambda line: None,
    )


def curve(out: Path) -> list[float]:
    return [row["loss"] for row in read_log(out / "train-log.jsonl") if "loss" in row]


def train(run_dir: Path, out: Path, **changes: Any) -> Trained:
    return trainer(run_dir, out, **changes).run()


@pytest.fixture(scope="module")
def whole(run_dir: Path) -> Path:
    """An uninterrupted run, to hold others against."""
    out = run_dir / "whole"
    train(run_dir, out)
    return out


def test_training_learns_and_leaves_a_model_and_its_record(run_dir: Path, whole: Path) -> None:
    losses = curve(whole)
    assert len(losses) == 8
    assert losses[-1] < 0.7 * losses[0]
    rows = read_log(whole / "train-log.jsonl")
    assert rows[-1].keys() == {"step", "validLoss"}
    assert rows[-1]["validLoss"] < losses[0]
    record = json.loads((whole / "training.json").read_text(encoding="utf-8"))
    assert TrainSettings.from_json(record["settings"]).max_steps == 8
    assert record["steps"] == 8
    for name in ("config.json", "tokenizer.json", "chat_template.jinja"):
        assert (whole / name).read_bytes() == (run_dir / "start" / name).read_bytes()
    assert not list((whole / "state").glob("*.pt"))


def test_the_same_settings_give_the_same_run(run_dir: Path, whole: Path, tmp_path: Path) -> None:
    train(run_dir, tmp_path)
    assert curve(tmp_path) == curve(whole)
    train(run_dir, tmp_path, seed=2)
    assert curve(tmp_path) != curve(whole)


def test_accumulation_does_not_change_the_curve(run_dir: Path, whole: Path, tmp_path: Path) -> None:
    train(run_dir, tmp_path, micro_tokens=100_000)
    assert curve(tmp_path) == pytest.approx(curve(whole), rel=1e-4)


class StoppedAtStep5(Trainer):
    def _step(self, step: int, batch: list[int]) -> Any:
        if step == 5:
            os.kill(os.getpid(), signal.SIGINT)
        return super()._step(step, batch)


class CrashedAtStep5(Trainer):
    def _step(self, step: int, batch: list[int]) -> Any:
        if step == 5:
            raise MemoryError
        return super()._step(step, batch)


def test_a_stopped_run_goes_on_with_the_same_curve(
    run_dir: Path, whole: Path, tmp_path: Path
) -> None:
    with pytest.raises(Interrupted, match="stopped after step 6"):
        trainer(run_dir, tmp_path, StoppedAtStep5).run()
    assert len(curve(tmp_path)) == 6
    assert not (tmp_path / "model.safetensors").exists()
    train(run_dir, tmp_path)
    assert curve(tmp_path) == curve(whole)
    same_weights(tmp_path, whole)


def test_a_crashed_run_goes_on_from_its_last_state(
    run_dir: Path, whole: Path, tmp_path: Path
) -> None:
    changes = {"ema": 0.5, "save_every": 2}
    with pytest.raises(MemoryError):
        trainer(run_dir, tmp_path / "a", CrashedAtStep5, **changes).run()
    train(run_dir, tmp_path / "a", **changes)
    assert curve(tmp_path / "a") == curve(whole)
    train(run_dir, tmp_path / "b", **changes)
    same_weights(tmp_path / "a", tmp_path / "b")


def test_a_state_of_another_run_is_refused_until_dropped(run_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        trainer(run_dir, tmp_path, StoppedAtStep5).run()
    with pytest.raises(ValueError, match=r"other settings or other data.*--fresh"):
        train(run_dir, tmp_path, lr=1e-3)
    assert trainer(run_dir, tmp_path, lr=1e-3).run(fresh=True).steps == 8


def same_weights(left: Path, right: Path) -> None:
    others = dict(open_model(right).named_parameters())
    for name, weight in open_model(left).named_parameters():
        assert torch.equal(weight, others[name]), name


def test_weights_stay_exact_while_the_loss_is_that_of_rounded_ones(
    run_dir: Path, whole: Path, tmp_path: Path
) -> None:
    train(run_dir, tmp_path, qat_from=0.5)
    losses = curve(tmp_path)
    assert losses[:4] == curve(whole)[:4]
    assert losses[4:] != curve(whole)[4:]
    assert losses[-1] < 0.8 * losses[0]
    from edge_llm.train.rounding import rounded

    weight = open_model(tmp_path).model.layers[0].mlp.up_proj.weight.detach()
    assert not torch.equal(rounded(weight, 4, 32), weight)


def test_the_pull_and_interpolation_lead_back_to_the_base(
    run_dir: Path, whole: Path, tmp_path: Path
) -> None:
    start = run_dir / "start"
    origin = dict(open_model(start).named_parameters())

    def distance(model: Any) -> float:
        return sum(
            float((weight - origin[name]).detach().square().sum())
            for name, weight in model.named_parameters()
        )

    free = distance(open_trained(start, whole))
    train(run_dir, tmp_path, pull=50.0)
    assert distance(open_trained(start, tmp_path)) < 0.9 * free
    half = distance(open_trained(start, whole, interpolate=0.5))
    assert half == pytest.approx(free / 4, rel=1e-3)
    assert distance(open_trained(start, whole, interpolate=1.0)) == 0


def test_an_adapter_learns_the_markers_too(run_dir: Path, tmp_path: Path) -> None:
    train(run_dir, tmp_path, method="lora", lora_rank=8, lr=1e-2)
    losses = curve(tmp_path)
    assert losses[-1] < 0.97 * losses[0]
    start = run_dir / "start"
    merged = open_trained(start, tmp_path).merge_and_unload()
    before = open_model(start).get_input_embeddings().weight
    after = merged.get_input_embeddings().weight
    changed = (before != after).any(1).nonzero()[:, 0].tolist()
    assert changed == [3, 4, 5, 6, 7, 8]


def test_four_bit_adapters_say_what_they_need(run_dir: Path, tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ValueError, match="--method qlora needs a CUDA GPU; use --method lora"):
        train(run_dir, tmp_path, method="qlora")
    with pytest.raises(ValueError, match="--device cuda: torch finds no GPU"):
        train(run_dir, tmp_path, device="cuda")


def test_a_time_budget_ends_the_run(run_dir: Path, tmp_path: Path) -> None:
    made = train(run_dir, tmp_path, minutes=0.05, max_steps=None)
    # It has no other end.
    assert made.seconds > 1
    assert made.steps > 1


def test_a_loss_that_is_no_number_stops_the_run(run_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(FloatingPointError, match="lower --lr"):
        train(run_dir, tmp_path, lr=1e30, warmup_steps=0)


def test_two_processes_draw_the_curve_of_one(run_dir: Path, whole: Path) -> None:
    out = run_dir / "checkpoint"
    command = [sys.executable, "-m", "accelerate.commands.launch", "--cpu"]
    command += ["--num_processes", "2", "--num_machines", "1", "--mixed_precision", "no"]
    command += ["--dynamo_backend", "no", "--main_process_port", "0", "-m", "edge_llm", "train"]
    command += ["--run-dir", str(run_dir), "--base", str(run_dir.with_name("run-base"))]
    for name, value in SETTINGS.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    assert curve(out) == pytest.approx(curve(whole), rel=1e-3)
    rows = read_log(out / "train-log.jsonl")
    assert rows[-1]["validLoss"] == pytest.approx(
        read_log(whole / "train-log.jsonl")[-1]["validLoss"], rel=1e-3
    )
