"""Hugging Face weights as a decoder, and a decoder as Hugging Face weights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from edge_llm.architecture import DecoderConfig, DecoderWeights, FloatArray, LayerWeights
from edge_llm.hf_config import decoder_config, why_not_plain

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
    """A Llama-type Hugging Face directory, with or without a head of its own.

    Raises ValueError for what `DecoderWeights` cannot express, KeyError for a missing tensor.
    """
    settings: dict[str, Any] = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    reason = why_not_plain(settings)
    if reason:
        raise ValueError(f"{directory} is not a plain Llama decoder: {reason}")
    tensors = Checkpoint(directory)
    config = decoder_config(settings)

    @cache
    def layer(index: int) -> LayerWeights:
        return _layer(tensors, index)

    return DecoderWeights(
        config=config,
        embedding=tensors[_EMBEDDING],
        final_norm=tensors[_NORM],
        layer=layer,
        head=None if config.tie_word_embeddings else tensors[_HEAD],
    )


def write_checkpoint(weights: DecoderWeights, target: Path) -> None:
    """Writes `model.safetensors` in fp32, under the names of `LlamaForCausalLM`."""
    tensors = {_EMBEDDING: weights.embedding, _NORM: weights.final_norm}
    if weights.head is not None:
        tensors[_HEAD] = weights.head
    for index in range(weights.config.num_hidden_layers):
        parts = _parts(weights.layer(index), weights.config)
        tensors |= {f"model.layers.{index}.{name}.weight": part for name, part in parts.items()}
    save_tensors(tensors, target)


def save_tensors(tensors: dict[str, FloatArray], target: Path) -> None:
    """Writes tensors as the one weights file of the directory `target`."""
    from safetensors.numpy import save_file

    whole = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    save_file(whole, target / WEIGHTS, metadata={"format": "pt"})
    # The library leaves the file readable to its owner alone.
    (target / WEIGHTS).chmod(0o644)


def _layer(tensors: Checkpoint, index: int) -> LayerWeights:
    def part(name: str) -> FloatArray:
        return tensors[f"model.layers.{index}.{name}.weight"]

    return LayerWeights(
        input_norm=part("input_layernorm"),
        qkv=np.concatenate([part(f"self_attn.{letter}_proj") for letter in "qkv"]),
        attention_output=part("self_attn.o_proj"),
        mlp_norm=part("post_attention_layernorm"),
        gate_up=np.concatenate([part("mlp.gate_proj"), part("mlp.up_proj")]),
        down=part("mlp.down_proj"),
    )


def _parts(layer: LayerWeights, config: DecoderConfig) -> dict[str, FloatArray]:
    query = config.num_attention_heads * config.head_dim
    key = config.num_key_value_heads * config.head_dim
    q, k, v = np.split(layer.qkv, [query, query + key])
    gate, up = np.split(layer.gate_up, 2)
    return {
        "input_layernorm": layer.input_norm,
        "self_attn.q_proj": q,
        "self_attn.k_proj": k,
        "self_attn.v_proj": v,
        "self_attn.o_proj": layer.attention_output,
        "post_attention_layernorm": layer.mlp_norm,
        "mlp.gate_proj": gate,
        "mlp.up_proj": up,
        "mlp.down_proj": layer.down,
    }
