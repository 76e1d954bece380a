"""What a graph of 16-bit floats keeps in 32 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Wide:
    """Parts of a decoder that 16-bit floats cannot hold; by default there are none.

    Matrices are stored as ever: what is wide is what flows through them.
    """

    stream: bool = False
    """The residual stream, the scaled embedding, and every norm on or before it."""
    feed_forward: frozenset[int] = frozenset()
    """Layers whose feed-forward part is wide from its norm to what it adds."""
    attention_output: frozenset[int] = frozenset()
    """Layers whose projection after the attention is."""

    def __bool__(self) -> bool:
        return self.stream or bool(self.feed_forward) or bool(self.attention_output)

    def described(self) -> dict[str, Any]:
        """For a manifest."""
        return {
            "stream": self.stream,
            "feedForward": sorted(self.feed_forward),
            "attentionOutput": sorted(self.attention_output),
        }
