"""How far the SIMD core's logits are from fp32 arithmetic on the same rounded weights."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock

from edge_llm.architecture import DecoderWeights, FloatArray
from edge_llm.chat import ChatTemplate
from edge_llm.corpus import PROMPTS
from edge_llm.manifest import DTYPE_FILES
from edge_llm.numpy_decoder import forward
from edge_llm.onnx_weights import read_onnx_model
from edge_llm.simd.decoder import SimdDecoder
from edge_llm.simd.divergence import Divergence
from edge_llm.simd.engines import OTHERS, CoreEngine, Engine
from edge_llm.simd.model_plan import ModelPlan
from edge_llm.simd.plan_model import plan_model

_WINDOW = 512
_ROWS = 64
_MOST_TOKENS = 5000

LARGEST_MEAN = 3e-3
LEAST_AGREED = 0.99


@dataclass(frozen=True)
class Lesson:
    """Tokens that are fed. With an answer, as many greedy ones follow, and they alone count."""

    tokens: list[int]
    answer: int = 0


@dataclass(frozen=True)
class Quality:
    what: str
    tokens: int
    mean: float
    """Kullback-Leibler divergence from fp32, in nats per token."""
    worst: float
    agreed: int
    """Tokens after which the most likely next one is the same."""

    @property
    def is_held(self) -> bool:
        """Whether it is as good as the core must be."""
        return self.mean <= LARGEST_MEAN and self.agreed >= LEAST_AGREED * self.tokens


@dataclass(frozen=True)
class Lessons:
    """What is scored: `prompts` requests with `answer` tokens each, and `text` as it is."""

    prompts: int
    answer: int
    text: str

    def of(self, directory: Path, context: int) -> list[Lesson]:
        """The same in a model's tokens, longest first."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        template = ChatTemplate(directory)
        requests = [template.prompt(request) for request in PROMPTS[: self.prompts]]
        encoded = [tokenizer.encode(request, add_special_tokens=False) for request in requests]
        ids = tokenizer.encode(self.text, add_special_tokens=False).ids if self.text else []
        # Tiny models read letter by letter: what 20 kB are to others is enough for them.
        ids = ids[:_MOST_TOKENS]
        size = min(_WINDOW, context)
        windows = [Lesson(ids[start : start + size]) for start in range(0, len(ids), size)]
        answers = [Lesson(each.ids[: context - self.answer], self.answer) for each in encoded]
        return windows + answers


def measure(
    directory: Path,
    dtype: str,
    lessons: Lessons,
    report: Callable[[str], None],
    beside: Sequence[str] = (),
) -> list[Quality]:
    """Scores the core, and on the answers what `beside` names of `OTHERS`.

    Answers are those that the core gives greedily; all engines are fed the same tokens. Runs
    on all CPU cores; the result does not depend on how many there are.
    Raises ValueError where the core cannot run the model or the graph is not this package's.
    """
    unknown = [name for name in beside if name not in OTHERS]
    if unknown:
        raise ValueError(f"{unknown[0]} is none of {', '.join(OTHERS)}")
    plan = plan_model(directory, dtype)
    weights = read_onnx_model(directory, directory / DTYPE_FILES[dtype])
    todo: SimpleQueue[Lesson] = SimpleQueue()
    wanted = lessons.of(directory, plan.context)
    for lesson in wanted:
        todo.put(lesson)
    report(f"{directory}: {sum(len(lesson.tokens) + lesson.answer for lesson in wanted)} tokens")
    # Opened once: they are large, and transformers cannot be imported by two threads at a time.
    others = _Others({name: OTHERS[name](directory, dtype, weights) for name in beside}, Lock())

    def work() -> dict[str, Divergence]:
        return _Worker(plan, weights, others).run(todo)

    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        parts = [job.result() for job in [pool.submit(work) for _ in range(workers)]]
    totals: dict[str, Divergence] = {}
    for part in parts:
        for what, score in part.items():
            totals.setdefault(what, Divergence()).include(score)
    return [
        Quality(
            what,
            len(score.values),
            sum(score.values) / len(score.values),
            max(score.values),
            score.agreed,
        )
        for what, score in sorted(totals.items())
    ]


def prose(path: Path, size: int) -> str:
    """The first `size` bytes of a text, or of the answers in a .jsonl file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        answers = (json.loads(line)["answer"] for line in text.splitlines())
        text = "\n\n".join(answers)
    return text.encode()[:size].decode(errors="ignore")


@dataclass(frozen=True)
class _Others:
    """Engines that threads share, one at a time."""

    engines: dict[str, Engine]
    lock: Lock


class _Worker:
    """One thread's core. It gives the interpreter free while it computes."""

    def __init__(self, plan: ModelPlan, weights: DecoderWeights, others: _Others) -> None:
        self._weights = weights
        self._head = weights.embedding if weights.head is None else weights.head
        self._core = CoreEngine(SimdDecoder(plan))
        self._others = others

    def run(self, todo: SimpleQueue[Lesson]) -> dict[str, Divergence]:
        scores: dict[str, Divergence] = defaultdict(Divergence)
        while True:
            try:
                lesson = todo.get_nowait()
            except Empty:
                return scores
            tokens, start = self._answered(lesson)
            hidden = forward(self._weights, tokens)
            what = "answers" if lesson.answer else "text"
            self._compare(self._core, tokens, start, hidden, scores[what])
            if lesson.answer:
                with self._others.lock:
                    for name, engine in self._others.engines.items():
                        self._compare(engine, tokens, start, hidden, scores[f"{what}, {name}"])

    def _compare(
        self, engine: Engine, tokens: list[int], start: int, hidden: FloatArray, score: Divergence
    ) -> None:
        engine.begin()
        for first in range(0, len(tokens), _ROWS):
            rows = slice(first, first + _ROWS)
            actual = engine.feed(tokens[rows])
            skipped = max(0, start - first)
            score.add(hidden[rows][skipped:] @ self._head.T, actual[skipped:])

    def _answered(self, lesson: Lesson) -> tuple[list[int], int]:
        """The tokens to feed, and the first of them after which logits count."""
        if not lesson.answer:
            return lesson.tokens, 0
        decoder = self._core.decoder
        sequence = decoder.sequence()
        tokens = list(lesson.tokens)
        logits = decoder.feed(sequence, tokens)
        while True:
            tokens.append(int(logits.argmax()))
            if len(tokens) == len(lesson.tokens) + lesson.answer:
                break
            logits = decoder.feed(sequence, tokens[-1:])
        sequence.truncate(0)
        return tokens[:-1], len(lesson.tokens) - 1
