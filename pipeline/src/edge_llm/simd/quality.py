"""How far the SIMD core's logits are from fp32 arithmetic on the same rounded weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_llm.architecture import DecoderWeights, FloatArray
from edge_llm.chat import ChatTemplate
from edge_llm.corpus import PROMPTS
from edge_llm.manifest import DTYPE_FILES
from edge_llm.numpy_decoder import forward
from edge_llm.onnx_weights import read_onnx_model
from edge_llm.simd.decoder import SimdDecoder

_WINDOW = 512
_ROWS = 64


@dataclass(frozen=True)
class Lesson:
    """Tokens that are fed, and from which one on the logits count."""

    tokens: list[int]
    start: int = 0


@dataclass(frozen=True)
class Quality:
    what: str
    tokens: int
    mean: float
    """Kullback-Leibler divergence from fp32, in nats per token."""
    worst: float
    agreed: int
    """Tokens after which the most likely next one is the same."""


def measure(
    directory: Path,
    dtype: str,
    prompts: int,
    answer: int,
    text: str,
    report: Callable[[str], None],
) -> list[Quality]:
    """Scores answers to `prompts` requests, `answer` tokens each, and `text` as it is.

    Answers are those that the core gives greedily; both engines are fed the same tokens.
    Raises ValueError where the core cannot run the model or the graph is not this package's.
    """
    from tokenizers import Tokenizer

    decoder = SimdDecoder.open(directory, dtype)
    weights = read_onnx_model(directory, directory / DTYPE_FILES[dtype])
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    template = ChatTemplate(directory)
    results = []
    if prompts:
        report(f"{prompts} answers of {answer} tokens")
        requests = [template.prompt(request) for request in PROMPTS[:prompts]]
        encoded = [tokenizer.encode(request, add_special_tokens=False) for request in requests]
        lessons = [_answered(decoder, prompt.ids, answer) for prompt in encoded]
        results.append(_score(decoder, weights, lessons, "answers", report))
    if text:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        size = min(_WINDOW, decoder.plan.context)
        report(f"{len(ids)} tokens of text, {size} at a time")
        windows = [Lesson(ids[start : start + size]) for start in range(0, len(ids), size)]
        results.append(_score(decoder, weights, windows, "text", report))
    return results


def prose(path: Path, size: int) -> str:
    """The first `size` bytes of a text, or of the answers in a .jsonl file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        answers = (json.loads(line)["answer"] for line in text.splitlines())
        text = "\n\n".join(answers)
    return text.encode()[:size].decode(errors="ignore")


def _answered(decoder: SimdDecoder, prompt: list[int], count: int) -> Lesson:
    sequence = decoder.sequence()
    logits = decoder.feed(sequence, prompt[: decoder.plan.context - count])
    tokens = prompt[: decoder.plan.context - count]
    for _ in range(count):
        tokens = [*tokens, int(logits.argmax())]
        if len(tokens) < decoder.plan.context:
            logits = decoder.feed(sequence, tokens[-1:])
    sequence.truncate(0)
    return Lesson(tokens[:-1], len(tokens) - 1 - count)


def _score(
    decoder: SimdDecoder,
    weights: DecoderWeights,
    lessons: Sequence[Lesson],
    what: str,
    report: Callable[[str], None],
) -> Quality:
    head = weights.embedding if weights.head is None else weights.head
    divergences: list[float] = []
    agreed = 0
    for done, lesson in enumerate(lessons, 1):
        sequence = decoder.sequence()
        hidden = forward(weights, lesson.tokens)
        for start in range(0, len(lesson.tokens), _ROWS):
            rows = slice(start, start + _ROWS)
            actual = decoder.feed_all(sequence, lesson.tokens[rows])
            skipped = max(0, lesson.start - start)
            if skipped >= len(actual):
                continue
            own = _log_softmax(actual[skipped:])
            expected = _log_softmax(hidden[rows][skipped:] @ head.T)
            divergences += (np.exp(expected) * (expected - own)).sum(axis=-1).tolist()
            agreed += int((expected.argmax(axis=-1) == own.argmax(axis=-1)).sum())
        sequence.truncate(0)
        report(f"{done} of {len(lessons)}: mean KL {np.mean(divergences):.1e}")
    return Quality(what, len(divergences), float(np.mean(divergences)), max(divergences), agreed)


def _log_softmax(logits: FloatArray) -> FloatArray:
    # Double precision for a few rows at a time: vocabularies are large.
    values = logits.astype(np.float64)
    values -= values.max(axis=-1, keepdims=True)
    normalized: FloatArray = values - np.log(np.exp(values).sum(axis=-1, keepdims=True))
    return normalized
