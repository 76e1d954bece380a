"""Rounds weights `[outputs, inputs]` to few bits, in the byte layouts ONNX Runtime reads.

This is the definition of every block format: whatever imitates rounding elsewhere, as
training does, must give the values of `rounded`.
"""

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


def blocks(
    weight: FloatArray, bits: int, block: int, scale_bits: int = 16
) -> tuple[UInt8Array, FloatArray]:
    """Symmetric blocks of 4 or 8 bits: `w ≈ (value - 2**(bits-1)) * scale`.

    Returns `[outputs, blocks, bytes]` and scales `[outputs, blocks]`. Inputs that do not
    divide into blocks are filled up with zeros. Scales are numbers that float16 holds, and
    are so before values are rounded: storing them in 16 bits loses nothing more. With a
    `scale_bits` of 32 they are not.
    """
    _check_bits(bits)
    made = blocks_int4 if bits == 4 else blocks_int8
    return made(weight, block, scale_bits)


def blocks_from_zero(
    weight: FloatArray, bits: int, block: int, scale_bits: int = 16
) -> tuple[UInt8Array, FloatArray, UInt8Array]:
    """Blocks with a zero point each, from the least weight to the largest: finer where a
    block leans to one side. `w ≈ (value - zero) * scale`.

    Returns values and scales as `blocks` does, and zero points `[outputs, bytes]`, packed
    like values.
    """
    _check_bits(bits)
    grouped = _grouped(weight, block)
    top = np.float32((1 << bits) - 1)
    low, high = np.minimum(grouped.min(axis=2), 0), np.maximum(grouped.max(axis=2), 0)
    scales = _stored_scales((high - low) / top, scale_bits)
    inverse = _inverse(scales)
    zeros = np.clip(np.rint(-low * inverse), 0, top)
    values = np.clip(np.rint(grouped * inverse[:, :, None]) + zeros[:, :, None], 0, top)
    return (
        _packed(values.astype(np.uint8), bits),
        scales,
        _packed(zeros.astype(np.uint8), bits),
    )


def _check_bits(bits: int) -> None:
    if bits not in (4, 8):
        raise ValueError(f"blocks have 4 or 8 bits, not {bits}")


def _packed(values: UInt8Array, bits: int) -> UInt8Array:
    """Two values of 4 bits a byte, the even one low; a last one that is alone too."""
    if bits == 8:
        return values
    if values.shape[-1] % 2:
        values = np.concatenate([values, np.zeros_like(values[..., :1])], axis=-1)
    packed = values[..., 0::2] | (values[..., 1::2] * np.uint8(16))
    return packed.astype(np.uint8)


def rounded(weight: FloatArray, bits: int, block: int) -> FloatArray:
    """`weight` as a graph with such blocks computes with it."""
    return unpacked_blocks(*blocks(weight, bits, block), bits, weight.shape[1])


def blocks_int8(
    weight: FloatArray, block: int, scale_bits: int = 16
) -> tuple[UInt8Array, FloatArray]:
    """One scale per block, 8 bits around 128, as `[outputs, blocks, block]`."""
    grouped = _grouped(weight, block)
    scales = _stored_scales(np.abs(grouped).max(axis=2) / np.float32(127), scale_bits)
    values = np.rint(grouped * _inverse(scales)[:, :, None])
    return (np.clip(values, -127, 127) + np.float32(128)).astype(np.uint8), scales


def blocks_int4(
    weight: FloatArray, block: int, scale_bits: int = 16
) -> tuple[UInt8Array, FloatArray]:
    """One scale per block, 4 bits around 8, two values a byte, the even one low."""
    grouped = _grouped(weight, block)
    scales = _stored_scales(_best_scales(grouped), scale_bits)
    values = np.clip(np.rint(grouped * _inverse(scales)[:, :, None]), -8, 7)
    return _packed((values + np.float32(8)).astype(np.uint8), 4), scales


def _best_scales(grouped: FloatArray) -> FloatArray:
    """Tries several scales for each block and keeps the one with the least squared error."""
    peak_at = np.abs(grouped).argmax(axis=2)[:, :, None]
    peak = np.take_along_axis(grouped, peak_at, axis=2)[:, :, 0]
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
    return best_scales.astype(np.float32)


def _stored_scales(scales: FloatArray, bits: int) -> FloatArray:
    """The nearest numbers that floats of so many bits hold."""
    if bits == 32:
        return scales.astype(np.float32)
    largest = np.float32(np.finfo(np.float16).max)
    return np.clip(scales, -largest, largest).astype(np.float16).astype(np.float32)


def _grouped(weight: FloatArray, block: int) -> FloatArray:
    outputs, inputs = weight.shape
    missing = -inputs % block
    if missing:
        weight = np.pad(weight, ((0, 0), (0, missing)))
    return weight.reshape(outputs, -1, block)


def _inverse(scales: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.where(scales == 0, np.float32(0), np.float32(1) / scales)


def unpacked_blocks(
    values: UInt8Array,
    scales: FloatArray,
    bits: int,
    inputs: int,
    zeros: UInt8Array | None = None,
) -> FloatArray:
    """Stored blocks `[outputs, blocks, bytes]`, or flat `[outputs, bytes]`, as `[outputs, inputs]`.

    `scales` is `[outputs, blocks]`; `bits` is 4 or 8; `zeros` are packed zero points, where
    there are any.
    """
    outputs, count = scales.shape
    stored = _unpacked(values.reshape(outputs, count, -1), bits)
    middle = np.full((outputs, count), 1 << (bits - 1), np.float32)
    if zeros is not None:
        middle = _unpacked(zeros.reshape(outputs, -1), bits)[:, :count].astype(np.float32)
    floats = (stored.astype(np.float32) - middle[:, :, None]) * scales[:, :, None].astype(
        np.float32
    )
    return np.ascontiguousarray(floats.reshape(outputs, -1)[:, :inputs])


def _unpacked(values: UInt8Array, bits: int) -> UInt8Array:
    if bits == 8:
        return values
    pairs = np.stack([values & 15, values >> 4], axis=-1)
    return pairs.reshape(*values.shape[:-1], -1)
