"""Hugging Face weights as a decoder, and a decoder as Hugging Face weights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from edge_llm.architecture import DecoderConfig, DecoderWeights, FloatArray, LayerWeights
from edge_llm.families import FAMILIES, Family, is_norm, rows_of
from edge_llm.hf_config import decoder_config, why_not_written

WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_EMBEDDING = "model.embed_tokens.weight"
_NORM = "model.norm.weight"
_HEAD = "lm_head.weight"


class Checkpoint:
    """The tensors of a Hugging Face directory as fp32, read when they are asked for."""

    def __init__(self, directory: Path) -> None:
        # Teaches numpy the name of bfloat16, which safetensors needs to read it.
        import ml_dtypes  # noqa: F401
        from safetensors import safe_open

        files: list[Any] = [safe_open(path, framework="numpy") for path in weight_files(directory)]
        self._file_of = {name: file for file in files for name in file.keys()}  # noqa: SIM118

    def __contains__(self, name: str) -> bool:
        return name in self._file_of

    def __iter__(self) -> Iterator[str]:
        return iter(self._file_of)

    def __getitem__(self, name: str) -> FloatArray:
        values = self._file_of[name].get_tensor(name)
        return np.ascontiguousarray(values, dtype=np.float32)


def weight_files(directory: Path) -> list[Path]:
    """The safetensors files of a directory: one, or the shards that its index lists.

    Raises FileNotFoundError, naming the file, where weights are missing.
    """
    index = directory / _INDEX
    if (directory / WEIGHTS).is_file() or not index.is_file():
        names = [WEIGHTS]
    else:
        listed = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        names = sorted(set(listed.values()))
    for name in names:
        if not (directory / name).is_file():
            raise FileNotFoundError(f"{directory / name} is missing; it holds the weights")
    return [directory / name for name in names]


def read_checkpoint(directory: Path) -> DecoderWeights:
    """A Hugging Face directory of a known family, with or without a head of its own.

    Raises ValueError for what `DecoderWeights` cannot express, KeyError for a missing tensor.
    """
    settings: dict[str, Any] = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    reason = why_not_written(settings)
    if reason:
        raise ValueError(f"{directory} is not a decoder that this package can write: {reason}")
    tensors = Checkpoint(directory)
    config = decoder_config(settings)
    family = FAMILIES[config.traits.architecture]

    @cache
    def layer(index: int) -> LayerWeights:
        return _layer(tensors, index, family)

    return DecoderWeights(
        config=config,
        embedding=tensors[_EMBEDDING],
        final_norm=with_offset(tensors[_NORM], family.norm_offset),
        layer=layer,
        head=None if config.tie_word_embeddings else tensors[_HEAD],
    )


def write_checkpoint(weights: DecoderWeights, target: Path) -> None:
    """Writes `model.safetensors` in fp32, under the names of the weights' family."""
    save_tensors(named_tensors(weights), target)


def named_tensors(weights: DecoderWeights) -> dict[str, FloatArray]:
    """All tensors in fp32 by the names that the weights' family has for them."""
    family = FAMILIES[weights.config.traits.architecture]
    norm = with_offset(weights.final_norm, -family.norm_offset)
    tensors = {_EMBEDDING: weights.embedding, _NORM: norm}
    if weights.head is not None:
        tensors[_HEAD] = weights.head
    for index in range(weights.config.num_hidden_layers):
        parts = _parts(weights.layer(index), weights.config, family)
        tensors |= {f"model.layers.{index}.{name}": part for name, part in parts.items()}
    return tensors


def save_tensors(tensors: dict[str, FloatArray], target: Path) -> None:
    """Writes tensors as the one weights file of the directory `target`."""
    from safetensors.numpy import save_file

    whole = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    save_file(whole, target / WEIGHTS, metadata={"format": "pt"})
    # The library leaves the file readable to its owner alone.
    (target / WEIGHTS).chmod(0o644)


def with_offset(norm: FloatArray, offset: float) -> FloatArray:
    """A stored norm as the whole factor, or the other way round with a negative offset."""
    return norm + np.float32(offset) if offset else norm


def _layer(tensors: Checkpoint, index: int, family: Family) -> LayerWeights:
    def field(name: str) -> FloatArray:
        parts = [tensors[f"model.layers.{index}.{part}"] for part in family.names[name]]
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return with_offset(whole, family.norm_offset) if is_norm(name) else whole

    return LayerWeights(**{name: field(name) for name in family.names})


def _parts(layer: LayerWeights, config: DecoderConfig, family: Family) -> dict[str, FloatArray]:
    parts: dict[str, FloatArray] = {}
    for name, stored in family.names.items():
        whole: FloatArray = getattr(layer, name)
        if is_norm(name):
            whole = with_offset(whole, -family.norm_offset)
        rows = rows_of(name, config)[:-1] if len(stored) > 1 else []
        parts |= zip(stored, np.split(whole, np.cumsum(rows, dtype=np.int64)), strict=True)
    return parts
