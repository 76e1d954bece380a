"""Adds precisions to a model directory, all of them made from its fp32 graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from edge_llm.architecture import DecoderConfig
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import PRECISIONS, BlockSizes, precision_of
from edge_llm.manifest import DTYPE_FILES, read_manifest, update_manifest
from edge_llm.onnx_weights import is_ours, read_onnx_model
from edge_llm.smoothing import smoothed_for_rounding

Report = Callable[[str], None]


def quantize_model(
    directory: Path, dtypes: Sequence[str], sizes: BlockSizes, report: Report
) -> list[Path]:
    """Writes `dtypes` beside `onnx/model.onnx`; `sizes` are those of q4 and q4f16.

    Raises FileNotFoundError without an fp32 graph, ValueError for a precision that is
    unknown or that this graph cannot have.
    """
    unknown = [dtype for dtype in dtypes if dtype not in DTYPE_FILES]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not one of {', '.join(DTYPE_FILES)}")
    fp32 = directory / DTYPE_FILES["fp32"]
    if not fp32.is_file():
        raise FileNotFoundError(f"{fp32} is missing; make it with `edge-llm export`")
    wanted = [dtype for dtype in dtypes if dtype != "fp32"]
    if is_ours(fp32):
        made = [_from_weights(directory, dtype, sizes, report) for dtype in wanted]
    else:
        made = [_from_graph(directory, dtype, sizes, report) for dtype in wanted]
    update_manifest(directory, {"blocks": sizes.described()} if _has_blocks(dtypes) else {})
    return made


def _from_weights(directory: Path, dtype: str, sizes: BlockSizes, report: Report) -> Path:
    weights = read_onnx_model(directory, directory / DTYPE_FILES["fp32"])
    precision = precision_of(dtype, sizes)
    check_floats(weights.config, dtype, str(directory))
    if precision.rounds_activations:
        weights = smoothed_for_rounding(weights, directory)
    name = str((read_manifest(directory) or {}).get("name", directory.name))
    report(f"writing {dtype}")
    return _in_place(
        directory / DTYPE_FILES[dtype],
        lambda path: write_decoder(path, weights, precision, name),
    )


def check_floats(config: DecoderConfig, dtype: str, what: str) -> None:
    """Raises ValueError where a precision's floats cannot hold what the decoder computes."""
    if config.traits.exceeds_half and PRECISIONS[dtype]().floats is np.float16:
        raise ValueError(
            f"{what}: the residual stream of this architecture passes 65504, the largest 16-bit "
            f"number, so {dtype} would write garbage; use q4"
        )


def _from_graph(directory: Path, dtype: str, sizes: BlockSizes, report: Report) -> Path:
    from edge_llm.graph.rewrite import round_graph

    if dtype != "q4":
        raise ValueError(
            f"{directory}: {dtype} can be made of graphs by edge-llm only; this one has fp32 and q4"
        )
    if sizes.zero_points or sizes.scale_bits != BlockSizes().scale_bits:
        raise ValueError(
            f"{directory}: graphs by others get symmetric blocks with scales of 16 bits; leave "
            "out --zero-points and --scale-bits"
        )
    report(f"writing {dtype} from the fp32 graph")
    return _in_place(
        directory / DTYPE_FILES[dtype],
        lambda path: round_graph(directory / DTYPE_FILES["fp32"], path, sizes),
    )


def _in_place(target: Path, write: Callable[[Path], None]) -> Path:
    scratch = target.with_name(f".{target.name}.making")
    try:
        write(scratch)
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)
    return target


def _has_blocks(dtypes: Sequence[str]) -> bool:
    return any(dtype in ("q4", "q4f16") for dtype in dtypes)
