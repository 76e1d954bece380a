"""The SIMD core in wasmtime: right logits, the browser's bits, and reasons where it cannot."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from edge_llm.graph import attention
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import Fp32, Int4Blocks, Int8PerToken
from edge_llm.manifest import DTYPE_FILES, sha256_of
from edge_llm.simd import SimdDecoder, Unsupported, plan_model
from edge_llm.simd.divergence import divergence
from edge_llm.simd.quality import Lessons, measure, prose
from edge_llm.simd.vectors import VECTORS, differing
from edge_llm.simd_fixtures import SIZES, read_reference
from edge_llm.tiny_families import TINY_FAMILIES, random_weights, tiny_settings

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "test" / "fixtures" / "simd"
FAMILIES = list(TINY_FAMILIES)
STORED: dict[str, Any] = json.loads((ROOT / VECTORS).read_text(encoding="utf-8"))


@pytest.mark.parametrize("family", FAMILIES)
def test_logits_are_those_of_fp32_arithmetic(family: str) -> None:
    tokens, expected = read_reference(FIXTURES / family)
    decoder = SimdDecoder.open(FIXTURES / family)
    actual = decoder.feed_all(decoder.sequence(), tokens)
    probabilities = [np.exp(x - x.max(-1, keepdims=True)) for x in (expected, actual)]
    a, b = (x / x.sum(-1, keepdims=True) for x in probabilities)
    assert (a * np.log(a / b)).sum(-1).mean() < 0.0005


@pytest.mark.parametrize("vector", STORED["vectors"], ids=lambda vector: str(vector["model"]))
def test_vectors_give_the_same_bits(vector: dict[str, Any]) -> None:
    assert sha256_of(ROOT / vector["model"] / DTYPE_FILES["q4"]) == vector["graphSha256"]
    assert differing(vector, ROOT) == []


def test_vectors_are_of_the_version_of_the_core() -> None:
    decoder = SimdDecoder.open(FIXTURES / "llama")
    assert decoder.core.numerics_version == STORED["numericsVersion"]


def test_one_wrong_bit_is_found() -> None:
    vector = next(each for each in STORED["vectors"] if each["model"].endswith("llama"))
    other = [*vector["prompt"][:-1], vector["prompt"][-1] ^ 1]
    assert differing({**vector, "prompt": other}, ROOT) == list(range(len(vector["logits"])))


@pytest.mark.parametrize("family", ["gemma3", "qwen2"])
def test_bits_do_not_depend_on_passes(family: str) -> None:
    tokens = [(i * 11) % 256 for i in range(90)]
    plan = plan_model(FIXTURES / family)
    whole = SimdDecoder(plan, max_tokens=90)
    expected = whole.feed_all(whole.sequence(), tokens)
    decoder = SimdDecoder(plan, max_tokens=16)
    sequence = decoder.sequence()
    np.testing.assert_array_equal(decoder.feed_all(sequence, tokens), expected)
    sequence.truncate(33)
    for token, row in zip(tokens[33:], expected[33:], strict=True):
        np.testing.assert_array_equal(decoder.feed(sequence, [token]), row)


def test_what_cannot_be_fed_leaves_the_sequence_as_it_was() -> None:
    decoder = SimdDecoder.open(FIXTURES / "llama")
    sequence = decoder.sequence()
    decoder.feed(sequence, [1, 2, 3])
    for tokens in ([], [4, 260], [-1], [0] * decoder.plan.context):
        with pytest.raises(ValueError):
            decoder.feed(sequence, tokens)
    assert sequence.length == 3
    again = decoder.sequence()
    expected = decoder.feed(again, [1, 2, 3, 4])
    np.testing.assert_array_equal(decoder.feed(sequence, [4]), expected)


def test_computed_rotary_tables_are_read_like_stored_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, weights = (FIXTURES / "gemma3" / "config.json"), random_weights(tiny_settings("gemma3"))
    shutil.copy(config, tmp_path)
    monkeypatch.setattr(attention, "_LARGEST_TABLE", 0)
    path = tmp_path / DTYPE_FILES["q4"]
    path.parent.mkdir()
    write_decoder(path, weights, Int4Blocks(SIZES["gemma3"]), "computed")
    assert any(node.op_type == "Cos" for node in onnx.load(path).graph.node)
    made, stored = plan_model(tmp_path), plan_model(FIXTURES / "gemma3")
    assert [layer.rotary for layer in made.layers] == [layer.rotary for layer in stored.layers]
    assert made.context == stored.context


@pytest.mark.parametrize(
    ("family", "change", "reason"),
    [
        ("llama", {"model_type": "mamba"}, "architecture mamba"),
        ("llama", {"rope_theta": 500}, "rotary embedding is not the one"),
        ("llama", {"rope_scaling": {"rope_type": "yarn", "factor": 4}}, "yarn"),
        ("llama", {"model_type": "qwen3"}, "norm of queries"),
        ("llama", {"model_type": "gemma3_text"}, "activation"),
        ("granite", {"attention_multiplier": 0.5}, "scale of attention"),
    ],
)
def test_reasons(family: str, change: dict[str, Any], reason: str, tmp_path: Path) -> None:
    copy = tmp_path / family
    shutil.copytree(FIXTURES / family, copy)
    settings = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    (copy / "config.json").write_text(json.dumps(settings | change), encoding="utf-8")
    with pytest.raises(Unsupported, match=reason):
        plan_model(copy)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("Sigmoid", "Softmax", "feed-forward"),
        ("GroupQueryAttention", "OtherAttention", "GroupQueryAttention"),
        ("MatMulNBits", "MatMulXBits", "MatMulXBits"),
    ],
)
def test_unknown_operators_are_named(before: str, after: str, reason: str, tmp_path: Path) -> None:
    copy = tmp_path / "llama"
    shutil.copytree(FIXTURES / "llama", copy)
    path = copy / DTYPE_FILES["q4"]
    model = onnx.load(path)
    for node in model.graph.node:
        if node.op_type == before:
            node.op_type = after
    onnx.save(model, path)
    with pytest.raises(Unsupported, match=reason):
        plan_model(copy)


def test_fp32_graphs_are_not_for_the_core(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "llama" / "config.json", tmp_path)
    path = tmp_path / DTYPE_FILES["fp32"]
    path.parent.mkdir()
    write_decoder(path, random_weights(tiny_settings("llama")), Fp32(), "exact")
    with pytest.raises(Unsupported, match=r"its weights are fp32 \(MatMul.*4-bit or 8-bit"):
        plan_model(tmp_path, "fp32")
    write_decoder(
        tmp_path / DTYPE_FILES["q8"], random_weights(tiny_settings("llama")), Int8PerToken(), "q8"
    )
    with pytest.raises(Unsupported, match=r"its weights are 8-bit with one scale"):
        plan_model(tmp_path, "q8")


def test_divergence_is_that_of_double_precision() -> None:
    random = np.random.default_rng(1)
    for scale in (1e-3, 0.1, 2.0):
        expected = (4 * random.standard_normal(5000)).astype(np.float32)
        actual = (expected + 7 + scale * random.standard_normal(5000)).astype(np.float32)
        p, q = (
            x.astype(np.float64) - np.log(np.exp(x.astype(np.float64)).sum())
            for x in (expected, actual)
        )
        exact = (np.exp(p) * (p - q)).sum()
        assert divergence(expected, actual) == pytest.approx(exact, rel=0.01, abs=2e-8)
    assert divergence(expected, expected) == 0


def test_quality_of_a_tiny_model(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    file = tmp_path / "answers.jsonl"
    file.write_text('{"answer": "Grüße!"}\n{"answer": "A window."}\n', encoding="utf-8")
    assert prose(file, 3) == "Gr"
    text = prose(file, 1000)
    assert text == "Grüße!\n\nA window."
    lessons = Lessons(2, 5, text)
    results = measure(FIXTURES / "qwen3", "q4", lessons, print, ["onnxruntime", "transformers"])
    answers, ort, reference, read = results
    assert [each.what for each in results] == [
        "answers",
        "answers, onnxruntime",
        "answers, transformers",
        "text",
    ]
    assert (answers.tokens, ort.tokens, read.tokens) == (10, 10, len(text.encode()))
    for result in (answers, read):
        assert 0 < result.mean < 0.0005
        assert result.mean <= result.worst
        assert result.agreed >= result.tokens - 2
        assert result.is_held
    assert ort.mean < 0.05
    # What everything is held against is right itself.
    assert reference.worst < 1e-6
    assert reference.agreed == 10
