"""The fp32 graph writes what transformers writes from the same GGUF file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from edge_llm.architecture import DecoderWeights
from edge_llm.chat import ChatTemplate
from edge_llm.gguf_source import packaged_smollm2
from edge_llm.numpy_decoder import forward
from edge_llm.session import DecoderSession, KeyValueCache


@pytest.fixture(scope="module")
def session(full: Path) -> DecoderSession:
    return DecoderSession(full / "onnx" / "model.onnx")


@pytest.fixture(scope="module")
def prompts(full: Path, reference: dict[str, Any]) -> list[list[int]]:
    template = ChatTemplate(full)
    tokenizer = Tokenizer.from_file(str(full / "tokenizer.json"))
    return [
        tokenizer.encode(template.prompt(row["prompt"]), add_special_tokens=False).ids
        for row in reference["transformersGreedy"]
    ]


def test_greedy_tokens_equal_transformers(
    session: DecoderSession, prompts: list[list[int]], reference: dict[str, Any]
) -> None:
    expected = [row["ids"] for row in reference["transformersGreedy"]]
    made = [session.greedy(prompt, len(ids)) for prompt, ids in zip(prompts, expected, strict=True)]
    assert made == expected


def test_greedy_tokens_equal_live_transformers(
    session: DecoderSession, prompts: list[list[int]]
) -> None:
    for module in ("torch", "xllamacpp"):
        pytest.importorskip(module, reason="needs --group reference")
    from edge_llm.reference import transformers_greedy

    for prompt, ids in zip(
        prompts[:2], transformers_greedy(packaged_smollm2().path, prompts[:2]), strict=True
    ):
        assert session.greedy(prompt, len(ids)) == ids


def test_logits_equal_plain_numpy(
    session: DecoderSession, prompts: list[list[int]], weights: DecoderWeights
) -> None:
    expected = forward(weights, prompts[0]) @ weights.embedding.T
    logits = session.forward(prompts[0], KeyValueCache(), keep=0)
    np.testing.assert_allclose(logits, expected, atol=1e-3)
