"""Keys and values of texts: tables of pages out of one pool."""

from __future__ import annotations

from edge_llm.simd.core_memory import CoreMemory

PAGE_TOKENS = 64
"""Tokens of a page; the core's `PAGE_TOKENS`."""


class KVPages:
    """The pool: pages that sequences gave back are used again."""

    def __init__(self, memory: CoreMemory, page_bytes: int) -> None:
        self._memory = memory
        self._bytes = page_bytes
        self._free: list[int] = []

    def take(self) -> int:
        return self._free.pop() if self._free else self._memory.allocate(self._bytes)

    def release(self, pages: list[int]) -> None:
        self._free += pages


class Sequence:
    """The keys and values of one text."""

    def __init__(self, pool: KVPages) -> None:
        self._pool = pool
        self.pages: list[int] = []
        self.length = 0
        """Tokens in it."""

    def reserve(self, count: int) -> None:
        """Makes room for `count` more tokens."""
        while len(self.pages) * PAGE_TOKENS < self.length + count:
            self.pages.append(self._pool.take())

    def truncate(self, length: int) -> None:
        """Cuts to the first `length` tokens; keeps what is shorter."""
        self.length = min(self.length, max(0, length))
        keep = -(-self.length // PAGE_TOKENS)
        self._pool.release(self.pages[keep:])
        del self.pages[keep:]
