"""Rounded models stay as close to fp32 as they were when their formats were chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_llm.compare import Agreement, compare_all


@pytest.fixture(scope="module")
def results(full: Path) -> dict[str, Agreement]:
    models = [full / "onnx" / name for name in ("model_quantized.onnx", "model_q4.onnx")]
    return {
        result.file: result
        for result in compare_all(full, models, prompts=5, tokens=48, report=print)
    }


def test_the_first_token_can_come_from_fp32(tiny: Path) -> None:
    models = [tiny / "onnx" / name for name in ("model.onnx", "model_quantized.onnx")]
    results = compare_all(tiny, models, prompts=2, tokens=5, report=print, exact_first=True)
    fp32, with_fp32, q8, with_first = results
    assert fp32.kl == pytest.approx(with_fp32.kl, abs=1e-6)
    assert with_first.file == "model_quantized.onnx, first token fp32"
    assert with_first.kl != q8.kl
    assert with_first.tokens == q8.tokens == 10


def test_q8_is_close_to_fp32(results: dict[str, Agreement]) -> None:
    q8 = results["model_quantized.onnx"]
    assert q8.kl < 0.03
    assert q8.agreed / q8.tokens > 0.85


def test_q8_does_not_depend_on_chunks(results: dict[str, Agreement]) -> None:
    assert results["model_quantized.onnx"].chunk_kl < 1e-3


def test_q4_is_what_plain_rounding_gives(results: dict[str, Agreement]) -> None:
    q4 = results["model_q4.onnx"]
    assert q4.kl < 0.4
    assert q4.agreed / q4.tokens > 0.65
