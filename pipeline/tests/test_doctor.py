"""The doctor: 16-bit arithmetic emulated, the first wrong operator named, and what exports do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import onnx
import pytest
from typer.testing import CliRunner

from edge_llm.architecture import DecoderWeights, LayerWeights
from edge_llm.cli import app
from edge_llm.corpus import PROMPTS
from edge_llm.doctor import examination as examination_module
from edge_llm.doctor import numerics as numerics_module
from edge_llm.doctor.examination import examine
from edge_llm.doctor.graphs import GraphFacts, differences
from edge_llm.doctor.measure import divergence, measure
from edge_llm.doctor.numerics import numerics_of, probe_divergence
from edge_llm.doctor.taps import TappedModel, open_as_half
from edge_llm.doctor.text import sequences_of
from edge_llm.doctor.values import layer_of
from edge_llm.doctor.verdict import findings_of, verdict_of
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import BlockSizes, Fp16, Fp32, Int4BlocksHalf, Precision
from edge_llm.graph.writer import MICROSOFT, GraphWriter
from edge_llm.half_range import wide_parts
from edge_llm.manifest import read_manifest
from edge_llm.onnx_weights import read_onnx_model
from edge_llm.precisions import quantize_model
from edge_llm.session import DecoderSession, KeyValueCache
from edge_llm.tiny_families import random_weights, tiny_settings

SEQUENCES = [list(range(1, 25)), list(range(100, 120))]
LARGEST = 65504


def schema(module: Any, name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((Path(module.__file__).parent / name).read_text())
    return value


def with_layers(
    weights: DecoderWeights, change: Callable[[int, LayerWeights], LayerWeights]
) -> DecoderWeights:
    return replace(weights, layer=lambda index: change(index, weights.layer(index)))


def loud_stream(weights: DecoderWeights) -> DecoderWeights:
    """As in Gemma 3: what the first layer's last norm gives passes what 16 bits hold."""

    def change(index: int, layer: LayerWeights) -> LayerWeights:
        assert layer.post_mlp_norm is not None
        return replace(
            layer, post_mlp_norm=layer.post_mlp_norm * np.float32(3e4 if index == 0 else 1)
        )

    return with_layers(weights, change)


def loud_feed_forward(weights: DecoderWeights, index: int = 1) -> DecoderWeights:
    """A feed-forward part whose inner values pass 65504, and whose result does not."""

    def change(at: int, layer: LayerWeights) -> LayerWeights:
        if at != index:
            return layer
        gate, up = np.split(layer.gate_up, 2)
        return replace(
            layer,
            gate_up=np.concatenate([gate, up * np.float32(2**16)]),
            down=layer.down * np.float32(2**-16),
        )

    return with_layers(weights, change)


def written(weights: DecoderWeights, precision: Precision, path: Path) -> Path:
    write_decoder(path, weights, precision, "tiny")
    return path


def gemma() -> DecoderWeights:
    return random_weights(tiny_settings("gemma3"))


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


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("layers.3.qkv", 3),
        ("/model/layers.12/mlp/Mul", 12),
        ("model.decoder.h.4.attn", 4),
        ("embed_tokens", None),
        ("lm_head", None),
    ],
)
def test_layers_are_read_from_names(name: str, expected: int | None) -> None:
    assert layer_of(name) == expected


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


