from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from edge_llm.graph.precision import (
    BLOCK,
    BLOCKS,
    BlockSizes,
    Fp16,
    Fp32,
    Int4Blocks,
    Int4BlocksHalf,
    Int8PerToken,
    Precision,
)
from edge_llm.graph.writer import GraphWriter
from edge_llm.quantize import (
    blocks,
    blocks_from_zero,
    blocks_int4,
    blocks_int8,
    rounded,
    rows_uint8,
    unpacked_blocks,
)

RANDOM = np.random.default_rng(7)
WEIGHT = RANDOM.standard_normal((48, 96), dtype=np.float32)


def run_linear(precision: Precision, weight: np.ndarray, x: np.ndarray, path: Path) -> np.ndarray:
    graph = GraphWriter()
    graph.input("x", precision.floats, ["batch", "rows", weight.shape[1]])
    made = precision.linear(graph, "x", weight, "linear")
    graph.output(made, precision.floats, ["batch", "rows", weight.shape[0]])
    graph.write(path, "linear")
    return onnxruntime.InferenceSession(str(path)).run(None, {"x": x.astype(precision.floats)})[0]


def test_rows_come_back_within_half_a_step() -> None:
    values, scales = rows_uint8(WEIGHT)
    restored = (values.astype(np.float32) - 128) * scales[:, None]
    assert (np.abs(restored - WEIGHT) <= scales[:, None] * 0.5001).all()
    assert values.min() >= 1


def test_byte_blocks_come_back_within_half_a_step() -> None:
    values, scales = blocks_int8(WEIGHT, BLOCK)
    restored = (values.astype(np.float32) - 128) * scales[:, :, None]
    error = np.abs(restored - WEIGHT.reshape(48, 3, BLOCK))
    assert (error <= scales[:, :, None] * 0.5001).all()


