from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from edge_llm.graph.precision import BLOCK, Fp32, Int4Blocks, Int8PerToken, Precision
from edge_llm.graph.writer import GraphWriter
from edge_llm.quantize import blocks_int4, blocks_int8, rows_uint8

RANDOM = np.random.default_rng(7)
WEIGHT = RANDOM.standard_normal((48, 96), dtype=np.float32)


def run_linear(precision: Precision, weight: np.ndarray, x: np.ndarray, path: Path) -> np.ndarray:
    graph = GraphWriter()
    graph.input("x", np.float32, ["batch", "rows", weight.shape[1]])
    made = precision.linear(graph, "x", weight, "linear")
    graph.output(made, np.float32, ["batch", "rows", weight.shape[0]])
    graph.write(path, "linear")
    return onnxruntime.InferenceSession(str(path)).run(None, {"x": x})[0]


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


def test_blocks_must_divide_the_inputs() -> None:
    with pytest.raises(ValueError, match="100 inputs do not divide into blocks of 32"):
        blocks_int4(np.zeros((2, 100), np.float32), BLOCK)


@pytest.mark.parametrize(
    ("precision", "tolerance"), [(Fp32(), 1e-5), (Int8PerToken(), 0.02), (Int4Blocks(), 0.15)]
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
