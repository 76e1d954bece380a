"""Writes Hugging Face tokenizer files from a GGUF vocabulary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edge_llm.architecture import DecoderConfig
from edge_llm.gguf_source import GgufModel
from edge_llm.sentencepiece_json import sentencepiece_json

_CONTROL = 3
_TURNS = ("<|im_start|>", "<|im_end|>", "<start_of_turn>", "<end_of_turn>")


def write_tokenizer_files(model: GgufModel, config: DecoderConfig, target: Path) -> None:
    template = chat_template_of(model)
    tokens: list[str] = model.field("tokenizer.ggml.tokens")
    unknown = tokens[int(model.field("tokenizer.ggml.unknown_token_id"))]
    special = {
        "bos_token": tokens[config.bos_token_id],
        "eos_token": tokens[config.eos_token_id],
        "unk_token": unknown,
        "pad_token": tokens[config.pad_token_id],
    }
    chat = [token for token in tokens if token in _TURNS]
    vocabulary = json.dumps(tokenizer_json(model), ensure_ascii=False, separators=(",", ":"))
    (target / "tokenizer.json").write_text(vocabulary, encoding="utf-8")
    write_json(
        target / "tokenizer_config.json",
        {
            "add_prefix_space": False,
            "added_tokens_decoder": {
                str(token["id"]): {key: value for key, value in token.items() if key != "id"}
                for token in _added_tokens(model)
            },
            "additional_special_tokens": chat,
            **special,
            # Transformers.js reads the template here and nowhere else.
            "chat_template": template,
            "clean_up_tokenization_spaces": False,
            "model_max_length": config.max_position_embeddings,
            "tokenizer_class": "PreTrainedTokenizerFast",
        },
    )
    write_json(target / "special_tokens_map.json", {**special, "additional_special_tokens": chat})
    (target / "chat_template.jinja").write_text(template, encoding="utf-8")


def chat_template_of(model: GgufModel) -> str:
    """A file's template, or its family's. Raises ValueError where there is neither."""
    stored = model.field_or_none("tokenizer.chat_template")
    template = model.family.chat_template if stored is None else str(stored)
    if template is None:
        raise ValueError("the GGUF file has no chat template; take the instruction tuned version")
    return template


def tokenizer_json(model: GgufModel) -> dict[str, Any]:
    """A GGUF vocabulary as a `tokenizer.json`."""
    kind = (model.field("tokenizer.ggml.model"), model.field("tokenizer.ggml.pre"))
    tokens: list[str] = model.field("tokenizer.ggml.tokens")
    if kind == ("llama", "default") and model.family.model_type == "gemma3_text":
        adds_bos = bool(model.field_or_none("tokenizer.ggml.add_bos_token"))
        return sentencepiece_json(
            tokens,
            model.field("tokenizer.ggml.scores"),
            model.field("tokenizer.ggml.token_type"),
            int(model.field("tokenizer.ggml.bos_token_id")) if adds_bos else None,
        )
    if kind != ("gpt2", "smollm"):
        raise ValueError(f"tokenizer {kind} is not supported, only ('gpt2', 'smollm') and Gemma's")
    merges: list[str] = model.field("tokenizer.ggml.merges")
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": _added_tokens(model),
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                # Every digit stands alone, which also parts "\n\n" from the "1" behind it.
                # General GGUF converters drop this step, and numbers come out wrong. The
                # original says "Digits", which JavaScript tokenizers take for fewer
                # characters ("½", "Ⅷ") than llama.cpp and the Rust library do.
                {
                    "type": "Split",
                    "pattern": {"Regex": "\\p{N}"},
                    "behavior": "Isolated",
                    "invert": False,
                },
                _byte_level(),
            ],
        },
        "post_processor": None,
        "decoder": _byte_level(),
        "model": byte_pair_model(
            {token: index for index, token in enumerate(tokens)},
            [merge.split(" ") for merge in merges],
        ),
    }


def byte_pair_model(vocab: dict[str, int], merges: list[list[str]]) -> dict[str, Any]:
    """The `model` of a `tokenizer.json`: byte-pair encoding without an unknown token."""
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
        "vocab": vocab,
        "merges": merges,
    }


def _byte_level() -> dict[str, Any]:
    return {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": True,
    }


def _added_tokens(model: GgufModel) -> list[dict[str, Any]]:
    tokens: list[str] = model.field("tokenizer.ggml.tokens")
    types: list[int] = model.field("tokenizer.ggml.token_type")
    return [
        {
            "id": index,
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for index, (token, kind) in enumerate(zip(tokens, types, strict=True))
        if kind == _CONTROL
    ]


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
