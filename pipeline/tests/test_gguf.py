"""A GGUF file of a Gemma 3, written here, through conversion to logits and text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import onnx
import pytest
from tokenizers import Tokenizer
from typer.testing import CliRunner

from edge_llm.architecture import DecoderWeights
from edge_llm.base import open_base
from edge_llm.chat import ChatTemplate
from edge_llm.checkpoint import read_checkpoint
from edge_llm.cli import app
from edge_llm.doctor.values import Values
from edge_llm.gguf_families import GGUF_FAMILIES
from edge_llm.gguf_source import GgufModel
from edge_llm.hf_config import decoder_config
from edge_llm.layout import check
from edge_llm.manifest import DTYPE_FILES, read_manifest
from edge_llm.numpy_decoder import forward
from edge_llm.session import DecoderSession, KeyValueCache
from edge_llm.tiny_families import random_weights, tiny_settings

CONTROL = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
USER = ["  ", "\n\n"]
PIECES = ["▁o", "he", "ll", "hell", "hello", "▁hello", "▁", "h", "e", "l", "o", "\n"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
TOKENS = [*CONTROL, *USER, *PIECES, *BYTES]
TYPES = [3] * len(CONTROL) + [4] * len(USER) + [1] * len(PIECES) + [6] * len(BYTES)
SCORES = [-1000.0] * (len(CONTROL) + len(USER)) + [-float(n) for n in range(len(PIECES))]
SCORES += [0.0] * len(BYTES)

# Six layers, so that the pattern of GGUF files has one with full attention.
SETTINGS: dict[str, Any] = tiny_settings(
    "gemma3",
    vocab_size=len(TOKENS),
    num_hidden_layers=6,
    query_pre_attn_scalar=32,
    layer_types=["sliding_attention"] * 5 + ["full_attention"],
    rope_scaling={"rope_type": "linear", "factor": 8.0},
    bos_token_id=2,
    eos_token_id=1,
    pad_token_id=0,
)


@pytest.fixture(scope="module")
def weights() -> DecoderWeights:
    return random_weights(SETTINGS)


@pytest.fixture(scope="module")
def file(weights: DecoderWeights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(weights, tmp_path_factory.mktemp("gguf") / "tiny.gguf", {})


def write_gguf(weights: DecoderWeights, path: Path, more: dict[str, np.ndarray]) -> Path:
    config = weights.config
    writer = gguf.GGUFWriter(path, "gemma3")
    writer.add_string("general.license", "gemma")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_theta)
    writer.add_rope_scaling_factor(8.0)
    writer.add_sliding_window(config.window(0))
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(TOKENS)
    writer.add_token_scores(SCORES)
    writer.add_token_types(TYPES)
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(1)
    writer.add_unk_token_id(3)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(True)
    tensors = {"token_embd.weight": weights.embedding, "output_norm.weight": weights.final_norm}
    for index in range(config.num_hidden_layers):
        for field, names in GGUF_FAMILIES["gemma3"].names.items():
            whole = getattr(weights.layer(index), field)
            query, key = (config.head_dim * heads for heads in (4, 1))
            ends = [query, query + key] if field == "qkv" else len(names)
            parts = np.split(whole, ends)
            tensors |= {f"blk.{index}.{n}": p for n, p in zip(names, parts, strict=True)}
    for name, tensor in (tensors | more).items():
        writer.add_tensor(name, np.ascontiguousarray(tensor))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def model(file: Path) -> Path:
    arguments = ["convert", "--gguf", str(file), "--out", str(file.parent), "--name", "gemma"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return file.parent / "gemma"


def test_files_and_settings_are_those_of_the_model(model: Path) -> None:
    assert check(model) == []
    manifest = read_manifest(model) or {}
    assert list(manifest["dtypes"]) == ["fp32", "q8", "q4"]
    assert manifest["architecture"] == "Gemma3ForCausalLM"
    assert manifest["source"]["licence"] == "gemma"
    settings = json.loads((model / "config.json").read_text())
    assert decoder_config(settings) == decoder_config(SETTINGS)


def test_logits_are_those_of_the_weights(model: Path, weights: DecoderWeights) -> None:
    tokens = [2, *range(6, 30)]
    expected = forward(weights, tokens) @ weights.embedding.T
    for dtype, error in (("fp32", 1e-4), ("q8", 0.1), ("q4", 0.6)):
        logits = DecoderSession(model / DTYPE_FILES[dtype]).forward(tokens, KeyValueCache(), keep=0)
        assert np.linalg.norm(logits - expected) / np.linalg.norm(expected) < error, dtype


def test_tokenizer_joins_by_score_and_falls_back_to_bytes(model: Path) -> None:
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    # A run of spaces, which a user defined, is joined before the equally good "▁o".
    text = "hello hello  o hell\n\nß<end_of_turn>"
    pieces = [
        "<bos>",
        "hello",
        "▁hello",
        "▁▁",
        "o",
        "▁",
        "hell",
        "\n\n",
        "<0xC3>",
        "<0x9F>",
        "<end_of_turn>",
    ]
    encoded = tokenizer.encode(text)
    assert encoded.tokens == pieces
    assert tokenizer.decode(encoded.ids, skip_special_tokens=True) == text.removesuffix(
        "<end_of_turn>"
    )


def test_chat_template_writes_turns(model: Path) -> None:
    messages = [{"role": "user", "content": " hello "}, {"role": "assistant", "content": "he"}]
    assert ChatTemplate(model).render(messages, reply=True) == (
        "<bos><start_of_turn>user\nhello<end_of_turn>\n"
        "<start_of_turn>model\nhe<end_of_turn>\n<start_of_turn>model\n"
    )


def test_a_file_is_a_base_to_train_from(file: Path, tmp_path: Path) -> None:
    base = open_base(str(file), tmp_path / "base")
    before, after = GgufModel(file).weights(), read_checkpoint(base)
    assert after.config == before.config
    np.testing.assert_allclose(after.layer(5).qkv, before.layer(5).qkv)
    np.testing.assert_allclose(
        after.layer(0).post_mlp_norm, before.layer(0).post_mlp_norm, atol=1e-6
    )


@pytest.mark.parametrize("dtype", ["fp16", "q4f16"])
def test_precisions_of_16_bits_keep_the_residual_stream_in_32(
    file: Path, tmp_path: Path, dtype: str
) -> None:
    arguments = ["convert", "--gguf", str(file), "--out", str(tmp_path), "--dtypes", dtype]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    made = tmp_path / file.stem
    kept = (read_manifest(made) or {})["source"]["half"][dtype]["kept32"]
    assert kept == {"stream": True, "feedForward": [], "attentionOutput": []}
    values = list(Values(onnx.load(made / DTYPE_FILES[dtype]).graph))
    assert {value.half for value in values if value.is_stream} == {False}
    assert any(value.half for value in values if value.op_type == "GroupQueryAttention")


def test_a_table_of_rotations_is_refused(weights: DecoderWeights, tmp_path: Path) -> None:
    table = {"rope_freqs.weight": np.ones(16, np.float32)}
    path = write_gguf(weights, tmp_path / "scaled.gguf", table)
    with pytest.raises(ValueError, match="edge-llm export"):
        GgufModel(path)
