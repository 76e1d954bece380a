"""The smallest tokenizer that holds any text: a token a byte, and four markers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edge_llm.tokenizer_files import byte_pair_model, write_json

MARKERS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|pad|>")
"""Tokens 256 to 259; bytes are 0 to 255."""

_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def write_tiny_tokenizer(target: Path) -> None:
    """Writes the tokenizer's files and a ChatML template."""
    text = json.dumps(_tokenizer_json(), ensure_ascii=False, separators=(",", ":"))
    (target / "tokenizer.json").write_text(text, encoding="utf-8")
    end, start, turn, pad = MARKERS
    special = {"bos_token": end, "eos_token": turn, "pad_token": pad}
    extra = {"additional_special_tokens": [start, turn]}
    write_json(
        target / "tokenizer_config.json",
        {
            **special,
            **extra,
            "chat_template": _TEMPLATE,
            "clean_up_tokenization_spaces": False,
            "tokenizer_class": "PreTrainedTokenizerFast",
        },
    )
    write_json(target / "special_tokens_map.json", {**special, **extra})
    (target / "chat_template.jinja").write_text(_TEMPLATE, encoding="utf-8")


def _tokenizer_json() -> dict[str, Any]:
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": 256 + index,
                "content": marker,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for index, marker in enumerate(MARKERS)
        ],
        "normalizer": None,
        "pre_tokenizer": {**byte_level, "use_regex": False},
        "post_processor": None,
        "decoder": {**byte_level, "use_regex": False},
        "model": byte_pair_model(
            {
                **{character: byte for byte, character in enumerate(_byte_characters())},
                **{marker: 256 + index for index, marker in enumerate(MARKERS)},
            },
            [],
        ),
    }


def _byte_characters() -> list[str]:
    """GPT-2's printable stand-in for each byte, https://github.com/openai/gpt-2 encoder.py."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = [byte for byte in range(256) if byte not in printable]
    moved = {byte: 256 + index for index, byte in enumerate(others)}
    return [chr(moved.get(byte, byte)) for byte in range(256)]
