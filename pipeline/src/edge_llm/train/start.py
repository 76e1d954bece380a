"""The directory training starts from: a base whose vocabulary has the format's markers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge_llm.formats import ToolFormat
from edge_llm.tokenizer_files import write_json
from edge_llm.train.encode import open_tokenizer

RECORD = "start.json"
WEIGHTS = "model.safetensors"
_TEMPLATE = "chat_template.jinja"


def make_start(base: Path, tool_format: ToolFormat, target: Path) -> Path:
    """Copies the opened base to `target` with the format's markers as tokens and its template.

    Tokens that the base never uses take the markers' names, and as their first embedding
    the mean of what the marker was spelt with before. Markers that are tokens already, or
    for which the base has no token to spare, stay as they are. What an earlier call made
    of the same base is left alone.
    """
    record = {"base": _base_record(base), "format": tool_format.name}
    if (target / RECORD).is_file() and json.loads((target / RECORD).read_text("utf-8")) == record:
        return target
    scratch = target.with_name(f".{target.name}-making")
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(base, scratch)
    renamed = _possible(tool_format.renamed_tokens, base)
    if renamed:
        spelling = _spelling(base, renamed)
        _rename(scratch, renamed)
        _first_embeddings(scratch / WEIGHTS, spelling)
    if tool_format.chat_template:
        _set_template(scratch, tool_format.chat_template)
    write_json(scratch / RECORD, record)
    shutil.rmtree(target, ignore_errors=True)
    scratch.rename(target)
    return target


def marker_ids(start: Path, tool_format: ToolFormat) -> list[int]:
    """Ids of the format's markers that were made from spare tokens."""
    tokenizer = open_tokenizer(start)
    ids = [tokenizer.token_to_id(marker) for marker in tool_format.renamed_tokens.values()]
    return sorted(index for index in ids if index is not None)


def _base_record(base: Path) -> Any:
    record = base / "base.json"
    if record.is_file():
        return json.loads(record.read_text(encoding="utf-8"))
    weights = (base / WEIGHTS).stat()
    return {"path": str(base.resolve()), "bytes": weights.st_size, "changed": weights.st_mtime}


def _possible(renamed: Mapping[str, str], base: Path) -> dict[str, str]:
    tokenizer = open_tokenizer(base)
    return {
        old: new
        for old, new in renamed.items()
        if tokenizer.token_to_id(old) is not None and tokenizer.token_to_id(new) is None
    }


def _spelling(base: Path, renamed: Mapping[str, str]) -> dict[int, list[int]]:
    """For each token that gets a new name, the tokens that spelt it so far."""
    tokenizer = open_tokenizer(base)
    return {
        tokenizer.token_to_id(old): tokenizer.encode(new, add_special_tokens=False).ids
        for old, new in renamed.items()
    }


def _rename(directory: Path, renamed: Mapping[str, str]) -> None:
    path = directory / "tokenizer.json"
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    tokenizer["model"]["vocab"] = {renamed.get(key, key): vocabulary[key] for key in vocabulary}
    for token in tokenizer["added_tokens"]:
        _rename_added(token, renamed)
    compact = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    path.write_text(compact, encoding="utf-8")

    path = directory / "tokenizer_config.json"
    if path.is_file():
        settings = json.loads(path.read_text(encoding="utf-8"))
        for token in settings.get("added_tokens_decoder", {}).values():
            _rename_added(token, renamed)
        for name in ("additional_special_tokens", "extra_special_tokens"):
            if isinstance(settings.get(name), list):
                settings[name] = [token for token in settings[name] if token not in renamed]
        write_json(path, settings)


def _rename_added(token: dict[str, Any], renamed: Mapping[str, str]) -> None:
    if token["content"] in renamed:
        token["content"] = renamed[token["content"]]
        # Decoders drop special tokens from text, and with them the calls.
        token["special"] = False


def _first_embeddings(weights: Path, spelling: Mapping[int, list[int]]) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(weights)
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        if name in tensors:
            table = tensors[name]
            rows = {token: table[parts].mean(0) for token, parts in spelling.items()}
            for token, row in rows.items():
                table[token] = row
    save_file(tensors, weights, metadata={"format": "pt"})


def _set_template(directory: Path, template: str) -> None:
    (directory / _TEMPLATE).write_text(template, encoding="utf-8")
    path = directory / "tokenizer_config.json"
    settings = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    write_json(path, {**settings, "chat_template": template})
