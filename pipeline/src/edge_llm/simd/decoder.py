"""A model on the SIMD core, on one thread."""

from __future__ import annotations

from collections.abc import Sequence as Tokens
from pathlib import Path

import numpy as np

from edge_llm.architecture import FloatArray
from edge_llm.simd.core_memory import CoreMemory
from edge_llm.simd.core_module import CoreModule
from edge_llm.simd.kv_pages import PAGE_TOKENS, KVPages, Sequence
from edge_llm.simd.model_plan import ModelPlan
from edge_llm.simd.plan_model import plan_model
from edge_llm.simd.plan_writer import PlanWriter
from edge_llm.simd.structs import RUN, RUN_BYTES, packed

_FIRST_CONTEXT = 1024


class SimdDecoder:
    """Gives the logits that the browser gives, to the bit.

    `max_tokens` are the most of one pass; results do not depend on it. Raises MemoryError.
    """

    def __init__(self, plan: ModelPlan, *, max_tokens: int = 64) -> None:
        self.plan = plan
        self.max_tokens = max_tokens
        self.core = CoreModule()
        self._memory = CoreMemory(self.core)
        self._plan = PlanWriter(self._memory).write(plan)
        self.core.call("prepare", self._plan)
        self._pages = KVPages(self._memory, self.core.call("pageBytes", self._plan))
        scratch = self.core.call("scratchBytes", self._plan, max_tokens, 1)
        self._run = self._memory.allocate(RUN_BYTES)
        self._tokens = self._memory.allocate(4 * max_tokens)
        self._logits = (0, 0)
        self._table = 0
        self._context = 0
        self._write(0, 0)
        address = self._memory.allocate(scratch, 64)
        self.core.call("placeScratch", self._run, address, max_tokens, 1)

    @classmethod
    def open(cls, directory: Path, dtype: str = "q4") -> SimdDecoder:
        """A model directory's decoder. Raises Unsupported with the reason where it has none."""
        return cls(plan_model(directory, dtype))

    def sequence(self) -> Sequence:
        """An empty sequence."""
        return Sequence(self._pages)

    def feed(self, sequence: Sequence, tokens: Tokens[int]) -> FloatArray:
        """Appends tokens; the logits `[vocab]` after the last one.

        Raises ValueError for tokens that the model has not, and when its context is full.
        """
        last: FloatArray = self._feed(sequence, tokens, every=False)[-1]
        return last

    def feed_all(self, sequence: Sequence, tokens: Tokens[int]) -> FloatArray:
        """The same with the logits after each of them, `[tokens, vocab]`."""
        return self._feed(sequence, tokens, every=True)

    def _feed(self, sequence: Sequence, tokens: Tokens[int], *, every: bool) -> FloatArray:
        self._check(sequence, tokens)
        before = sequence.length
        parts: list[FloatArray] = []
        try:
            for start in range(0, len(tokens), self.max_tokens):
                part = tokens[start : start + self.max_tokens]
                is_last = start + len(part) == len(tokens)
                wanted = len(part) if every else int(is_last)
                parts += self._pass(sequence, part, wanted)
        except BaseException:
            sequence.truncate(before)
            raise
        return np.concatenate(parts)

    def _pass(self, sequence: Sequence, tokens: Tokens[int], wanted: int) -> list[FloatArray]:
        past, count, memory = sequence.length, len(tokens), self._memory
        self._make_room(past + count, wanted)
        sequence.reserve(count)
        memory.integers(self._tokens, count)[:] = tokens
        pages = np.asarray(sequence.pages, np.uint32)
        memory.integers(self._table, len(pages))[:] = pages.view(np.int32)
        self._write(count, past)
        self.core.call("begin", self._run, 0, 1)
        for layer in range(len(self.plan.layers)):
            self.core.call("layer", self._run, layer, 0, 1)
        sequence.length += count
        if not wanted:
            return []
        self.core.call("logits", self._run, count - wanted, wanted, 0, 1)
        logits = memory.floats(self._logits[0], wanted * self.plan.vocab)
        return [logits.reshape(wanted, self.plan.vocab).copy()]

    def _check(self, sequence: Sequence, tokens: Tokens[int]) -> None:
        if not len(tokens):
            raise ValueError("there are no tokens to feed")
        total = sequence.length + len(tokens)
        if total > self.plan.context:
            raise ValueError(f"the model holds {self.plan.context} tokens, and there are {total}")
        for token in tokens:
            if not 0 <= token < self.plan.embedding.rows:
                raise ValueError(f"{token} is no token of this model")

    def _make_room(self, context: int, rows: int) -> None:
        if context > self._context:
            room = min(self.plan.context, max(_FIRST_CONTEXT, 2 * self._context, context))
            self._table = self._memory.allocate(4 * -(-room // PAGE_TOKENS))
            self._context = room
        if rows > self._logits[1]:
            self._logits = (self._memory.allocate(4 * rows * self.plan.vocab, 64), rows)

    def _write(self, count: int, past: int) -> None:
        values = {
            "plan": self._plan,
            "tokens": self._tokens,
            "count": count,
            "past": past,
            "pages": self._table,
            "logits": self._logits[0],
        }
        data = packed(RUN, values)
        self._memory.bytes(self._run, len(data))[:] = np.frombuffer(data, np.uint8)
