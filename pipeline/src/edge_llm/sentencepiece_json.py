"""A GGUF's SentencePiece vocabulary as the `tokenizer.json` of a Gemma."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
"""Types of tokens in a GGUF file."""

_SPACE = "▁"


def sentencepiece_json(
    tokens: Sequence[str], scores: Sequence[float], types: Sequence[int], bos: int | None
) -> dict[str, Any]:
    """Byte-pair merges in order of score, spaces as "▁", bytes for what is not in the vocabulary.

    `bos` is the token that begins every text, if one does.
    """
    # GGUF writes runs of spaces that a user defined as they look.
    tokens = [
        token.replace(" ", _SPACE) if kind == USER_DEFINED else token
        for token, kind in zip(tokens, types, strict=True)
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": index,
                "content": token,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": kind == CONTROL,
            }
            for index, (token, kind) in enumerate(zip(tokens, types, strict=True))
            if kind in (CONTROL, USER_DEFINED)
        ],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": _SPACE},
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"String": " "},
            "behavior": "MergedWithPrevious",
            "invert": False,
        },
        "post_processor": None if bos is None else _begins_with(bos, tokens[bos]),
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": _SPACE}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": {token: index for index, token in enumerate(tokens)},
            "merges": _merges_of(tokens, scores, types),
        },
    }


def _merges_of(
    tokens: Sequence[str], scores: Sequence[float], types: Sequence[int]
) -> list[tuple[str, str]]:
    """Every way to join two tokens to a third, the best third first.

    Of equally good ones the longer parts come first, then the parts that the file has first.
    SentencePiece joins by the score of what comes out and has no list of merges
    (https://github.com/google/sentencepiece, bpe_model.cc).
    """
    index_of = {token: index for index, token in enumerate(tokens)}
    found = []
    for token, score, kind in zip(tokens, scores, types, strict=True):
        if kind not in (NORMAL, USER_DEFINED):
            continue
        # GGUF gives those that a user defined a score of their own; they go before all.
        rank = 0.0 if kind == USER_DEFINED else -score
        for cut in range(1, len(token)):
            left, right = token[:cut], token[cut:]
            if left in index_of and right in index_of:
                order = (rank, -cut, cut - len(token), index_of[left], index_of[right])
                found.append((order, left, right))
    return [(left, right) for _, left, right in sorted(found)]


def _begins_with(index: int, token: str) -> dict[str, Any]:
    special = {"SpecialToken": {"id": token, "type_id": 0}}
    first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    return {
        "type": "TemplateProcessing",
        "single": [special, first],
        "pair": [special, first, special, second],
        "special_tokens": {token: {"id": token, "ids": [index], "tokens": [token]}},
    }
