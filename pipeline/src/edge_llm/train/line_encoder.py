"""Encodes many texts that share lines, such as prompts that list the same tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BEFORE, _AFTER = "a1}.>é", "a1{<é("
"""Characters that stand for the kinds that tokenizers tell apart, around a line's end."""


class LineEncoder:
    """The ids that a tokenizer gives whole texts, with every distinct line encoded once.

    Lines are told apart only where the tokenizer always parts its words there, which is
    tried out; with any other tokenizer, texts are encoded whole.
    """

    def __init__(self, tokenizer: Any) -> None:
        """`tokenizer` is a `tokenizers.Tokenizer` without padding or truncation."""
        self._tokenizer = tokenizer
        self._by_line = _parts_at_lines(tokenizer)

    def encode(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Ids of each text, without special tokens around it."""
        pieces = [_lines(text) if self._by_line else [text] for text in texts]
        numbers: dict[str, int] = {}
        for lines in pieces:
            for line in lines:
                numbers.setdefault(line, len(numbers))
        made = self._tokenizer.encode_batch_fast(list(numbers), add_special_tokens=False)
        ids = [np.asarray(one.ids, np.int32) for one in made]
        return [np.concatenate([ids[numbers[line]] for line in lines]) for lines in pieces]


def _lines(text: str) -> list[str]:
    """Parts of a text at ends of lines that have no other white space beside them."""
    lines: list[str] = []
    start = 0
    end = text.find("\n")
    while 0 <= end < len(text) - 1:
        if end and not text[end - 1].isspace() and not text[end + 1].isspace():
            lines.append(text[start : end + 1])
            start = end + 1
        end = text.find("\n", end + 1)
    lines.append(text[start:])
    return lines


def _parts_at_lines(tokenizer: Any) -> bool:
    """Whether no token reaches over an end of line, and none depends on what is beyond it."""
    if tokenizer.normalizer is not None or tokenizer.pre_tokenizer is None:
        return False
    for token in tokenizer.get_added_tokens_decoder().values():
        if token.lstrip or token.rstrip or token.single_word or "\n" in token.content:
            return False

    def words(text: str) -> list[str]:
        return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text)]

    return all(
        words(f"{before}\n{after}") == words(f"{before}\n") + words(after)
        for before in _BEFORE
        for after in _AFTER
    )
