"""The committed vectors for JavaScript are those of the present model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from edge_llm.chat import ChatTemplate
from edge_llm.corpus import PROMPTS, TEXTS
from edge_llm.manifest import sha256_of
from edge_llm.session import DecoderSession

FILE = Path(__file__).parents[2] / "test" / "fixtures" / "smollm2-golden.json"


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    value: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return value


def test_tokenizer(golden: dict[str, Any], tiny: Path) -> None:
    tokenizer = Tokenizer.from_file(str(tiny / "tokenizer.json"))
    assert golden["model"]["tokenizerSha256"] == sha256_of(tiny / "tokenizer.json")
    assert [row["text"] for row in golden["tokenizer"]] == TEXTS
    for row in golden["tokenizer"]:
        assert tokenizer.encode(row["text"], add_special_tokens=False).ids == row["ids"]


def test_templates(golden: dict[str, Any], tiny: Path) -> None:
    template = ChatTemplate(tiny)
    for row in golden["templates"]:
        assert template.render(row["messages"], reply=row["addGenerationPrompt"]) == row["text"]


def test_greedy(golden: dict[str, Any], full: Path) -> None:
    session = DecoderSession(full / "onnx" / "model.onnx")
    assert [row["request"] for row in golden["greedy"]] == PROMPTS
    assert all(len(row["ids"]) == 64 for row in golden["greedy"])
    for row in golden["greedy"][-2:]:
        assert session.greedy(row["promptIds"], 64) == row["ids"]
