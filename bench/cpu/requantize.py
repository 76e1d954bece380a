"""Writes the packaged SmolLM2 as GGUF with all matrices in Q8_0: the form that wllama runs fastest.

With a model directory of the same shape, its weights and tokens take the place of the packaged ones.
"""

import json
import sys
from pathlib import Path

import gguf
import numpy as np

from edge_llm.architecture import DecoderWeights, FloatArray
from edge_llm.gguf_source import packaged_smollm2
from edge_llm.manifest import DTYPE_FILES
from edge_llm.onnx_weights import read_onnx_model

# What the writer puts there by itself.
OWN_FIELDS = ("GGUF.", "general.architecture", "general.file_type")

TOKENS, TOKEN_TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"


def requantize(source: Path, target: Path, directory: Path | None = None) -> None:
    reader = gguf.GGUFReader(str(source))
    tensors, fields = (tensors_of(directory), fields_of(reader, directory)) if directory else ({}, {})
    writer = gguf.GGUFWriter(str(target), arch=reader.fields["general.architecture"].contents())
    for field in reader.fields.values():
        if not field.name.startswith(OWN_FIELDS):
            kind, inner = field.types[0], field.types[-1]
            is_array = kind == gguf.GGUFValueType.ARRAY
            value = fields.get(field.name, field.contents())
            writer.add_key_value(field.name, value, kind, inner if is_array else None)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    quantized = gguf.GGMLQuantizationType.Q8_0
    for tensor in reader.tensors:
        given = tensors.get(tensor.name)
        if given is None and (len(tensor.shape) < 2 or tensor.tensor_type == quantized):
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
            continue
        values = gguf.dequantize(tensor.data, tensor.tensor_type) if given is None else given
        if len(tensor.shape) < 2:
            writer.add_tensor(tensor.name, np.ascontiguousarray(values, dtype=np.float32))
        else:
            writer.add_tensor(
                tensor.name,
                gguf.quantize(np.ascontiguousarray(values, dtype=np.float32), quantized),
                raw_dtype=quantized,
            )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tensors_of(directory: Path) -> dict[str, FloatArray]:
    """The weights of a directory's 4-bit graph, by their names in GGUF."""
    weights: DecoderWeights = read_onnx_model(directory, directory / DTYPE_FILES["q4"])
    config = weights.config
    heads, key_heads, size = (
        config.num_attention_heads,
        config.num_key_value_heads,
        config.head_dim,
    )
    tensors = {"token_embd.weight": weights.embedding, "output_norm.weight": weights.final_norm}
    for index in range(config.num_hidden_layers):
        layer = weights.layer(index)
        query, key, value = np.split(layer.qkv, [heads * size, (heads + key_heads) * size])
        gate, up = np.split(layer.gate_up, 2)
        named = {
            "attn_norm": layer.input_norm,
            "attn_q": interleaved(query, heads),
            "attn_k": interleaved(key, key_heads),
            "attn_v": value,
            "attn_output": layer.attention_output,
            "ffn_norm": layer.mlp_norm,
            "ffn_gate": gate,
            "ffn_up": up,
            "ffn_down": layer.down,
        }
        tensors |= {f"blk.{index}.{name}.weight": array for name, array in named.items()}
    return tensors


def interleaved(weight: FloatArray, heads: int) -> FloatArray:
    """llama.cpp interleaves the two rotary halves of each head of a Llama."""
    rows, columns = weight.shape
    halves = weight.reshape(heads, 2, rows // heads // 2, columns)
    return halves.swapaxes(1, 2).reshape(rows, columns)


def fields_of(reader: gguf.GGUFReader, directory: Path) -> dict[str, object]:
    """What names tokens, with those that the directory's tokenizer adds."""
    tokens = list(reader.fields[TOKENS].contents())
    types = list(reader.fields[TOKEN_TYPES].contents())
    tokenizer = json.loads((directory / "tokenizer.json").read_text("utf-8"))
    for added in tokenizer["added_tokens"]:
        tokens[added["id"]] = added["content"]
        kind = gguf.TokenType.CONTROL if added["special"] else gguf.TokenType.USER_DEFINED
        types[added["id"]] = int(kind)
    return {TOKENS: tokens, TOKEN_TYPES: types}


if __name__ == "__main__":
    requantize(packaged_smollm2().path, *map(Path, sys.argv[1:]))
