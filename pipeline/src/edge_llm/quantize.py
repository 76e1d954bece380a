"""Rounds weights `[outputs, inputs]` to few bits, in the byte layouts ONNX Runtime reads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_llm.architecture import FloatArray

UInt8Array = NDArray[np.uint8]


def rows_uint8(weight: FloatArray) -> tuple[UInt8Array, FloatArray]:
    """One scale per output: `w ≈ (value - 128) * scale`."""
    scales = np.abs(weight).max(axis=1) / np.float32(127)
    inverse = _inverse(scales)[:, None]
    values = np.rint(weight * inverse) + np.float32(128)
    return values.astype(np.uint8), scales.astype(np.float32)


def blocks_int8(weight: FloatArray, block: int) -> tuple[UInt8Array, FloatArray]:
    """One scale per block, 8 bits around 128, as `[outputs, blocks, block]`."""
    grouped = _grouped(weight, block)
    scales = np.abs(grouped).max(axis=2) / np.float32(127)
    values = np.rint(grouped * _inverse(scales)[:, :, None]) + np.float32(128)
    return values.astype(np.uint8), scales.astype(np.float32)


def blocks_int4(weight: FloatArray, block: int) -> tuple[UInt8Array, FloatArray]:
    """One scale per block, 4 bits around 8, two values a byte, the even one low."""
    grouped = _grouped(weight, block)
    values, scales = _best_nibbles(grouped)
    nibbles = (values + np.float32(8)).astype(np.uint8)
    packed = nibbles[:, :, 0::2] | (nibbles[:, :, 1::2] * np.uint8(16))
    return packed.astype(np.uint8), scales.astype(np.float32)


def _best_nibbles(grouped: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Tries several scales for each block and keeps the one with the least squared error."""
    peak_at = np.abs(grouped).argmax(axis=2)[:, :, None]
    peak = np.take_along_axis(grouped, peak_at, axis=2)[:, :, 0]
    best_values = np.zeros_like(grouped)
    best_scales = np.zeros_like(peak)
    best_error = np.full_like(peak, np.inf)
    # Negative steps put the peak on -8, the longer side of the range.
    for steps in (-8.0, -7.4, -6.8, 7.0, 7.6):
        scales = peak / np.float32(steps)
        values = np.clip(np.rint(grouped * _inverse(scales)[:, :, None]), -8, 7)
        # The best scale for given roundings is a least-squares fit.
        fit = (grouped * values).sum(axis=2) / np.maximum((values * values).sum(axis=2), 1e-30)
        error = np.square(grouped - values * fit[:, :, None]).sum(axis=2)
        better = error < best_error
        best_error = np.where(better, error, best_error)
        best_scales = np.where(better, fit, best_scales)
        best_values = np.where(better[:, :, None], values, best_values)
    return best_values.astype(np.float32), best_scales.astype(np.float32)


def _grouped(weight: FloatArray, block: int) -> FloatArray:
    outputs, inputs = weight.shape
    if inputs % block:
        raise ValueError(f"{inputs} inputs do not divide into blocks of {block}")
    return weight.reshape(outputs, inputs // block, block)


def _inverse(scales: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.where(scales == 0, np.float32(0), np.float32(1) / scales)


def unpacked_blocks(values: UInt8Array, scales: FloatArray, bits: int) -> FloatArray:
    """Stored blocks `[outputs, blocks, bytes]`, or flat `[outputs, bytes]`, as `[outputs, inputs]`.

    `scales` is `[outputs, blocks]`; `bits` is 4 or 8.
    """
    outputs, blocks = scales.shape
    stored = values.reshape(outputs, blocks, -1)
    if bits == 4:
        stored = np.stack([stored & 15, stored >> 4], axis=-1).reshape(outputs, blocks, -1)
    middle = np.float32(1 << (bits - 1))
    floats = (stored.astype(np.float32) - middle) * scales[:, :, None].astype(np.float32)
    return floats.reshape(outputs, -1)
