"""`numerics.json`: what it holds, and which models pass it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
from loud_models import schema

from edge_llm.doctor.numerics import numerics_of, probe_divergence
from edge_llm.manifest import read_manifest
from edge_llm.session import DecoderSession, KeyValueCache


def test_numerics_hold_for_what_they_were_made_of_and_not_for_a_broken_model(tiny: Path) -> None:
    made = numerics_of(tiny)
    assert made is not None
    jsonschema.validate(made, schema("numerics.schema.json"))
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
    jsonschema.validate(stored, schema("numerics.schema.json"))
    files = (read_manifest(folder) or {})["files"]
    assert stored["reference"]["sha256"] == files["onnx/model_q4.onnx"]["sha256"]
    session = DecoderSession(folder / "onnx" / "model_q4.onnx")
    logits = session.forward(stored["probe"]["ids"], KeyValueCache(), keep=0)
    for each in stored["positions"]:
        assert probe_divergence(each, logits[each["position"]]) < 1e-3
