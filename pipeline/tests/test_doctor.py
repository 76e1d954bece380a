"""The doctor: what it says of good models and of broken ones, and in which form."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import onnx
import pytest
from loud_models import SEQUENCES, schema
from typer.testing import CliRunner

from edge_llm.cli import app
from edge_llm.corpus import PROMPTS
from edge_llm.doctor.examination import examine
from edge_llm.doctor.graphs import GraphFacts, differences
from edge_llm.doctor.text import sequences_of
from edge_llm.doctor.values import layer_of
from edge_llm.doctor.verdict import findings_of, verdict_of
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import BlockSizes, Fp16
from edge_llm.onnx_weights import read_onnx_model
from edge_llm.precisions import quantize_model


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


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["doctor", *map(str, arguments)])
    return result.exit_code, " ".join(result.output.split())


def test_the_doctor_finds_nothing_wrong_with_a_good_model(tiny: Path, tmp_path: Path) -> None:
    report, picture = tmp_path / "r.json", tmp_path / "r.svg"
    code, output = run(tiny, "--json", report, "--plot", picture, "--against", tiny)
    assert code == 0 and "Nothing is wrong with fp32, q8, q4." in output
    found = json.loads(report.read_text())
    jsonschema.validate(found, schema("report.schema.json"))
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
    jsonschema.validate(found, schema("report.schema.json"))
    (fp16,) = [each for each in found["precisions"] if each["dtype"] == "fp16"]
    assert fp16["first"]["kind"] == "overflow" and fp16["agreement"]["meanKl"] is None
    assert fp16["first"]["operator"] == "layers.0.down_proj"
    (error,) = [each for each in found["findings"] if each["severity"] == "error"]
    assert (error["code"], error["operator"]) == ("overflow", "layers.0.down_proj")
    quantize_model(loud_model, ["fp16"], BlockSizes(), lambda line: None)
    assert run(loud_model)[0] == 0


def test_a_precision_of_other_weights_disagrees(tiny: Path, exported: Path) -> None:
    weights = read_onnx_model(tiny)
    backwards = replace(weights, embedding=weights.embedding[::-1].copy())
    write_decoder(exported / "onnx" / "model_fp16.onnx", backwards, Fp16(), "wrong")
    seen = examine(exported, SEQUENCES)
    findings = findings_of(seen)
    assert "disagrees" in [each.code for each in findings if each.severity == "error"]
    assert not verdict_of(seen, findings).ok


def test_what_is_not_a_directory_is_a_wrong_use(tmp_path: Path) -> None:
    assert run(tmp_path / "nowhere")[0] == 2
    assert run(tmp_path, "--text", tmp_path / "nothing.txt")[0] == 2


def test_a_layout_that_no_browser_loads_is_an_error(exported: Path) -> None:
    (exported / "tokenizer_config.json").unlink()
    code, output = run(exported)
    assert code == 1 and "tokenizer_config.json: is missing" in output
    (exported / "tokenizer.json").unlink()
    code, output = run(exported)
    assert code == 1 and "was not run" in output


def test_a_graph_that_is_none_is_said_to_be_one_that_was_not_run(exported: Path) -> None:
    (exported / "onnx" / "model_q4.onnx").write_text("<html>")
    seen = examine(exported, SEQUENCES)
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
