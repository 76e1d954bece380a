"""Tiny models with values that 16-bit floats cannot hold, and how reports are checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from edge_llm.architecture import DecoderWeights, LayerWeights
from edge_llm.doctor import numerics
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import Precision
from edge_llm.tiny_families import random_weights, tiny_settings

SEQUENCES = [list(range(1, 25)), list(range(100, 120))]


def schema(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((Path(numerics.__file__).parent / name).read_text())
    return value


def with_layers(
    weights: DecoderWeights, change: Callable[[int, LayerWeights], LayerWeights]
) -> DecoderWeights:
    return replace(weights, layer=lambda index: change(index, weights.layer(index)))


def loud_stream(weights: DecoderWeights) -> DecoderWeights:
    """As in Gemma 3: what the first layer's last norm gives passes what 16 bits hold."""

    def change(index: int, layer: LayerWeights) -> LayerWeights:
        assert layer.post_mlp_norm is not None
        return replace(
            layer, post_mlp_norm=layer.post_mlp_norm * np.float32(3e4 if index == 0 else 1)
        )

    return with_layers(weights, change)


def loud_feed_forward(weights: DecoderWeights, index: int = 1) -> DecoderWeights:
    """A feed-forward part whose inner values pass 65504, and whose result does not."""

    def change(at: int, layer: LayerWeights) -> LayerWeights:
        if at != index:
            return layer
        gate, up = np.split(layer.gate_up, 2)
        return replace(
            layer,
            gate_up=np.concatenate([gate, up * np.float32(2**16)]),
            down=layer.down * np.float32(2**-16),
        )

    return with_layers(weights, change)


def written(weights: DecoderWeights, precision: Precision, path: Path) -> Path:
    write_decoder(path, weights, precision, "tiny")
    return path


def gemma() -> DecoderWeights:
    return random_weights(tiny_settings("gemma3"))
