"""What the SIMD core is to compute, and from which tensors. The host's twin: `ModelPlan.ts`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edge_llm.simd.onnx_graph import Tensor

Gate = Literal["silu", "gelu-tanh"]


@dataclass(frozen=True)
class Place:
    """Bytes of a tensor, from `offset` on."""

    tensor: Tensor
    offset: int = 0

    def moved(self, count: int) -> Place:
        return Place(self.tensor, self.offset + count)


@dataclass(frozen=True)
class VectorPlan:
    place: Place
    length: int
    bits: int
    """Of an element: 16 or 32."""


@dataclass(frozen=True)
class MatrixPlan:
    """Weights `[rows, columns]` where they lie; formats as in `core/Matrix.ts`."""

    rows: int
    columns: int
    bits: int
    block: int
    """Elements that share a scale; 0 for floats."""
    weights: Place
    scales: Place | None = None
    scale_bits: int = 32
    zero_points: Place | None = None
    bias: VectorPlan | None = None


@dataclass(frozen=True)
class Llama3:
    factor: float
    low_frequency_factor: float
    high_frequency_factor: float
    original_context: float


@dataclass(frozen=True)
class RotaryPlan:
    dimensions: int
    interleaved: bool
    theta: float
    factor: float = 1.0
    llama3: Llama3 | None = None


@dataclass(frozen=True)
class LayerPlan:
    input_norm: VectorPlan
    query: MatrixPlan
    key: MatrixPlan
    value: MatrixPlan
    output: MatrixPlan
    query_norm: VectorPlan | None
    key_norm: VectorPlan | None
    post_attention_norm: VectorPlan | None
    mlp_norm: VectorPlan
    gate: MatrixPlan
    up: MatrixPlan
    down: MatrixPlan
    post_mlp_norm: VectorPlan | None
    window: int
    """Tokens that attention looks back, itself included; 0: all."""
    rotary: RotaryPlan


@dataclass(frozen=True)
class ModelPlan:
    hidden: int
    intermediate: int
    heads: int
    key_value_heads: int
    head_dim: int
    vocab: int
    gate: Gate
    embedding: MatrixPlan
    head: MatrixPlan
    final_norm: VectorPlan
    layers: tuple[LayerPlan, ...]
    epsilon: float
    embedding_scale: float
    attention_scale: float
    residual_scale: float
    logit_scale: float
    logit_cap: float
    attention_cap: float
    context: int
    """Most tokens of a sequence."""
    norm_offset: float = 0.0
