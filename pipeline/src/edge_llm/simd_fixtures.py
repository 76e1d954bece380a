"""Tiny models of every family with the logits they must give, for tests of other runtimes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from edge_llm.architecture import DecoderWeights, FloatArray
from edge_llm.config_files import copy_config_files
from edge_llm.directories import whole_directory
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import BlockSizes, Fp32, Int4Blocks
from edge_llm.hf_config import architecture_of
from edge_llm.manifest import DTYPE_FILES, sha256_of, write_manifest
from edge_llm.numpy_decoder import forward
from edge_llm.onnx_weights import read_onnx_model
from edge_llm.tiny_families import TINY_FAMILIES, random_weights, tiny_settings
from edge_llm.tiny_tokenizer import write_tiny_tokenizer
from edge_llm.tokenizer_files import write_json

TOKENS = (256, *"Grüße! A window of 7 tokens.".encode())
"""What the reference logits are of: a marker, then bytes; longer than every window."""

LOGITS = "logits.bin"
REFERENCE = "reference.json"

SIZES: dict[str, BlockSizes] = {
    "llama": BlockSizes(),
    "llama3": BlockSizes(64, 4, 32),
    "mistral": BlockSizes(128, 8, 128),
    "qwen2": BlockSizes(16, 4, 16, zero_points=True),
    "qwen3": BlockSizes(32, 8, 32, zero_points=True, scale_bits=32),
    "gemma3": BlockSizes(),
    "granite": BlockSizes(16, 8, 16, scale_bits=32),
    "granite4": BlockSizes(64, 4, 64, zero_points=True),
}
"""Every block size, both embeddings and both kinds of scales and zeros, over the families."""


def write_simd_fixtures(target: Path, *, fp32: bool, report: Callable[[str], None]) -> list[Path]:
    """One model directory for each family in `target`, with `logits.bin` beside.

    `logits.bin` is float32, little-endian, `[tokens, vocab]`: the logits after each of the
    `tokens` in `reference.json`, computed in fp32 from the weights as q4 holds them.
    `fp32` adds the graph of the weights before they were rounded.
    """
    made = []
    for family in TINY_FAMILIES:
        directory = target / family
        with whole_directory(directory) as scratch:
            _write(scratch, family, fp32)
        size = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
        report(f"{directory}: {size / 1e3:.0f} kB")
        made.append(directory)
    return made


def reference_logits(weights: DecoderWeights) -> FloatArray:
    """Logits after each of `TOKENS`, `[tokens, vocab]`."""
    head = weights.embedding if weights.head is None else weights.head
    return forward(weights, TOKENS) @ head.T


def _write(directory: Path, family: str, fp32: bool) -> None:
    settings = tiny_settings(family)
    weights = random_weights(settings)
    name = f"tiny-{family}"
    copy_config_files(settings, {}, weights.config.eos_token_id, directory)
    write_tiny_tokenizer(directory)
    (directory / "onnx").mkdir()
    q4 = directory / DTYPE_FILES["q4"]
    write_decoder(q4, weights, Int4Blocks(SIZES[family]), name)
    if fp32:
        write_decoder(directory / DTYPE_FILES["fp32"], weights, Fp32(), name)
    source = {"weights": "random", "blocks": SIZES[family].described()}
    dtypes = ["fp32", "q4"] if fp32 else ["q4"]
    write_manifest(directory, name, architecture_of(settings), dtypes, source)
    logits = reference_logits(read_onnx_model(directory, q4))
    (directory / LOGITS).write_bytes(logits.astype("<f4").tobytes())
    write_json(
        directory / REFERENCE,
        {
            "about": "Made by `edge-llm simd-fixtures`: logits.bin is float32 [tokens, vocab], "
            "little-endian, computed in fp32 from the weights that the q4 graph holds.",
            "tokens": list(TOKENS),
            "vocab": weights.config.vocab_size,
            "graphSha256": sha256_of(q4),
        },
    )


def read_reference(directory: Path) -> tuple[list[int], FloatArray]:
    """Tokens and logits `[tokens, vocab]` of a directory that this module wrote."""
    told = json.loads((directory / REFERENCE).read_text(encoding="utf-8"))
    tokens: list[int] = told["tokens"]
    values = np.frombuffer((directory / LOGITS).read_bytes(), "<f4")
    return tokens, values.reshape(len(tokens), told["vocab"]).astype(np.float32)
