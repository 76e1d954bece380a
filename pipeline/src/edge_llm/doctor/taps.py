"""A graph whose operators' results can all be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from edge_llm.architecture import FloatArray
from edge_llm.doctor.half import before_rounding, emulated
from edge_llm.doctor.values import Value, Values
from edge_llm.session import DecoderSession

LARGEST_FILE = 1_900_000_000
"""Bytes of a graph that can still be changed: protobuf holds two gigabytes."""


class TappedModel:
    """One graph of a model directory with all its floats readable.

    A graph with 16-bit values runs with them emulated (`half`); with `as_half` any graph
    does, as if it had been exported in 16 bits. Raises ValueError where the file is too
    large to be changed.
    """

    def __init__(self, path: Path, *, as_half: bool = False) -> None:
        _check_size(path)
        model = onnx.load(path)
        self.values: list[Value] = list(Values(model.graph))
        """In the graph's order, with the names of the file."""
        self.is_emulated = as_half or any(value.half for value in self.values)
        self.rounded = emulated(model, everything=as_half) if self.is_emulated else set[str]()
        """Tensors that are rounded to 16 bits."""
        outputs = {value.name for value in model.graph.output}
        self._fetched = {
            value.tensor: before_rounding(value.tensor)
            if value.tensor in self.rounded
            else value.tensor
            for value in self.values
        }
        model.graph.output.extend(
            onnx.ValueInfoProto(name=name) for name in self._fetched.values() if name not in outputs
        )
        self._session = DecoderSession(model.SerializeToString())

    def run(self, tokens: Sequence[int]) -> tuple[FloatArray, dict[str, NDArray[Any]]]:
        """All logits `[tokens, vocab]`, and every value, before rounding, by its name."""
        results = self._session.everything(tokens, ["logits", *self._fetched.values()])
        logits: FloatArray = results["logits"][0]
        return logits, {name: results[asked] for name, asked in self._fetched.items()}


def open_as_half(path: Path, *, as_half: bool = False) -> DecoderSession:
    """A session that computes with the 16-bit values of a graph as a GPU would.

    With `as_half` all floats have 16 bits. A graph without any runs as it is.
    """
    _check_size(path)
    model = onnx.load(path)
    if not as_half and not Values(model.graph).is_half:
        return DecoderSession(path)
    emulated(model, everything=as_half)
    return DecoderSession(model.SerializeToString())


def as_half(x: NDArray[Any]) -> FloatArray:
    """Rounded to 16 bits, over 65504 to infinity."""
    with np.errstate(over="ignore"):
        return x.astype(np.float16).astype(np.float32)


def _check_size(path: Path) -> None:
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError(f"{path.name} is too large to look into: over 1.9 GB in one file")
