"""ONNX Runtime's logits beside those of plain numpy."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from edge_llm.architecture import DecoderWeights
from edge_llm.numpy_decoder import forward
from edge_llm.session import DecoderSession, KeyValueCache

TOLERANCE = {"fp32": 1e-4, "q4": 1e-4, "fp16": 2e-2, "q4f16": 2e-2}
"""Largest difference allowed, relative to the largest logit."""

_LONGEST = 96


def largest_difference(graph: Path, weights: DecoderWeights, prompts: Iterable[list[int]]) -> float:
    """Over all positions of the prompts, relative to the largest logit."""
    session = DecoderSession(graph)
    head = weights.embedding if weights.head is None else weights.head
    worst = 0.0
    for prompt in prompts:
        tokens = prompt[:_LONGEST]
        expected = forward(weights, tokens) @ head.T
        got = session.forward(tokens, KeyValueCache(), keep=0)
        worst = max(worst, float(np.abs(got - expected).max() / np.abs(expected).max()))
    return worst
