"""16-bit arithmetic: emulated, and exports that mix it with 32 bits where it is too narrow."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from loud_models import (
    SEQUENCES,
    gemma,
    loud_feed_forward,
    loud_stream,
    with_layers,
    written,
)

from edge_llm.architecture import DecoderWeights, LayerWeights
from edge_llm.doctor.measure import divergence, measure
from edge_llm.doctor.taps import TappedModel, open_as_half
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import BlockSizes, Fp16, Fp32, Int4BlocksHalf, Precision
from edge_llm.graph.writer import MICROSOFT, GraphWriter
from edge_llm.half_range import half_range, wide_parts
from edge_llm.manifest import read_manifest
from edge_llm.onnx_weights import read_onnx_model
from edge_llm.precisions import quantize_model
from edge_llm.session import DecoderSession, KeyValueCache
from edge_llm.tiny_families import random_weights, tiny_settings


def half_graph(path: Path, build: Callable[[GraphWriter], str]) -> Path:
    graph = GraphWriter()
    graph.input("input_ids", np.int64, ["batch_size", "sequence_length"])
    made = build(graph)
    made = graph.cast(made, np.float32, "out")
    graph.node("Identity", [made], "last", outputs=["logits"])
    graph.output("logits", np.float32, ["batch_size", "sequence_length"])
    graph.write(path, "half")
    return path


@pytest.mark.parametrize(
    ("token", "expected"), [(3, 3.0), (2049, 2048.0), (65519, 65504.0), (65520, np.inf)]
)
def test_values_are_rounded_to_16_bits_between_operators(
    token: int, expected: float, tmp_path: Path
) -> None:
    """Twice a half of a number gives the number as 16 bits have it."""

    def build(graph: GraphWriter) -> str:
        x = graph.cast("input_ids", np.float32, "wide")
        x = graph.node("Mul", [x, graph.scalar(0.5, np.float32)], "halved")
        x = graph.cast(x, np.float16, "half")
        x = graph.node("Add", [x, x], "twice")
        return graph.node("Add", [x, graph.scalar(0.0, np.float16)], "again")

    model = TappedModel(half_graph(tmp_path / "m.onnx", build))
    logits, taps = model.run([token])
    assert model.is_emulated
    assert logits[0] == expected
    assert taps["wide.out"][0, 0] == token


def test_the_sum_inside_of_a_fused_norm_is_rounded_before_it_is_normed(tmp_path: Path) -> None:
    def build(graph: GraphWriter) -> str:
        x = graph.cast("input_ids", np.float16, "half")
        x = graph.node("Unsqueeze", [x, graph.vector(-1)], "column")
        one = graph.weight("scale", np.ones(1, np.float16))
        graph.node(
            "SkipSimplifiedLayerNormalization",
            [x, x, one],
            "norm",
            outputs=["normed", "", "", "sum"],
            domain=MICROSOFT,
            epsilon=1e-6,
        )
        return graph.node("Squeeze", ["normed", graph.vector(-1)], "flat")

    model = TappedModel(half_graph(tmp_path / "m.onnx", build))
    measured = measure(model, [[40000]])
    first = measured.first(1.0)
    assert first is not None
    assert (first.kind, first.value.operator, first.magnitude) == ("overflow", "norm", 80000)
    assert first.value.is_stream
    assert not measured.figures["normed"].is_finite


def test_plain_16_bits_fail_where_the_stream_passes_them(tmp_path: Path) -> None:
    weights = loud_stream(gemma())
    plain = written(weights, Fp16(), tmp_path / "plain.onnx")
    tokens = SEQUENCES[0]
    assert not np.isfinite(open_as_half(plain).forward(tokens, KeyValueCache(), keep=0)).all()
    first = measure(TappedModel(plain), SEQUENCES).first(1.0)
    assert first is not None and first.kind == "overflow"
    assert first.value.layer == 0 and first.value.operator == "layers.0.post_mlp_norm"


def test_a_graph_as_if_in_16_bits_computes_what_its_16_bit_export_does(tmp_path: Path) -> None:
    weights = random_weights(tiny_settings("qwen3"))
    fp32 = written(weights, Fp32(), tmp_path / "fp32.onnx")
    fp16 = written(weights, Fp16(), tmp_path / "fp16.onnx")
    predicted = open_as_half(fp32, as_half=True).forward(SEQUENCES[0], KeyValueCache(), keep=0)
    actual = open_as_half(fp16).forward(SEQUENCES[0], KeyValueCache(), keep=0)
    np.testing.assert_array_equal(predicted, actual)


@pytest.mark.parametrize("loud", [loud_stream, loud_feed_forward])
@pytest.mark.parametrize("precision", [Fp16(), Int4BlocksHalf(BlockSizes())])
def test_mixed_graphs_keep_what_is_too_large_in_32_bits(
    loud: Callable[[DecoderWeights], DecoderWeights], precision: Precision, tmp_path: Path
) -> None:
    weights = loud(gemma())
    fp32 = written(weights, Fp32(), tmp_path / "fp32.onnx")
    wide = wide_parts(measure(TappedModel(fp32), SEQUENCES))
    assert wide.stream and wide.feed_forward == ({1} if loud is loud_feed_forward else set())
    mixed = tmp_path / "mixed.onnx"
    write_decoder(mixed, weights, precision, "tiny", wide)
    (tmp_path / "config.json").write_text(json.dumps(tiny_settings("gemma3")))
    exact = written(read_onnx_model(tmp_path, mixed), Fp32(), tmp_path / "same-weights.onnx")
    assert measure(TappedModel(mixed), SEQUENCES).first(1.0) is None
    session, reference = open_as_half(mixed), DecoderSession(exact)
    for tokens in SEQUENCES:
        got = session.forward(tokens, KeyValueCache(), keep=0)
        expected = reference.forward(tokens, KeyValueCache(), keep=0)
        assert max(divergence(expected, got)) < 1e-3
    assert session.greedy(SEQUENCES[0], 16) == reference.greedy(SEQUENCES[0], 16)


def test_keys_that_are_too_large_are_refused(tmp_path: Path) -> None:
    def change(index: int, layer: LayerWeights) -> LayerWeights:
        return replace(layer, qkv=layer.qkv * np.float32(1e6))

    weights = with_layers(random_weights(tiny_settings("llama")), change)
    fp32 = written(weights, Fp32(), tmp_path / "fp32.onnx")
    with pytest.raises(ValueError, match=r"layers\.0\.qkv .* use q4"):
        wide_parts(measure(TappedModel(fp32), SEQUENCES))


def test_models_that_fit_are_exported_as_ever(exported: Path, tmp_path: Path) -> None:
    quantize_model(exported, ["fp16", "q4f16"], BlockSizes(), lambda line: None)
    weights = read_onnx_model(exported, exported / "onnx" / "model.onnx")
    for file, precision in (("model_fp16", Fp16()), ("model_q4f16", Int4BlocksHalf())):
        plain = written_as(weights, precision, tmp_path / "plain.onnx", exported)
        assert (exported / "onnx" / f"{file}.onnx").read_bytes() == plain.read_bytes()
    assert "half" not in (read_manifest(exported) or {})["source"]


def written_as(weights: DecoderWeights, precision: Precision, path: Path, model: Path) -> Path:
    write_decoder(path, weights, precision, str((read_manifest(model) or {})["name"]))
    return path


def test_what_a_mixed_export_keeps_is_in_the_manifest(loud_model: Path) -> None:
    quantize_model(loud_model, ["fp16"], BlockSizes(), lambda line: None)
    half = (read_manifest(loud_model) or {})["source"]["half"]["fp16"]
    assert half["kept32"]["stream"] and half["kept32"]["feedForward"]
    assert half["largest"] > 65504 and half["cost"]["casts"] > 0
    assert 0 < half["cost"]["bytes"] < 100_000


def test_weights_that_are_too_large_are_refused(tmp_path: Path) -> None:
    def change(index: int, layer: LayerWeights) -> LayerWeights:
        return replace(layer, down=layer.down * np.float32(1e8))

    weights = with_layers(random_weights(tiny_settings("llama")), change)
    with pytest.raises(ValueError, match=r"layer 0 has down weights of .* use q4"):
        half_range(weights, tmp_path)