@pytest.fixture
def model(tiny: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "model"
    shutil.copytree(tiny, copy, ignore=shutil.ignore_patterns("model_q*.onnx"))
    quantize_model(copy, [], BlockSizes(), lambda line: None)
    return copy


@pytest.fixture
def loud_model(model: Path) -> Path:
    weights = read_onnx_model(model)
    loud = with_layers(
        weights, lambda index, layer: replace(layer, down=layer.down * np.float32(1e4))
    )
    write_decoder(model / "onnx" / "model.onnx", loud, Fp32(), "loud")
    quantize_model(model, [], BlockSizes(), lambda line: None)
    return model


def test_models_that_fit_are_exported_as_ever(model: Path, tmp_path: Path) -> None:
    quantize_model(model, ["fp16", "q4f16"], BlockSizes(), lambda line: None)
    weights = read_onnx_model(model, model / "onnx" / "model.onnx")
    for file, precision in (("model_fp16", Fp16()), ("model_q4f16", Int4BlocksHalf())):
        plain = written_as(weights, precision, tmp_path / "plain.onnx", model)
        assert (model / "onnx" / f"{file}.onnx").read_bytes() == plain.read_bytes()
    assert "half" not in (read_manifest(model) or {})["source"]


def written_as(weights: DecoderWeights, precision: Precision, path: Path, model: Path) -> Path:
    write_decoder(path, weights, precision, str((read_manifest(model) or {})["name"]))
    return path


def test_what_a_mixed_export_keeps_is_in_the_manifest(loud_model: Path) -> None:
    quantize_model(loud_model, ["fp16"], BlockSizes(), lambda line: None)
    half = (read_manifest(loud_model) or {})["source"]["half"]["fp16"]
    assert half["kept32"]["stream"] and half["kept32"]["feedForward"]
    assert half["largest"] > LARGEST and half["cost"]["casts"] > 0
    assert 0 < half["cost"]["bytes"] < 100_000


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["doctor", *map(str, arguments)])
    return result.exit_code, " ".join(result.output.split())


def test_the_doctor_finds_nothing_wrong_with_a_good_model(tiny: Path, tmp_path: Path) -> None:
    report, picture = tmp_path / "r.json", tmp_path / "r.svg"
    code, output = run(tiny, "--json", report, "--plot", picture, "--against", tiny)
    assert code == 0 and "Nothing is wrong with fp32, q8, q4." in output
    found = json.loads(report.read_text())
    jsonschema.validate(found, schema(examination_module, "report.schema.json"))
    assert found["findings"] == [] and all(pair["same"] for pair in found["graphs"])
    assert [each["dtype"] for each in found["precisions"]] == ["fp32", "q8", "q4", "fp16"]
    assert "65,504" in picture.read_text()


def test_no_false_alarms_over_random_prompts(tiny: Path) -> None:
    seed = np.random.default_rng(11)
    sequences = [[int(token) for token in seed.integers(0, 49152, 12)] for _ in range(10)]
    assert findings_of(examine(tiny, sequences)) == []


def test_the_doctor_names_the_operator_that_overflows(loud_model: Path, tmp_path: Path) -> None:
    code, output = run(loud_model)
    assert code == 0
    assert "a plain export in 16 bits would write garbage, as values reach" in output
    weights = read_onnx_model(loud_model)
    write_decoder(loud_model / "onnx" / "model_fp16.onnx", weights, Fp16(), "loud")
    report = tmp_path / "r.json"
    code, output = run(loud_model, "--json", report, "--prompt", PROMPTS[0])
    assert code == 1 and "edge-llm quantize --dtypes fp16" in output
    found = json.loads(report.read_text())
    jsonschema.validate(found, schema(examination_module, "report.schema.json"))
    (fp16,) = [each for each in found["precisions"] if each["dtype"] == "fp16"]
    assert fp16["first"]["kind"] == "overflow" and fp16["agreement"]["meanKl"] is None
    assert fp16["first"]["operator"] == "layers.0.down_proj"
    (error,) = [each for each in found["findings"] if each["severity"] == "error"]
    assert (error["code"], error["operator"]) == ("overflow", "layers.0.down_proj")
    quantize_model(loud_model, ["fp16"], BlockSizes(), lambda line: None)
    assert run(loud_model)[0] == 0


def test_a_precision_of_other_weights_disagrees(tiny: Path, model: Path) -> None:
    weights = read_onnx_model(tiny)
    backwards = replace(weights, embedding=weights.embedding[::-1].copy())
    write_decoder(model / "onnx" / "model_fp16.onnx", backwards, Fp16(), "wrong")
    seen = examine(model, SEQUENCES)
    findings = findings_of(seen)
    assert "disagrees" in [each.code for each in findings if each.severity == "error"]
    assert not verdict_of(seen, findings).ok


