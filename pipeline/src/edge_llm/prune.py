"""Leaves out the rarest tokens of a byte-level BPE vocabulary, and their rows of the model.

Merges are learnt most frequent first, and a token's id is the rank of the merge that makes
it. So the first tokens with the merges among them are the vocabulary that a smaller
training would have given: any text can still be written, rare words in more tokens.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_llm.base import RECORD
from edge_llm.checkpoint import Checkpoint, save_tensors
from edge_llm.directories import whole_directory
from edge_llm.tokenizer_files import write_json

_TABLES = ("model.embed_tokens.weight", "lm_head.weight")


@dataclass(frozen=True)
class Pruning:
    """What a smaller vocabulary costs and saves."""

    directory: Path
    before: int
    """Tokens of the vocabulary."""
    after: int
    tokens_before: float
    """Mean tokens of a sample text."""
    tokens_after: float


def prune_vocabulary(
    hf_dir: Path, out_dir: Path, size: int, texts: Sequence[str] | None = None
) -> Pruning:
    """Makes `out_dir` a copy of `hf_dir` that has the first `size` tokens only.

    `texts` (default: this package's corpus) must come back whole from the new tokenizer.
    Raises ValueError where the tokenizer is no byte-level BPE, where a special token or a
    single byte would be lost, or where a text does not come back.
    """
    vocabulary: dict[str, Any] = json.loads((hf_dir / "tokenizer.json").read_text("utf-8"))
    pruned = _pruned(vocabulary, size)
    tensors = Checkpoint(hf_dir)
    with whole_directory(out_dir) as made:
        shutil.copytree(
            hf_dir, made, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.safetensors*")
        )
        compact = json.dumps(pruned, ensure_ascii=False, separators=(",", ":"))
        (made / "tokenizer.json").write_text(compact, encoding="utf-8")
        before, after = _compare(hf_dir, made, texts)
        config = json.loads((hf_dir / "config.json").read_text("utf-8"))
        write_json(made / "config.json", {**config, "vocab_size": size})
        kept = {name: tensors[name] for name in tensors}
        for name in _TABLES:
            if name in kept:
                kept[name] = kept[name][:size]
        save_tensors(kept, made)
        _note(made, size)
    return Pruning(out_dir, len(vocabulary["model"]["vocab"]), size, before, after)


def _pruned(vocabulary: dict[str, Any], size: int) -> dict[str, Any]:
    model = vocabulary["model"]
    if model.get("type") != "BPE" or "ByteLevel" not in json.dumps(vocabulary["pre_tokenizer"]):
        raise ValueError("only byte-level BPE vocabularies can be pruned")
    kept = {token: index for token, index in model["vocab"].items() if index < size}
    if size > len(model["vocab"]):
        raise ValueError(f"the vocabulary has {len(model['vocab'])} tokens, fewer than {size}")
    lost = [token["content"] for token in vocabulary["added_tokens"] if token["id"] >= size]
    if lost:
        last = max(token["id"] for token in vocabulary["added_tokens"])
        raise ValueError(f"{size} tokens would lose {lost[0]!r}; keep at least {last + 1}")
    _check_bytes(model["vocab"], size)
    merges = [
        merge
        for merge in model["merges"]
        if {*(pair := _pair(merge)), "".join(pair)} <= kept.keys()
    ]
    return {**vocabulary, "model": {**model, "vocab": kept, "merges": merges}}


def _check_bytes(vocabulary: dict[str, int], size: int) -> None:
    from tokenizers.pre_tokenizers import ByteLevel

    # Some vocabularies lack bytes that UTF-8 never has.
    needed = max(vocabulary.get(letter, -1) for letter in ByteLevel.alphabet()) + 1
    if needed > size:
        raise ValueError(f"{size} tokens do not hold every byte; keep at least {needed}")


def _pair(merge: Any) -> tuple[str, str]:
    first, second = merge.split(" ") if isinstance(merge, str) else merge
    return first, second


def _compare(hf_dir: Path, made: Path, texts: Sequence[str] | None) -> tuple[float, float]:
    """Mean tokens a text before and after; every text must come back as it came before."""
    from tokenizers import Tokenizer

    from edge_llm.corpus import TEXTS

    old = Tokenizer.from_file(str(hf_dir / "tokenizer.json"))
    new = Tokenizer.from_file(str(made / "tokenizer.json"))
    samples = list(texts if texts is not None else TEXTS)
    lengths = [0, 0]
    for text in samples:
        ids = [tool.encode(text, add_special_tokens=False).ids for tool in (old, new)]
        was, now = (
            tool.decode(tokens, skip_special_tokens=False)
            for tool, tokens in zip((old, new), ids, strict=True)
        )
        if now != was:
            raise ValueError(f"{text[:60]!r} comes back as {now[:60]!r} with fewer tokens")
        lengths[0] += len(ids[0])
        lengths[1] += len(ids[1])
    count = max(1, len(samples))
    return lengths[0] / count, lengths[1] / count


def _note(made: Path, size: int) -> None:
    record = made / RECORD
    if record.is_file():
        base = json.loads(record.read_text(encoding="utf-8"))
        write_json(record, {**base, "vocabulary": size})
