"""What becomes of a graph by onnxruntime-genai's builder, and of a machine without it."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import pytest
from onnx import TensorProto, helper

from edge_llm.base import TINY, open_base
from edge_llm.export import export_model
from edge_llm.genai_export import rename_axes


def test_axes_get_the_names_that_transformers_js_reads() -> None:
    axes = ["b", 1, "length", "kv_cache_dim"]
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, axes)
        for name in ("past_key_values.0.key", "present.0.key")
    ]
    mask = helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["b", "t"])
    model = helper.make_model(helper.make_graph([], "g", [values[0], mask], [values[1]]))
    rename_axes(model, 32)
    named = {
        value.name: [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    assert named == {
        "past_key_values.0.key": ["batch_size", 1, "past_sequence_length", 32],
        "attention_mask": ["batch_size", "total_sequence_length"],
        "present.0.key": ["batch_size", 1, "total_sequence_length", 32],
    }


def test_the_group_to_install_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path(shutil.copytree(open_base(TINY, tmp_path / "base"), tmp_path / "fused"))
    config = json.loads((source / "config.json").read_text())
    (source / "config.json").write_text(
        json.dumps({**config, "architectures": ["Qwen3ForCausalLM"], "attention_bias": True})
    )
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match="--group export"):
        export_model(source, tmp_path / "model", "qwen", print)
    assert not (tmp_path / "model").exists()
