"""Batched greedy answers of a Hugging Face model to samples."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_llm.formats import ToolFormat
from edge_llm.graph.precision import BlockSizes
from edge_llm.samples import Call, Sample, Tool
from edge_llm.schema_check import schema_problems
from edge_llm.score import Prediction

DTYPES = ("fp32", "bf16", "q4")
"""`q4` computes in fp32 with weights rounded as the shipped file stores them."""


@dataclass(frozen=True)
class PredictSettings:
    dtype: str = "fp32"
    sizes: BlockSizes = field(default_factory=BlockSizes)
    """How `q4` rounds."""
    max_new_tokens: int = 256
    batch_tokens: int = 131_072
    """Tokens of all rows of a batch, prompt and answer together."""
    call_bias: float = 0.0
    """Added to the first logit of a call; above 0 makes calls likelier."""


def predict(
    model: Any,
    directory: Path,
    samples: Sequence[Sample],
    tool_format: ToolFormat,
    settings: PredictSettings | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Prediction]:
    """Answers in the order of the samples; `directory` holds the tokenizer.

    `model` is left on its device, in the precision asked for. `progress` hears how many
    samples are done, and of how many.
    """
    from edge_llm.train.generate import Generator

    generator = Generator(model, directory, tool_format, settings or PredictSettings())
    prompts = [tool_format.prompt(sample.messages, sample.tools) for sample in samples]
    return [
        read_answer(sample, raw, call_logit, tool_format)
        for sample, (raw, call_logit) in zip(
            samples, generator.answers(prompts, progress), strict=True
        )
    ]


def read_answer(
    sample: Sample, raw: str, call_logit: float | None, tool_format: ToolFormat
) -> Prediction:
    """Parses an answer and parts its calls into valid and rejected ones."""
    parsed = tool_format.parse(raw)
    tools = {tool.name: tool for tool in sample.tools}
    calls: list[Call] = []
    rejected: list[dict[str, Any]] = []
    for call in parsed.calls:
        reason = _why_not(call, tools)
        if reason is None:
            calls.append(call)
        else:
            rejected.append({**call.to_json(), "reason": reason})
    if parsed.malformed:
        rejected.append({"reason": parsed.malformed, "raw": raw})
    return Prediction(
        id=sample.id,
        calls=tuple(calls),
        rejected=tuple(rejected),
        text=parsed.text,
        raw=raw,
        call_logit=call_logit,
    )


def _why_not(call: Call, tools: dict[str, Tool]) -> str | None:
    if call.name not in tools:
        return "no such tool"
    return next(schema_problems(call.arguments, tools[call.name].parameters), None)


def write_predictions(path: Path, predictions: Iterable[Prediction]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for prediction in predictions:
            file.write(json.dumps(prediction.to_json(), ensure_ascii=False) + "\n")


def read_predictions(path: Path) -> list[Prediction]:
    with path.open(encoding="utf-8") as file:
        return [Prediction.from_json(json.loads(line)) for line in file if line.strip()]
