"""From any GGUF file of a known family to the browser layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from edge_llm.config_files import copy_config_files
from edge_llm.convert import recipe_hash
from edge_llm.directories import whole_directory
from edge_llm.doctor.numerics import write_numerics
from edge_llm.gguf_source import GgufModel
from edge_llm.graph.precision import BlockSizes
from edge_llm.hf_config import architecture_of
from edge_llm.manifest import DTYPE_FILES, sha256_of, write_manifest
from edge_llm.precisions import PrecisionWriter
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
    if "fp32" in dtypes and _values(model) * 4 > LARGEST:
        raise ValueError(f"{path} is too large for one .onnx file in fp32; leave out fp32")
    with whole_directory(target) as made:
        (made / "onnx").mkdir()
        copy_config_files(settings, {}, weights.config.eos_token_id, made)
        write_tokenizer_files(model, weights.config, made)
        fp32 = made / DTYPE_FILES["fp32"] if "fp32" in dtypes else None
        writer = PrecisionWriter(weights, made, sizes, report, fp32)
        for dtype in sorted(dtypes, key=list(DTYPE_FILES).index):
            writer.write(dtype, made / DTYPE_FILES[dtype], target.name)
        write_numerics(made)
        source = {
            "file": path.name,
            "sha256": sha256_of(path),
            "licence": str(model.field_or_none("general.license") or "unknown"),
            "recipe": recipe_hash(),
            "blocks": sizes.described(),
            **({"half": writer.half} if writer.half else {}),
        }
        write_manifest(made, target.name, architecture_of(settings), list(dtypes), source)
    return target


def _values(model: GgufModel) -> int:
    return sum(int(np.prod(shape)) for shape in model.shapes())
