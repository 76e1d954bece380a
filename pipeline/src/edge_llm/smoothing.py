"""Moves outlying activation channels into the weights before activations are rounded.

A channel that is much larger than its neighbours costs all of them their precision when
a token is rounded to 8 bits with one scale. Dividing the channel by a factor and
multiplying the next matrix by it changes nothing in exact arithmetic (SmoothQuant).
The factors are powers of two, so nothing changes in floating point either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from edge_llm.architecture import DecoderWeights, FloatArray, LayerWeights
from edge_llm.calibration import CALIBRATION_TEXT
from edge_llm.numpy_decoder import forward

_STRENGTH = 0.5
_TINY = np.float32(1e-5)

Peaks = dict[tuple[int, str], FloatArray]


def smoothed_for_rounding(weights: DecoderWeights, directory: Path) -> DecoderWeights:
    """`weights` smoothed on the calibration text, with the tokenizer in `directory`."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    return smooth(weights, tokenizer.encode(CALIBRATION_TEXT, add_special_tokens=False).ids)


def smooth(weights: DecoderWeights, calibration: Sequence[int]) -> DecoderWeights:
    """The same function as `weights`, easier to run with rounded activations."""
    peaks = channel_peaks(weights, calibration)

    @cache
    def layer(index: int) -> LayerWeights:
        old = weights.layer(index)
        qkv = _factors(peaks[index, "qkv"], old.qkv)
        gate_up = _factors(peaks[index, "gate_up"], old.gate_up)
        down = _factors(peaks[index, "down_proj"], old.down)
        gate, up = np.split(old.gate_up * gate_up, 2)
        return replace(
            old,
            input_norm=old.input_norm / qkv,
            qkv=old.qkv * qkv,
            mlp_norm=old.mlp_norm / gate_up,
            gate_up=np.concatenate([gate, up / down[:, None]]),
            down=old.down * down,
        )

    return replace(weights, layer=layer)


def channel_peaks(weights: DecoderWeights, tokens: Sequence[int]) -> Peaks:
    """Largest magnitude of every channel at the input of every matrix.

    The first token counts: left out, its huge values would be made larger still.
    """
    peaks: Peaks = {}

    def tap(layer: int, place: str, values: FloatArray) -> None:
        peaks[layer, place] = np.abs(values).max(axis=0)

    forward(weights, tokens, tap)
    return peaks


def _factors(peaks: FloatArray, weight: FloatArray) -> FloatArray:
    columns = np.maximum(np.abs(weight).max(axis=0), _TINY)
    logs = _STRENGTH * np.log2(np.maximum(peaks, _TINY)) - (1 - _STRENGTH) * np.log2(columns)
    factors: FloatArray = np.exp2(np.rint(logs - logs.mean())).astype(np.float32)
    return factors
