"""Samples as token ids, with a loss weight for every token of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edge_llm.architecture import FloatArray
from edge_llm.samples import Sample
from edge_llm.train.line_encoder import LineEncoder
from edge_llm.train.settings import TrainSettings

if TYPE_CHECKING:
    from edge_llm.formats import ToolFormat


@dataclass(frozen=True)
class Example:
    """One sample, ready for a batch."""

    ids: NDArray[np.int32]
    """Prompt and answer."""
    start: int
    """Where the answer begins."""
    weights: FloatArray
    """Loss weight of each answer token, `[len(ids) - start]`."""
    near_base: bool
    """Whether its answer is held near the base model's."""

    @property
    def weight(self) -> float:
        return float(self.weights.sum(dtype=np.float64))


@dataclass(frozen=True)
class Encoded:
    examples: list[Example]
    too_long: int
    """Samples left out because they have more than `max_length` tokens."""


def lengths_of(examples: Sequence[Example]) -> list[int]:
    """Tokens of each."""
    return [len(example.ids) for example in examples]


def open_tokenizer(directory: Path) -> Any:
    """The fast tokenizer of a model directory, without padding or truncation."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode_samples(
    samples: Sequence[Sample], tool_format: ToolFormat, tokenizer: Any, settings: TrainSettings
) -> Encoded:
    """Prompt and answer are encoded apart, as they are when the model is used."""
    encoder = LineEncoder(tokenizer)
    written: dict[int, str] = {}
    prompts = encoder.encode([tool_format.prompt(s.messages, s.tools, written) for s in samples])
    answers = encoder.encode([tool_format.answer(s.answer) for s in samples])
    examples = []
    for sample, prompt, answer in zip(samples, prompts, answers, strict=True):
        if len(prompt) + len(answer) > settings.max_length:
            continue
        examples.append(
            Example(
                ids=np.concatenate([prompt, answer]),
                start=len(prompt),
                weights=_weights(sample, len(answer), settings),
                near_base=sample.kind in settings.kl_kinds or sample.source in settings.kl_kinds,
            )
        )
    return Encoded(examples, len(samples) - len(examples))


def _weights(sample: Sample, length: int, settings: TrainSettings) -> FloatArray:
    weights = np.ones(length, np.float32)
    if not sample.answer.calls:
        # How a reply is worded matters less than that it is one, and where it ends.
        weights[settings.reply_head : -1] = settings.reply_weight
    weights[0] = settings.decision_weight
    return weights * np.float32(sample.weight)