def test_what_is_not_a_directory_is_a_wrong_use(tmp_path: Path) -> None:
    assert run(tmp_path / "nowhere")[0] == 2
    assert run(tmp_path, "--text", tmp_path / "nothing.txt")[0] == 2


def test_a_layout_that_no_browser_loads_is_an_error(model: Path) -> None:
    (model / "tokenizer_config.json").unlink()
    code, output = run(model)
    assert code == 1 and "tokenizer_config.json: is missing" in output
    (model / "tokenizer.json").unlink()
    code, output = run(model)
    assert code == 1 and "was not run" in output


def test_a_graph_that_is_none_is_said_to_be_one_that_was_not_run(model: Path) -> None:
    (model / "onnx" / "model_q4.onnx").write_text("<html>")
    seen = examine(model, SEQUENCES)
    (q4,) = [each for each in seen.precisions if each.dtype == "q4"]
    assert q4.reason is not None and q4.agreement is None


def test_graphs_are_compared(tiny: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    graph = onnx.load(tiny / "onnx" / "model_q4.onnx")
    for node in list(graph.graph.node):
        if node.op_type == "Neg":
            graph.graph.node.remove(node)
    graph.graph.initializer.pop()
    graph.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.INT32
    onnx.save(graph, other)
    a, b = GraphFacts.of(tiny / "onnx" / "model_q4.onnx"), GraphFacts.of(other)
    found = {(each.kind, each.name, each.a, each.b) for each in differences(a, b)}
    assert ("operator", "Neg", 1, None) in found
    assert ("input", "input_ids", "int64", "int32") in found
    assert len([each for each in found if each[0] == "initializer"]) == 1
    assert a.operators["com.microsoft.MatMulNBits"] == 9
    assert sum(size for _, size in a.stored.values()) > 6_000_000


def test_texts_are_cut_into_sequences_that_begin_as_texts_do(tiny: Path) -> None:
    default = sequences_of(tiny)
    assert len(default) > 4 and sum(map(len, default)) <= 384
    assert [len(ids) for ids in sequences_of(tiny, text="word " * 500, largest=200)] == [96, 96, 8]
    assert len(sequences_of(tiny, prompts=["one", "two"])) == 2


def test_numerics_hold_for_what_they_were_made_of_and_not_for_a_broken_model(tiny: Path) -> None:
    made = numerics_of(tiny)
    assert made is not None
    jsonschema.validate(made, schema(numerics_module, "numerics.schema.json"))
    assert (made["reference"]["weights"], set(made["expected"])) == ("fp32", {"fp32", "q8", "q4"})
    stored = json.loads((tiny / "numerics.json").read_text())
    assert stored["probe"] == made["probe"] and (tiny / "numerics.json").stat().st_size < 8000
    ids = made["probe"]["ids"]
    for dtype, file in (("fp32", "model"), ("q8", "model_quantized"), ("q4", "model_q4")):
        session = DecoderSession(tiny / "onnx" / f"{file}.onnx")
        logits = session.forward(ids, KeyValueCache(), keep=0)
        kl = [probe_divergence(each, logits[each["position"]]) for each in stored["positions"]]
        assert np.mean(kl) < stored["expected"][dtype]["limitKl"]
        shuffled = [
            probe_divergence(each, logits[each["position"]][::-1]) for each in stored["positions"]
        ]
        assert np.mean(shuffled) > stored["expected"][dtype]["limitKl"]
    assert made["positions"][-1]["position"] == len(ids) - 1


def test_the_embedded_models_numerics_are_those_of_its_graph() -> None:
    folder = Path(__file__).parents[2] / "models" / "function-caller"
    stored = json.loads((folder / "numerics.json").read_text())
    jsonschema.validate(stored, schema(numerics_module, "numerics.schema.json"))
    files = (read_manifest(folder) or {})["files"]
    assert stored["reference"]["sha256"] == files["onnx/model_q4.onnx"]["sha256"]
    session = DecoderSession(folder / "onnx" / "model_q4.onnx")
    logits = session.forward(stored["probe"]["ids"], KeyValueCache(), keep=0)
    for each in stored["positions"]:
        assert probe_divergence(each, logits[each["position"]]) < 1e-3
