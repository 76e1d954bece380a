"""An 8-bit graph for ONNX Runtime's WASM kernels, made on this machine from the 4-bit one."""

from __future__ import annotations

import json
from pathlib import Path

from edge_llm.convert import recipe_hash
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import PRECISIONS
from edge_llm.manifest import DTYPE_FILES, read_manifest, sha256_of, update_manifest
from edge_llm.onnx_weights import read_onnx_model
from edge_llm.smoothing import smoothed_for_rounding
from edge_llm.tokenizer_files import write_json


def derive_q8(directory: Path, target: Path | None = None) -> Path | None:
    """Writes `onnx/model_quantized.onnx` from `onnx/model_q4.onnx`; None if it is there already.

    A stamp beside `target` (default: the q8 file of `directory`) tells which 4-bit file and
    recipe it is of. A manifest in `directory` that does not know q8 gets it.
    Raises FileNotFoundError without a 4-bit graph, ValueError if another tool made it.
    """
    source = directory / DTYPE_FILES["q4"]
    if not source.is_file():
        raise FileNotFoundError(f"{source} is missing; it is what q8 is derived from")
    path = target or directory / DTYPE_FILES["q8"]
    stamp = path.with_name(f".{path.name}.derived.json")
    origin = {"q4": sha256_of(source), "recipe": recipe_hash()}
    if path.is_file() and stamp.is_file() and json.loads(stamp.read_text("utf-8")) == origin:
        return None
    weights = smoothed_for_rounding(read_onnx_model(directory, source), directory)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.making")
    try:
        write_decoder(scratch, weights, PRECISIONS["q8"](), directory.name)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    write_json(stamp, origin)
    manifest = read_manifest(directory)
    # A manifest that lists q8 as optional stays as it is: it belongs to whoever shipped the model.
    named = (manifest or {}).get("dtypes", {}).get("q8", {})
    if target is None and manifest and not named.get("optional"):
        update_manifest(directory, {})
    return path
