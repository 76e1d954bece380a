"""From any GGUF file of a known family to the browser layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from edge_llm.config_files import copy_config_files
from edge_llm.convert import recipe_hash
from edge_llm.directories import whole_directory
from edge_llm.gguf_source import GgufModel
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import BlockSizes, precision_of
from edge_llm.hf_config import architecture_of
from edge_llm.manifest import DTYPE_FILES, sha256_of, write_manifest
from edge_llm.precisions import check_floats
from edge_llm.smoothing import smoothed_for_rounding
from edge_llm.tokenizer_files import write_tokenizer_files

LARGEST = 2_000_000_000
"""Bytes that a single .onnx file can hold, a limit of protobuf."""


def convert_gguf(
    path: Path,
    target: Path,
    dtypes: Sequence[str],
    sizes: BlockSizes,
    report: Callable[[str], None],
) -> Path:
    """Makes `target` the browser layout of the file, with a graph for each of `dtypes`.

    Raises ValueError for a file or a precision that graphs cannot express.
    """
    model = GgufModel(path)
    settings = model.settings
    weights = model.weights()
    for dtype in dtypes:
        check_floats(weights.config, dtype, str(path))
    if "fp32" in dtypes and _values(model) * 4 > LARGEST:
        raise ValueError(f"{path} is too large for one .onnx file in fp32; leave out fp32")
    with whole_directory(target) as made:
        (made / "onnx").mkdir()
        copy_config_files(settings, {}, weights.config.eos_token_id, made)
        write_tokenizer_files(model, weights.config, made)
        for dtype in dtypes:
            report(f"{target.name}: writing {dtype}")
            precision = precision_of(dtype, sizes)
            shaped = (
                smoothed_for_rounding(weights, made) if precision.rounds_activations else weights
            )
            write_decoder(made / DTYPE_FILES[dtype], shaped, precision, target.name)
        source = {
            "file": path.name,
            "sha256": sha256_of(path),
            "licence": str(model.field_or_none("general.license") or "unknown"),
            "recipe": recipe_hash(),
            "blocks": sizes.described(),
        }
        write_manifest(made, target.name, architecture_of(settings), list(dtypes), source)
    return target


def _values(model: GgufModel) -> int:
    return sum(int(np.prod(shape)) for shape in model.shapes())
