"""The decoder in plain numpy: slow to generate with, but open to look inside.

Calibration reads activations from it, and tests hold the ONNX graph against it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from edge_llm.architecture import DecoderConfig, DecoderWeights, FloatArray, LayerWeights

Tap = Callable[[int, str, FloatArray], None]
"""Called with layer, place and `[tokens, channels]` for the input of each matrix."""


def forward(weights: DecoderWeights, tokens: Sequence[int], tap: Tap | None = None) -> FloatArray:
    """Final hidden states `[tokens, hidden]`, before the output head."""
    config = weights.config
    see = tap or _ignore
    hidden = weights.embedding[np.asarray(tokens)]
    rotation = _rotation(config, len(tokens))
    for index in range(config.num_hidden_layers):
        layer = weights.layer(index)
        normed = _rms_norm(hidden, layer.input_norm, config.rms_norm_eps)
        see(index, "qkv", normed)
        attended = _attention(normed @ layer.qkv.T, rotation, config)
        see(index, "o_proj", attended)
        hidden = hidden + attended @ layer.attention_output.T
        normed = _rms_norm(hidden, layer.mlp_norm, config.rms_norm_eps)
        see(index, "gate_up", normed)
        inner = _gated(normed, layer)
        see(index, "down_proj", inner)
        hidden = hidden + inner @ layer.down.T
    return _rms_norm(hidden, weights.final_norm, config.rms_norm_eps)


def _ignore(layer: int, place: str, values: FloatArray) -> None:
    return None


def _rms_norm(x: FloatArray, scale: FloatArray, epsilon: float) -> FloatArray:
    mean_square = np.square(x).mean(axis=-1, keepdims=True)
    normed: FloatArray = x / np.sqrt(mean_square + np.float32(epsilon)) * scale
    return normed


def _gated(x: FloatArray, layer: LayerWeights) -> FloatArray:
    gate, up = np.split(x @ layer.gate_up.T, 2, axis=-1)
    with np.errstate(over="ignore"):
        gated: FloatArray = gate / (np.float32(1) + np.exp(-gate)) * up
    return gated


def _rotation(config: DecoderConfig, length: int) -> NDArray[np.complex64]:
    exponents = np.arange(0, config.head_dim, 2) / config.head_dim
    angles = np.outer(np.arange(length), config.rope_theta**-exponents)
    rotation: NDArray[np.complex64] = np.exp(1j * angles).astype(np.complex64)
    return rotation


def _rotate(x: FloatArray, rotation: NDArray[np.complex64]) -> FloatArray:
    """Rotary embedding of `[heads, tokens, head_dim]`, halves apart."""
    real, imaginary = np.split(x, 2, axis=-1)
    turned = (real + 1j * imaginary) * rotation
    return np.concatenate([turned.real, turned.imag], axis=-1).astype(np.float32)


def _attention(
    qkv: FloatArray, rotation: NDArray[np.complex64], config: DecoderConfig
) -> FloatArray:
    length = len(qkv)
    heads, shared = config.num_attention_heads, config.num_key_value_heads
    split = [heads * config.head_dim, (heads + shared) * config.head_dim]
    query, key, value = (
        part.reshape(length, -1, config.head_dim).swapaxes(0, 1)
        for part in np.split(qkv, split, axis=-1)
    )
    key = np.repeat(_rotate(key, rotation), heads // shared, axis=0)
    value = np.repeat(value, heads // shared, axis=0)
    scores = _rotate(query, rotation) @ key.swapaxes(1, 2) * np.float32(config.head_dim**-0.5)
    scores = np.where(np.tri(length, dtype=bool), scores, np.float32(-np.inf))
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    mixed: FloatArray = (weights @ value).swapaxes(0, 1).reshape(length, -1)
    return mixed
