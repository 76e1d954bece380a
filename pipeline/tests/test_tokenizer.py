"""The written tokenizer against llama.cpp's reading of the same file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from edge_llm.chat import ChatTemplate
from edge_llm.corpus import CONVERSATIONS, TEXTS
from edge_llm.gguf_source import packaged_smollm2


@pytest.fixture(scope="module")
def tokenizer(tiny: Path) -> Tokenizer:
    return Tokenizer.from_file(str(tiny / "tokenizer.json"))


def ids(tokenizer: Tokenizer, text: str) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False).ids


def test_reference_covers_the_corpus(reference: dict[str, Any]) -> None:
    assert [row["text"] for row in reference["llamaCppIds"]] == TEXTS


@pytest.mark.parametrize("index", range(len(TEXTS)))
def test_ids_equal_llama_cpp(tokenizer: Tokenizer, reference: dict[str, Any], index: int) -> None:
    row = reference["llamaCppIds"][index]
    assert ids(tokenizer, row["text"]) == row["ids"]


@pytest.mark.parametrize("text", TEXTS)
def test_decoding_restores_the_text(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(ids(tokenizer, text), skip_special_tokens=False) == text


def test_digits_are_split_from_line_breaks_and_each_other(tokenizer: Tokenizer) -> None:
    assert ids(tokenizer, "\n\n1.")[:2] == [1116, 33]
    assert len(ids(tokenizer, "12345")) == 5


def test_chat_markers_are_single_tokens(tokenizer: Tokenizer) -> None:
    assert ids(tokenizer, "<|im_start|><|im_end|>") == [1, 2]


def test_vocabulary_is_whole(tokenizer: Tokenizer) -> None:
    assert tokenizer.get_vocab_size() == 49152


def test_ids_equal_a_live_llama_cpp(tokenizer: Tokenizer) -> None:
    pytest.importorskip("xllamacpp", reason="needs --group reference")
    from edge_llm.reference import llama_cpp_ids

    live = llama_cpp_ids(packaged_smollm2().path, TEXTS)
    assert [ids(tokenizer, text) for text in TEXTS] == live


def test_templates_equal_transformers(tiny: Path, reference: dict[str, Any]) -> None:
    template = ChatTemplate(tiny)
    rendered = [
        template.render(messages, reply=reply)
        for messages in CONVERSATIONS
        for reply in (False, True)
    ]
    assert rendered == reference["transformersTemplates"]


def test_both_copies_of_the_template_are_the_same(tiny: Path) -> None:
    settings = json.loads((tiny / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert settings["chat_template"] == (tiny / "chat_template.jinja").read_text(encoding="utf-8")
