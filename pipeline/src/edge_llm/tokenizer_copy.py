"""Tokenizer files of a trained model, in the form that the browser's libraries read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from edge_llm.tokenizer_files import write_json

_TEMPLATE = "chat_template.jinja"
_SPECIAL = ("bos_token", "eos_token", "unk_token", "pad_token")


def copy_tokenizer(source: Path, target: Path) -> None:
    """Copies a tokenizer and moves its chat template to where every loader looks.

    Raises FileNotFoundError or ValueError, naming the file, where something is missing.
    """
    vocabulary = source / "tokenizer.json"
    if not vocabulary.is_file():
        raise FileNotFoundError(f"{vocabulary} is missing; save the tokenizer with the model")
    shutil.copyfile(vocabulary, target / vocabulary.name)
    settings = tokenizer_settings(source)
    template = chat_template(source, settings)
    special = {name: _text(settings[name]) for name in _SPECIAL if settings.get(name)}
    extra = [_text(token) for token in settings.get("additional_special_tokens") or []]
    # Transformers.js reads the template here and nowhere else, and knows this class.
    write_json(
        target / "tokenizer_config.json",
        {
            **{key: value for key, value in settings.items() if key != "extra_special_tokens"},
            **special,
            "chat_template": template,
            "tokenizer_class": _class(settings),
        },
    )
    special_map = {**special, **({"additional_special_tokens": extra} if extra else {})}
    write_json(target / "special_tokens_map.json", special_map)
    (target / _TEMPLATE).write_text(template, encoding="utf-8")


def tokenizer_settings(source: Path) -> dict[str, Any]:
    """`tokenizer_config.json`, empty where there is none."""
    path = source / "tokenizer_config.json"
    if not path.is_file():
        return {}
    value = json.loads(path.read_text(encoding="utf-8"))
    return value if isinstance(value, dict) else {}


def chat_template(source: Path, settings: dict[str, Any]) -> str:
    """The template of a directory. Raises ValueError where it has none."""
    path = source / _TEMPLATE
    if path.is_file():
        return path.read_text(encoding="utf-8")
    template = settings.get("chat_template")
    if not isinstance(template, str):
        raise ValueError(
            f"{source} has no chat template; put the one that it was trained with into {_TEMPLATE}"
        )
    return template


def end_of_turn(source: Path, config: dict[str, Any]) -> int:
    """The one token that ends a turn, where files list several: the tokenizer's."""
    token = _text(tokenizer_settings(source).get("eos_token", ""))
    vocabulary = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    added = {entry["content"]: entry["id"] for entry in vocabulary.get("added_tokens", [])}
    if token in added:
        return int(added[token])
    eos = config.get("eos_token_id")
    first = eos[0] if isinstance(eos, list) and eos else eos
    if not isinstance(first, int):
        raise ValueError(
            f"{source}: neither tokenizer_config.json nor config.json names the token that ends "
            "a turn; set eos_token_id"
        )
    return first


def _class(settings: dict[str, Any]) -> str:
    named = str(settings.get("tokenizer_class", ""))
    # What transformers 5 calls any tokenizer that is all in its tokenizer.json.
    return "PreTrainedTokenizerFast" if named in ("", "TokenizersBackend") else named


def _text(token: Any) -> str:
    return str(token["content"]) if isinstance(token, dict) else str(token)
