"""The training loop: the same curve on one process or many, interrupted or not."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from edge_llm.formats import get_format
from edge_llm.samples import Sample
from edge_llm.train.answer_loss import AnswerLoss, collate
from edge_llm.train.batches import BatchPlan
from edge_llm.train.compiling import compiles
from edge_llm.train.encode import Encoded, Example, encode_samples, lengths_of, open_tokenizer
from edge_llm.train.journal import NAME, Journal
from edge_llm.train.model import open_for_training, open_model, pick_device
from edge_llm.train.optimizer import make_optimizer
from edge_llm.train.pending import Pending, StepResult
from edge_llm.train.result import save_result
from edge_llm.train.rounding import RoundedWeights
from edge_llm.train.schedule import Schedule
from edge_llm.train.settings import TrainSettings
from edge_llm.train.start import marker_ids
from edge_llm.train.state import State, drop_state, load_state, save_state, stamp
from edge_llm.train.stop_signal import StopSignal
from edge_llm.train.validation import mean_loss
from edge_llm.train.working_copy import WorkingCopy

Say = Callable[[str], None]


@dataclass(frozen=True)
class Trained:
    steps: int
    seconds: float
    tokens: int
    """Tokens seen in this call, without padding, over all processes."""
    loss: float
    """Mean loss per trained token over the last steps."""
    valid_loss: float | None


class Interrupted(Exception):
    """The run was stopped and its state saved."""


class Trainer:
    """One training run. Every process makes one, with the same arguments."""

    def __init__(
        self,
        settings: TrainSettings,
        start: Path,
        samples: Sequence[Sample],
        valid: Sequence[Sample],
        out: Path,
        say: Say = print,
    ) -> None:
        """Raises ValueError for settings or samples that cannot be trained with."""
        from accelerate import Accelerator

        device = pick_device(settings.device)
        on_gpu = device.type == "cuda"
        autocast = on_gpu and settings.method != "full"
        self._accelerator = Accelerator(
            mixed_precision="bf16" if autocast else "no", cpu=not on_gpu
        )
        self._settings = settings
        self._start = start
        self._out = out
        self._main = self._accelerator.is_main_process
        self._say: Say = say if self._main else _silent
        tool_format = get_format(settings.format)
        tokenizer = open_tokenizer(start)
        encoded = encode_samples(samples, tool_format, tokenizer, settings)
        self._examples = self._kept(encoded, "training")
        self._valid = self._kept(
            encode_samples(valid, tool_format, tokenizer, settings), "validation"
        )
        self._pass_cost = settings.pass_cost(on_gpu)
        self._plan = BatchPlan(
            lengths_of(self._examples), settings.batch_tokens, settings.seed, self._pass_cost
        )
        self._schedule = Schedule(settings, self._plan.steps_per_epoch)
        self._stamp = stamp(settings, self._examples)
        self._prepare(marker_ids(start, tool_format), on_gpu)

    def _kept(self, encoded: Encoded, of_what: str) -> list[Example]:
        if encoded.too_long:
            self._say(
                f"{encoded.too_long} {of_what} samples are longer than "
                f"{self._settings.max_length} tokens and are left out (--max-length)"
            )
        return encoded.examples

    def _prepare(self, markers: list[int], on_gpu: bool) -> None:
        settings, accelerator = self._settings, self._accelerator
        self._model = open_for_training(self._start, settings, markers)
        base = None
        if settings.kl and settings.method == "full":
            dtype = torch.bfloat16 if on_gpu else torch.float32
            base = open_model(self._start, dtype=dtype).to(accelerator.device).eval()
            base.requires_grad_(False)
        self._model.to(accelerator.device)
        self._working = WorkingCopy(self._model) if on_gpu and settings.method == "full" else None
        model = self._working.model if self._working else self._model
        parameters = sum(weight.numel() for weight in model.parameters())
        tokens = self._schedule.steps * settings.batch_tokens / accelerator.num_processes
        compiled = compiles(settings, on_gpu, parameters, tokens)
        loss = AnswerLoss(model, base, settings.kl, compiled)
        self._loss = accelerator.prepare_model(loss)
        self._weights = [weight for weight in self._model.parameters() if weight.requires_grad]
        self._optimizer = make_optimizer(self._weights, settings, on_gpu)
        self._origin = [w.detach().clone() for w in self._weights] if settings.pull else []
        self._mean = [w.detach().clone() for w in self._weights] if settings.ema else []
        self._rounded = None
        if settings.qat_from is not None:
            self._rounded = RoundedWeights(self._model, settings.block_sizes)

    def run(self, fresh: bool = False) -> Trained:
        """Trains to the end and writes the checkpoint to the output directory.

        Goes on from the state of an interrupted run unless `fresh`. Raises Interrupted after
        SIGINT or SIGTERM, ValueError if the state belongs to another run, and
        FloatingPointError if the loss is not a number any more.
        """
        state_folder = self._out / "state"
        if fresh:
            drop_state(state_folder)
        state = load_state(state_folder, self._stamp)
        step, seconds = self._restore(state) if state else (0, 0.0)
        self._clock = time.monotonic() - seconds
        self._mark = (step, seconds)
        stop = StopSignal()
        pending = Pending(self._accelerator, self._seconds, step)
        tokens = 0
        loss, valid_loss = math.nan, None
        with Journal(self._out / NAME, self._main, step) as journal, stop:
            for batch in self._plan.from_step(step):
                if step >= self._schedule.steps:
                    break
                result = self._step(step, batch)
                pending.add(result)
                step += 1
                tokens += result.tokens
                self._fit(step)
                ends = step >= self._schedule.steps or stop.asked
                saves = stop.asked or self._due(self._settings.save_every, step)
                # A state whose steps are not in the log would leave a gap in the curve.
                if ends or saves or step % self._settings.log_every == 0:
                    loss = pending.flush(journal, self._schedule.steps)
                if ends or self._due(self._settings.eval_every, step):
                    valid_loss = self._validate(journal, step)
                if saves:
                    self._save_state(state_folder, step)
                if stop.asked:
                    raise Interrupted(
                        f"stopped after step {step}; the same command goes on from there"
                    )
        seconds = self._seconds()
        if self._main:
            self._finish(step, seconds)
            drop_state(state_folder)
        self._accelerator.wait_for_everyone()
        return Trained(step, seconds, tokens, loss, valid_loss)

    def _due(self, every: int, step: int) -> bool:
        return every > 0 and step % every == 0

    def _step(self, step: int, batch: list[int]) -> StepResult:
        accelerator = self._accelerator
        rank, processes = accelerator.process_index, accelerator.num_processes
        torch.manual_seed(self._settings.seed * 1_000_003 + step * processes + rank)
        weight = sum(self._examples[index].weight for index in batch)
        shares = self._plan.share(batch, rank, processes, self._settings.micro_tokens)
        silent = not shares
        shares = shares or [batch[:1]]
        lr = self._schedule.lr(step)
        for group in self._optimizer.param_groups:
            group["lr"] = lr
        rounds = self._rounded is not None and self._schedule.rounds(step)
        if rounds and self._rounded:
            self._rounded.round()
        if self._working:
            self._working.load()
        sums = torch.zeros(2, device=accelerator.device)
        for number, share in enumerate(shares):
            examples = [self._examples[index] for index in share]
            made = collate(examples, accelerator.device, silent)
            if number + 1 < len(shares):
                with accelerator.no_sync(self._loss):
                    sums += self._backward(made, weight, processes)
            else:
                sums += self._backward(made, weight, processes)
        if rounds and self._rounded:
            self._rounded.restore()
        if self._working:
            self._working.hand_over_gradients()
        norm = torch.nn.utils.clip_grad_norm_(self._weights, self._settings.clip)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._after(lr)
        tokens = sum(len(self._examples[index].ids) for index in batch)
        return StepResult(step, lr, tokens, sums / weight, norm.detach())

    def _backward(self, batch: Any, weight: float, processes: int) -> torch.Tensor:
        total, answer, divergence = self._loss(batch)
        # Gradients are averaged over processes, but the loss is a sum over their shares.
        (total * (processes / weight)).backward()
        return torch.stack([answer, divergence])

    @torch.no_grad()
    def _after(self, lr: float) -> None:
        if self._origin:
            torch._foreach_lerp_(self._weights, self._origin, lr * self._settings.pull)
        if self._mean:
            torch._foreach_lerp_(self._mean, self._weights, 1 - self._settings.ema)

    def _fit(self, step: int) -> None:
        """Fits the schedule to the time budget, by the main process's clock."""
        schedule = self._schedule
        if not schedule.next_fit or (step != 1 and step < schedule.next_fit):
            return
        self._wait()
        seconds = self._seconds()
        if step >= schedule.next_fit:
            schedule.fit(step, seconds, self._mark)
            if self._accelerator.num_processes > 1:
                from accelerate.utils import broadcast_object_list

                agreed = [schedule.steps, schedule.next_fit]
                schedule.steps, schedule.next_fit = broadcast_object_list(agreed)
        self._mark = (step, seconds)

    def _validate(self, journal: Journal, step: int) -> float | None:
        if not self._valid:
            return None
        if self._working:
            self._working.load()
        mean: float = mean_loss(
            self._accelerator, self._loss, self._valid, self._settings.micro_tokens, self._pass_cost
        )
        journal.write([{"step": step, "validLoss": round(mean, 6)}])
        return mean

    def _save_state(self, folder: Path, step: int) -> None:
        if not self._main:
            return
        weights = {
            name: weight.detach()
            for name, weight in self._model.named_parameters()
            if weight.requires_grad
        }
        save_state(
            folder,
            State(
                stamp=self._stamp,
                step=step,
                seconds=self._seconds(),
                steps=self._schedule.steps,
                next_fit=self._schedule.next_fit,
                weights=weights,
                optimizer=self._optimizer.state_dict(),
                mean=self._mean,
            ),
        )

    def _restore(self, state: State) -> tuple[int, float]:
        self._model.load_state_dict(state.weights, strict=False)
        self._optimizer.load_state_dict(state.optimizer)
        with torch.no_grad():
            for mean, saved in zip(self._mean, state.mean, strict=True):
                mean.copy_(saved)
        self._schedule.steps, self._schedule.next_fit = state.steps, state.next_fit
        self._say(f"going on after step {state.step}")
        return state.step, state.seconds

    def _finish(self, step: int, seconds: float) -> None:
        if self._mean:
            with torch.no_grad():
                torch._foreach_copy_(self._weights, self._mean)
        save_result(self._model, self._start, self._out, self._settings, step, seconds)

    def _seconds(self) -> float:
        return time.monotonic() - self._clock

    def _wait(self) -> None:
        if self._accelerator.device.type == "cuda":
            torch.cuda.synchronize()


def _silent(line: str) -> None:
    """Only the main process speaks."""
