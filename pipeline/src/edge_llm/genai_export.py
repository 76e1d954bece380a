"""Graphs of other decoder architectures, from onnxruntime-genai's model builder.

The builder names axes and keeps weights as its own runtime wants them; here its graph
becomes one file with the names that browser libraries expect.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from edge_llm.config_files import copy_config_files, read_generation_config
from edge_llm.manifest import DTYPE_FILES

_LARGEST = 2_000_000_000
"""Bytes that a single .onnx file can hold, a limit of protobuf."""


def write_with_builder(source: Path, target: Path, end_of_turn: int, name: str) -> None:
    """Writes `onnx/model.onnx` in fp32, `config.json` and `generation_config.json`.

    Raises ValueError where the builder is not installed, fails, or makes too large a graph.
    """
    missing = [
        module
        for module in ("onnxruntime_genai", "torch", "transformers")
        if importlib.util.find_spec(module) is None
    ]
    if missing:
        raise ValueError(
            f"this architecture needs {', '.join(missing)}; run with "
            "`uv run --project pipeline --group export edge-llm export …`"
        )
    config: dict[str, Any] = json.loads((source / "config.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        built = Path(scratch) / "built"
        _build(source.resolve(), built, Path(scratch) / "cache")
        _save_as_one(built / "model.onnx", target / DTYPE_FILES["fp32"], name, _head_dim(config))
    copy_config_files(config, read_generation_config(source), end_of_turn, target)


def _build(source: Path, built: Path, cache: Path) -> None:
    command = [sys.executable, "-m", "onnxruntime_genai.models.builder"]
    command += ["-i", str(source), "-o", str(built), "-c", str(cache), "-p", "fp32", "-e", "cpu"]
    # Logits of the last token alone: of all tokens they are the largest tensor there is.
    command += ["--extra_options", "prune_lm_head=true"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not (built / "model.onnx").is_file():
        raise ValueError(f"onnxruntime-genai cannot export {source}:\n{done.stderr[-2000:]}")


def _save_as_one(built: Path, target: Path, name: str, head_dim: int) -> None:
    import onnx

    size = sum(path.stat().st_size for path in built.parent.glob("model.onnx*"))
    if size > _LARGEST:
        raise ValueError(
            f"the graph has {size / 1e9:.1f} GB, more than the 2 GB of one .onnx file; "
            "choose a smaller base model"
        )
    model = onnx.load(built)
    model.graph.name = name
    rename_axes(model, head_dim)
    onnx.save(model, target)


def rename_axes(model: Any, head_dim: int) -> None:
    """Names axes as Transformers.js reads them; it would size empty caches to 0 otherwise."""
    for values, sequence in ((model.graph.input, "past"), (model.graph.output, "total")):
        for value in values:
            dims = value.type.tensor_type.shape.dim
            if value.name.startswith(("past_key_values.", "present.")):
                dims[0].dim_param = "batch_size"
                dims[2].dim_param = f"{sequence}_sequence_length"
                dims[3].dim_value = head_dim
            elif value.name == "attention_mask":
                dims[0].dim_param, dims[1].dim_param = "batch_size", "total_sequence_length"


def _head_dim(config: dict[str, Any]) -> int:
    return int(config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"])
