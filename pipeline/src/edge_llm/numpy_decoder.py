"""The decoder in plain numpy: slow to generate with, but open to look inside.

Calibration reads activations from it, and tests hold the ONNX graph against it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from edge_llm.architecture import DecoderConfig, DecoderWeights, FloatArray, LayerWeights
from edge_llm.rotary import frequencies

Tap = Callable[[int, str, FloatArray], None]
"""Called with layer, place and `[tokens, channels]` for the input of each matrix."""


def forward(weights: DecoderWeights, tokens: Sequence[int], tap: Tap | None = None) -> FloatArray:
    """Final hidden states `[tokens, hidden]`: times the transposed output head, the logits."""
    config = weights.config
    see = tap or _ignore
    traits = config.traits
    hidden = _scaled(weights.embedding[np.asarray(tokens)], traits.embedding_scale)
    rotations = {local: _rotation(config, len(tokens), local) for local in (False, True)}
    for index in range(config.num_hidden_layers):
        layer = weights.layer(index)
        normed = _rms_norm(hidden, layer.input_norm, config.rms_norm_eps)
        see(index, "qkv", normed)
        qkv = normed @ layer.qkv.T
        if layer.qkv_bias is not None:
            qkv = qkv + layer.qkv_bias
        attended = _attention(qkv, rotations[config.is_local(index)], config, layer, index)
        see(index, "o_proj", attended)
        update = attended @ layer.attention_output.T
        hidden = hidden + _update(update, layer.post_attention_norm, config)
        normed = _rms_norm(hidden, layer.mlp_norm, config.rms_norm_eps)
        see(index, "gate_up", normed)
        inner = _gated(normed, layer, traits.gate)
        see(index, "down_proj", inner)
        hidden = hidden + _update(inner @ layer.down.T, layer.post_mlp_norm, config)
    normed = _rms_norm(hidden, weights.final_norm, config.rms_norm_eps)
    return _scaled(normed, traits.logit_scale)


def _ignore(layer: int, place: str, values: FloatArray) -> None:
    return None


def _scaled(x: FloatArray, factor: float) -> FloatArray:
    return x if factor == 1 else x * np.float32(factor)


def _update(x: FloatArray, norm: FloatArray | None, config: DecoderConfig) -> FloatArray:
    """What a part of a layer adds to the residual stream."""
    normed = x if norm is None else _rms_norm(x, norm, config.rms_norm_eps)
    return _scaled(normed, config.traits.residual_scale)


def _rms_norm(x: FloatArray, scale: FloatArray, epsilon: float) -> FloatArray:
    mean_square = np.square(x).mean(axis=-1, keepdims=True)
    normed: FloatArray = x / np.sqrt(mean_square + np.float32(epsilon)) * scale
    return normed


def _gated(x: FloatArray, layer: LayerWeights, kind: str) -> FloatArray:
    gate, up = np.split(x @ layer.gate_up.T, 2, axis=-1)
    if kind == "gelu_tanh":
        # Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415, the form with tanh.
        inner = np.float32((2 / np.pi) ** 0.5) * (gate + np.float32(0.044715) * gate**3)
        gelu: FloatArray = np.float32(0.5) * gate * (np.float32(1) + np.tanh(inner)) * up
        return gelu
    with np.errstate(over="ignore"):
        gated: FloatArray = gate / (np.float32(1) + np.exp(-gate)) * up
    return gated


def _rotation(config: DecoderConfig, length: int, local: bool) -> NDArray[np.complex64]:
    angles = np.outer(np.arange(length), frequencies(config, local=local))
    rotation: NDArray[np.complex64] = np.exp(1j * angles).astype(np.complex64)
    return rotation


def _rotate(x: FloatArray, rotation: NDArray[np.complex64]) -> FloatArray:
    """Rotary embedding of `[heads, tokens, head_dim]`, halves apart."""
    real, imaginary = np.split(x, 2, axis=-1)
    turned = (real + 1j * imaginary) * rotation
    return np.concatenate([turned.real, turned.imag], axis=-1).astype(np.float32)


def _attention(
    qkv: FloatArray,
    rotation: NDArray[np.complex64],
    config: DecoderConfig,
    layer: LayerWeights,
    index: int,
) -> FloatArray:
    length = len(qkv)
    heads, shared = config.num_attention_heads, config.num_key_value_heads
    split = [heads * config.head_dim, (heads + shared) * config.head_dim]
    query, key, value = (
        part.reshape(length, -1, config.head_dim).swapaxes(0, 1)
        for part in np.split(qkv, split, axis=-1)
    )
    if layer.query_norm is not None:
        query = _rms_norm(query, layer.query_norm, config.rms_norm_eps)
    if layer.key_norm is not None:
        key = _rms_norm(key, layer.key_norm, config.rms_norm_eps)
    key = np.repeat(_rotate(key, rotation), heads // shared, axis=0)
    value = np.repeat(value, heads // shared, axis=0)
    scores = _rotate(query, rotation) @ key.swapaxes(1, 2) * np.float32(config.attention_scale)
    scores = np.where(_seen(length, config.window(index)), scores, np.float32(-np.inf))
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    mixed: FloatArray = (weights @ value).swapaxes(0, 1).reshape(length, -1)
    return mixed


def _seen(length: int, window: int) -> NDArray[np.bool_]:
    """Which tokens each token attends to, `[queries, keys]`."""
    seen: NDArray[np.bool_] = np.tri(length, dtype=bool)
    return seen & ~np.tri(length, k=-window, dtype=bool) if window else seen
