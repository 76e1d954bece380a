"""How far each precision of a model is from fp32, on the model's own greedy answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_llm.architecture import FloatArray
from edge_llm.chat import ChatTemplate
from edge_llm.corpus import PROMPTS
from edge_llm.doctor.taps import open_as_half
from edge_llm.session import DecoderSession, KeyValueCache

_CHUNK = 16

LogProbs = NDArray[np.float64]


@dataclass(frozen=True)
class Teacher:
    """One prompt with the answer of fp32 and its log-probabilities for every answer token."""

    prompt: list[int]
    answer: list[int]
    log_probs: LogProbs

    @property
    def fed(self) -> list[int]:
        return self.prompt + self.answer[:-1]


@dataclass(frozen=True)
class Agreement:
    file: str
    megabytes: float
    kl: float
    """Mean Kullback-Leibler divergence from fp32, in nats per token."""
    agreed: int
    """Answer tokens for which the most likely token is that of fp32."""
    tokens: int
    chunk_kl: float
    """Mean divergence of prefill in chunks from prefill at once, same precision."""
    prefill: float
    """Tokens per second, native onnxruntime on the CPU."""
    decode: float


def teachers(directory: Path, fp32: Path, prompts: int, tokens: int) -> list[Teacher]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    template = ChatTemplate(directory)
    session = DecoderSession(fp32)
    made = []
    for request in PROMPTS[:prompts]:
        prompt = tokenizer.encode(template.prompt(request), add_special_tokens=False).ids
        answer = session.greedy(prompt, tokens)
        logits = session.forward(prompt + answer[:-1], KeyValueCache(), keep=tokens)
        made.append(Teacher(prompt, answer, _log_softmax(logits)))
    return made


def compare(
    model: Path, lessons: Sequence[Teacher], first: KeyValueCache | None = None
) -> Agreement:
    """`first` holds keys and values of the token that all lessons begin with, from elsewhere."""
    # 16 bits as a GPU has them: onnxruntime's CPU computes with 32 where it likes.
    session = open_as_half(model)
    kl: list[float] = []
    chunk_kl: list[float] = []
    agreed = 0
    started = time.perf_counter()
    at_once = [_score(session, lesson, first) for lesson in lessons]
    prefill = sum(len(lesson.fed) for lesson in lessons) / (time.perf_counter() - started)
    for lesson, scored in zip(lessons, at_once, strict=True):
        kl.extend(_kl(lesson.log_probs, scored))
        agreed += int((lesson.log_probs.argmax(-1) == scored.argmax(-1)).sum())
        chunk_kl.extend(_kl(scored, _score_in_chunks(session, lesson, first)))
    return Agreement(
        file=model.name if first is None else f"{model.name}, first token fp32",
        megabytes=model.stat().st_size / 1e6,
        kl=float(np.mean(kl)),
        agreed=agreed,
        tokens=len(kl),
        chunk_kl=float(np.mean(chunk_kl)),
        prefill=prefill,
        decode=_decode_speed(DecoderSession(model), lessons[0]),
    )


def compare_all(
    directory: Path,
    models: Sequence[Path],
    prompts: int,
    tokens: int,
    report: Callable[[str], None],
    exact_first: bool = False,
) -> list[Agreement]:
    """Compares graphs with the directory's fp32 graph, which must be there.

    With `exact_first` each a second time with the first token's keys and values from fp32.
    """
    fp32 = directory / "onnx" / "model.onnx"
    if not fp32.is_file():
        raise FileNotFoundError(f"{fp32} is missing; make it with `edge-llm convert --dtypes fp32`")
    report(f"fp32 answers {prompts} prompts with {tokens} tokens each")
    lessons = teachers(directory, fp32, prompts, tokens)
    results = []
    for model in models:
        report(f"scoring {model.name}")
        results.append(compare(model, lessons))
        if exact_first:
            results.append(compare(model, lessons, _first(fp32, lessons)))
    return results


def _first(fp32: Path, lessons: Sequence[Teacher]) -> KeyValueCache:
    tokens = {lesson.fed[0] for lesson in lessons}
    if len(tokens) != 1:
        raise ValueError("the prompts begin with different tokens")
    cache = KeyValueCache()
    DecoderSession(fp32).forward(tokens, cache)
    return cache


def _score(session: DecoderSession, lesson: Teacher, first: KeyValueCache | None) -> LogProbs:
    cache = KeyValueCache() if first is None else replace(first)
    return _log_softmax(session.forward(lesson.fed[cache.length :], cache, len(lesson.answer)))


def _score_in_chunks(
    session: DecoderSession, lesson: Teacher, first: KeyValueCache | None
) -> LogProbs:
    cache = KeyValueCache() if first is None else replace(first)
    parts: list[FloatArray] = [
        session.forward(lesson.fed[start : start + _CHUNK], cache, keep=0)
        for start in range(cache.length, len(lesson.fed), _CHUNK)
    ]
    return _log_softmax(np.concatenate(parts)[-len(lesson.answer) :])


def _decode_speed(session: DecoderSession, lesson: Teacher) -> float:
    cache = KeyValueCache()
    session.forward(lesson.prompt, cache)
    started = time.perf_counter()
    for token in lesson.answer:
        session.forward([token], cache)
    return len(lesson.answer) / (time.perf_counter() - started)


def _log_softmax(logits: FloatArray) -> LogProbs:
    values = logits.astype(np.float64)
    values -= values.max(axis=-1, keepdims=True)
    normalized: LogProbs = values - np.log(np.exp(values).sum(axis=-1, keepdims=True))
    return normalized


def _kl(expected: LogProbs, actual: LogProbs) -> list[float]:
    divergence: list[float] = (np.exp(expected) * (expected - actual)).sum(axis=-1).tolist()
    return divergence
