"""Adds precisions to a model directory, all of them made from its fp32 graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from edge_llm.architecture import DecoderWeights
from edge_llm.doctor.numerics import write_numerics
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import BlockSizes, precision_of
from edge_llm.graph.wide import Wide
from edge_llm.half_range import HalfRange, cost, half_range, needs_range
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
    source: dict[str, Any] = {"blocks": sizes.described()} if _has_blocks(dtypes) else {}
    if is_ours(fp32):
        made, half = _from_weights(directory, wanted, sizes, report)
        known = (read_manifest(directory) or {}).get("source", {}).get("half", {})
        source |= {"half": {**known, **half}} if half else {}
    else:
        made = [_from_graph(directory, dtype, sizes, report) for dtype in wanted]
    write_numerics(directory)
    update_manifest(directory, source)
    return made


def _from_weights(
    directory: Path, dtypes: Sequence[str], sizes: BlockSizes, report: Report
) -> tuple[list[Path], dict[str, Any]]:
    """Files, and by precision what its 16-bit floats could not hold."""
    fp32 = directory / DTYPE_FILES["fp32"]
    weights = read_onnx_model(directory, fp32)
    name = str((read_manifest(directory) or {}).get("name", directory.name))
    writer = PrecisionWriter(weights, directory, sizes, report, fp32)
    made = [
        _in_place(directory / DTYPE_FILES[dtype], partial(writer.write, dtype, name=name))
        for dtype in dtypes
    ]
    return made, writer.half


class PrecisionWriter:
    """Writes graphs of one model, each as its precision needs it.

    `directory` has the tokenizer; `fp32` is the graph of `weights`, where there is one.
    """

    def __init__(
        self,
        weights: DecoderWeights,
        directory: Path,
        sizes: BlockSizes,
        report: Report,
        fp32: Path | None = None,
    ) -> None:
        self._weights = weights
        self._directory = directory
        self._sizes = sizes
        self._report = report
        self._fp32 = fp32
        self.half: dict[str, Any] = {}
        """By precision with mixed floats: what is kept in 32 bits, why, and what it costs."""

    def write(self, dtype: str, path: Path, name: str) -> None:
        """Raises ValueError where 16-bit floats cannot hold what must have 16 bits."""
        precision = precision_of(dtype, self._sizes)
        weights, wide = self._weights, Wide()
        if precision.rounds_activations:
            weights = smoothed_for_rounding(weights, self._directory)
        if needs_range(precision):
            wide = self._range.wide
        kept = " with the residual stream in 32 bits" if wide else ""
        self._report(f"{name}: writing {dtype}{kept}")
        write_decoder(path, weights, precision, name, wide)
        if wide:
            self.half[dtype] = {**self._range.described(), "cost": cost(path)}

    @cached_property
    def _range(self) -> HalfRange:
        self._report("measuring how large values get")
        return half_range(self._weights, self._directory, self._fp32)


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
