"""Everything that decides what a training run makes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from edge_llm.graph.precision import BlockSizes

METHODS = ("full", "lora", "qlora")
DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True)
class TrainSettings:
    """All settings, JSON-serialisable; two runs with equal settings and data are equal."""

    format: str = "hermes"
    """Tool format of prompts and answers; decides which tokens are renamed."""
    method: str = "full"
    """`full`: every weight; `lora`: an adapter; `qlora`: an adapter over 4-bit weights (CUDA)."""
    device: str = "auto"
    """`auto` takes CUDA where there is one, else the CPU."""
    seed: int = 1
    """Order of samples, initial adapter weights, dropout."""

    epochs: float | None = None
    """Passes over the data; 1 where neither this, `max_steps` nor `minutes` is set."""
    max_steps: int | None = None
    """Optimizer steps at most; the learning rate reaches its end there."""
    minutes: float | None = None
    """Time for the steps; the schedule is fitted to the speed this machine shows."""

    batch_tokens: int = 32_768
    """Tokens of one optimizer step, over all processes, without padding."""
    micro_tokens: int = 32_768
    """Tokens, padding included, that one process handles at once; it accumulates the rest."""
    launch_tokens: int | None = None
    """What starting one more forward and backward pass costs, in tokens of padding: the more,
    the fewer and the wider passes. By default 16384 on CUDA, where a pass of less waits for the
    host's CPU, and 4096 on the CPU."""
    max_length: int = 2_048
    """Samples with more tokens are left out, and counted."""

    lr: float | None = None
    """Peak learning rate; by default 2e-4 for `full` and 1e-3 for adapters."""
    final_lr: float = 0.1
    """Share of the peak that the cosine ends at."""
    warmup_steps: int = 10
    """Steps of linear warm-up."""
    weight_decay: float = 0.01
    """AdamW's decay towards zero, of matrices only."""
    pull: float = 0.0
    """Decay towards the starting weights, as `weight_decay` is towards zero; `full` only."""
    clip: float = 1.0
    """Largest norm of the gradient."""

    reply_weight: float = 0.3
    """Loss weight of a plain reply's tokens, but its first `reply_head` and its end."""
    reply_head: int = 3
    """Tokens at the start of a plain reply that count in full: they decide against a call."""
    decision_weight: float = 1.0
    """Loss weight of every answer's first token, on which call or no call hangs."""
    kl: float = 0.0
    """Weight of the divergence from the base model on answers of `kl_kinds`."""
    kl_kinds: tuple[str, ...] = ("chat", "replay")
    """Kinds or sources of samples that `kl` applies to."""
    interpolate: float = 0.0
    """Share of the way that the result goes back towards the base: 0 keeps it, 1 undoes it."""
    ema: float = 0.0
    """Decay of a running mean of the weights that is saved instead of the last; 0 for none."""
    qat_from: float | None = None
    """Share of the steps from which weights are rounded as q4 stores them; `full` only."""
    block: int = 32
    """Weights of a 4-bit matrix that share a scale, when rounded: 16, 32, 64 or 128."""
    embedding_bits: int = 8
    """Bits of the embedding's values, when rounded: 4 or 8."""
    embedding_block: int = 32
    """Values of the embedding that share a scale, when rounded."""

    lora_rank: int = 32
    lora_alpha: int = 64
    lora_dropout: float = 0.0

    compile: bool | None = None
    """torch.compile for the decoder: some 20 s at the start, then faster steps. CUDA only. By
    default for whole weights where over two minutes of training are expected and the machine
    has Triton, a C compiler and Python's headers."""
    eval_every: int = 0
    """Steps between losses on the validation samples; 0 for one at the end only."""
    log_every: int = 10
    """Steps between looks at the device's results, each of which waits for it."""
    save_every: int = 500
    """Steps between states to resume from; 0 for only when interrupted."""

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise ValueError(problem)
        _ = self.block_sizes

    def _problems(self) -> list[str]:
        """What cannot be, each with the option it is set by."""
        checks = [
            (self.method in METHODS, f"--method {self.method}: choose {', '.join(METHODS)}"),
            (self.device in DEVICES, f"--device {self.device}: choose {', '.join(DEVICES)}"),
            (self.batch_tokens > 0, "--batch-tokens must be above 0"),
            (self.micro_tokens > 0, "--micro-tokens must be above 0"),
            (
                self.launch_tokens is None or self.launch_tokens >= 0,
                "--launch-tokens must be at least 0",
            ),
            (self.log_every > 0, "--log-every must be above 0"),
            (self.max_steps is None or self.max_steps > 0, "--max-steps must be above 0"),
            (self.epochs is None or self.epochs > 0, "--epochs must be above 0"),
            (self.minutes is None or self.minutes > 0, "--minutes must be above 0"),
            (0 <= self.interpolate <= 1, "--interpolate must be from 0 to 1"),
            (0 <= self.ema < 1, "--ema must be at least 0 and below 1"),
            (self.qat_from is None or 0 <= self.qat_from <= 1, "--qat-from must be from 0 to 1"),
            (
                self.method == "full" or (self.qat_from is None and self.pull == 0),
                f"--qat-from and --pull work on whole weights; leave them out with "
                f"--method {self.method}, or use --method full",
            ),
        ]
        return [problem for fine, problem in checks if not fine]

    @property
    def peak_lr(self) -> float:
        if self.lr is not None:
            return self.lr
        return 2e-4 if self.method == "full" else 1e-3

    @property
    def block_sizes(self) -> BlockSizes:
        """How weights are rounded."""
        return BlockSizes(self.block, self.embedding_bits, self.embedding_block)

    def pass_cost(self, on_gpu: bool) -> int:
        """`launch_tokens`, or its default."""
        if self.launch_tokens is not None:
            return self.launch_tokens
        return 16_384 if on_gpu else 4_096

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> TrainSettings:
        """Raises ValueError for names that are no settings."""
        unknown = sorted(set(value) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(unknown)}")
        known = dict(value)
        if "kl_kinds" in known:
            known["kl_kinds"] = tuple(known["kl_kinds"])
        return cls(**known)

    @classmethod
    def read(cls, path: Path) -> TrainSettings:
        return cls.from_json(json.loads(path.read_text(encoding="utf-8")))