def test_nibbles_hold_the_even_element_low() -> None:
    weight = np.zeros((1, BLOCK), np.float32)
    weight[0, 0], weight[0, 1] = -8, 4
    values, scales = blocks_int4(weight, BLOCK)
    assert values.shape == (1, 1, BLOCK // 2)
    assert (int(values[0, 0, 0]) & 15, int(values[0, 0, 0]) >> 4) == (0, 12)
    assert scales[0, 0] == 1


def test_searched_scales_beat_the_plain_ones() -> None:
    values, scales = blocks_int4(WEIGHT, BLOCK)
    low, high = values & 15, values >> 4
    nibbles = np.stack([low, high], axis=-1).reshape(48, 3, BLOCK).astype(np.float32) - 8
    grouped = WEIGHT.reshape(48, 3, BLOCK)
    searched = np.square(nibbles * scales[:, :, None] - grouped).mean()
    plain = np.abs(grouped).max(axis=2, keepdims=True) / 7
    assert searched < np.square(np.rint(grouped / plain) * plain - grouped).mean()


def test_zero_weights_stay_zero() -> None:
    zero = np.zeros((4, BLOCK), np.float32)
    for values, scales in (rows_uint8(zero), blocks_int8(zero, BLOCK), blocks_int4(zero, BLOCK)):
        assert np.isfinite(scales).all()
        assert len(np.unique(values)) == 1


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("block", BLOCKS)
def test_scales_fit_into_16_bits_before_values_are_rounded(bits: int, block: int) -> None:
    values, scales = blocks(WEIGHT, bits, block)
    assert (scales == scales.astype(np.float16)).all()
    restored = unpacked_blocks(values, scales, bits, 96)
    step = np.repeat(np.abs(scales), block, axis=1)[:, :96]
    # The nearest multiple of the stored scale, except where the range ends.
    inside = np.abs(WEIGHT) <= 6.5 * step if bits == 4 else np.ones_like(WEIGHT, bool)
    assert (np.abs(restored - WEIGHT) <= step * 0.501)[inside].all()
    np.testing.assert_array_equal(restored, rounded(WEIGHT, bits, block))


@pytest.mark.parametrize("scale_bits", [16, 32])
@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("block", BLOCKS)
def test_blocks_with_zero_points_come_back_within_a_step(
    bits: int, block: int, scale_bits: int
) -> None:
    weight = WEIGHT + np.float32(0.7)
    values, scales, zeros = blocks_from_zero(weight, bits, block, scale_bits)
    count = -(-96 // block)
    assert zeros.shape == (48, -(-count * bits // 8))
    assert (scales == scales.astype(np.float16)).all() or scale_bits == 32
    restored = unpacked_blocks(values, scales, bits, 96, zeros)
    step = np.repeat(np.abs(scales), block, axis=1)[:, :96]
    assert (np.abs(restored - weight) <= step * 1.01).all()
    # Weights that lean to one side are what zero points are for.
    symmetric = unpacked_blocks(*blocks(weight, bits, block, scale_bits), bits, 96)
    assert np.square(restored - weight).mean() < np.square(symmetric - weight).mean()


def test_scales_of_32_bits_are_not_rounded() -> None:
    for made in (blocks(WEIGHT, 8, 32, 32), blocks_from_zero(WEIGHT, 8, 32, 32)):
        assert (made[1] != made[1].astype(np.float16)).any()


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"block": 48}, "not 48"), ({"embedding_bits": 2}, "not 2"), ({"scale_bits": 8}, "not 8")],
)
def test_sizes_that_no_runtime_has_are_refused(changes: dict[str, int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        BlockSizes(**changes)


def test_rounding_twice_changes_nothing_at_8_bits() -> None:
    once = rounded(WEIGHT, 8, 32)
    np.testing.assert_allclose(rounded(once, 8, 32), once, rtol=2e-3, atol=1e-6)


def test_blocks_have_4_or_8_bits() -> None:
    with pytest.raises(ValueError, match="4 or 8 bits, not 3"):
        blocks(WEIGHT, 3, 32)
    with pytest.raises(ValueError, match="blocks hold 16, 32, 64, 128 values, not 48"):
        BlockSizes(block=48)


@pytest.mark.parametrize("floats", [Int4Blocks, Int4BlocksHalf])
@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_size_computes_with_the_rounded_weights(
    floats: type[Int4Blocks], bits: int, block: int, tmp_path: Path
) -> None:
    precision = floats(BlockSizes(block, bits, block))
    graph = GraphWriter()
    graph.input("ids", np.int64, ["batch", "rows"])
    rows = precision.embed(graph, "ids", WEIGHT, tied=True)
    logits = precision.head(graph, rows, WEIGHT)
    made = precision.linear(graph, rows, WEIGHT, "linear")
    for name, width in ((rows, 96), (logits, 48), (made, 48)):
        graph.output(name, precision.floats, ["batch", "rows", width])
    graph.write(tmp_path / "blocks.onnx", "blocks")
    session = onnxruntime.InferenceSession(str(tmp_path / "blocks.onnx"))
    ids = np.asarray([[0, 47, 3]], np.int64)
    got = session.run(None, {"ids": ids})
    table = rounded(WEIGHT, bits, block)
    expected = table[ids], table[ids] @ table.T, table[ids] @ rounded(WEIGHT, 4, block).T
    tolerance = 2e-3 if precision.floats is np.float16 else 1e-5
    for ours, theirs in zip(expected, got, strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=tolerance, atol=tolerance * 20)


def test_scales_are_stored_in_16_bits_and_cast_once_at_load(tmp_path: Path) -> None:
    graph = GraphWriter()
    graph.input("x", np.float32, ["rows", 96])
    graph.output(Int4Blocks().linear(graph, "x", WEIGHT, "linear"), np.float32, ["rows", 48])
    graph.write(tmp_path / "linear.onnx", "linear")
    stored = {t.name: t.data_type for t in onnx.load(tmp_path / "linear.onnx").graph.initializer}
    assert stored["linear.scale"] == onnx.TensorProto.FLOAT16
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "loaded.onnx")
    onnxruntime.InferenceSession(str(tmp_path / "linear.onnx"), options)
    assert [node.op_type for node in onnx.load(tmp_path / "loaded.onnx").graph.node] == [
        "MatMulNBits"
    ]


@pytest.mark.parametrize(
    ("precision", "tolerance"),
    [
        (Fp32(), 1e-5),
        (Fp16(), 1e-3),
        (Int8PerToken(), 0.02),
        (Int4Blocks(), 0.15),
        (Int4Blocks(BlockSizes(16, zero_points=True, scale_bits=32)), 0.12),
        (Int4BlocksHalf(BlockSizes(32, zero_points=True)), 0.15),
        (Int4BlocksHalf(), 0.15),
    ],
)
def test_onnxruntime_multiplies_what_was_stored(
    precision: Precision, tolerance: float, tmp_path: Path
) -> None:
    x = RANDOM.standard_normal((2, 3, 96), dtype=np.float32)
    expected = x @ WEIGHT.T
    made = run_linear(precision, WEIGHT, x, tmp_path / "linear.onnx")
    assert np.linalg.norm(made - expected) / np.linalg.norm(expected) < tolerance


def test_a_huge_row_does_not_drown_the_others(tmp_path: Path) -> None:
    x = RANDOM.standard_normal((1, 4, 96), dtype=np.float32)
    x[0, 0] *= 1000
    x[0, 3] = 0
    made = run_linear(Int8PerToken(), WEIGHT, x, tmp_path / "linear.onnx")[0]
    expected = (x @ WEIGHT.T)[0]
    for row in (0, 1, 2):
        error = np.linalg.norm(made[row] - expected[row]) / np.linalg.norm(expected[row])
        assert error < 0.02
    assert (made[3] == 0).all()


def test_largest_products_do_not_saturate(tmp_path: Path) -> None:
    x = np.ones((1, 1, 1536), np.float32)
    weight = np.ones((64, 1536), np.float32)
    made = run_linear(Int8PerToken(), weight, x, tmp_path / "linear.onnx")
    np.testing.assert_allclose(made, 1536, rtol=1e-5)
