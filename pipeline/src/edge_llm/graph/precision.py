"""How a matrix multiplication and the tied embedding are stored and computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from edge_llm.architecture import FloatArray
from edge_llm.graph.writer import MICROSOFT, GraphWriter
from edge_llm.quantize import blocks, blocks_from_zero, rows_uint8

BLOCK = 32
BLOCKS = (16, 32, 64, 128)


class Precision(Protocol):
    """One storage format of weights."""

    floats: type[np.floating[Any]]
    """Type of activations, norms and the KV cache."""
    rounds_activations: bool
    """Whether matrices see rounded inputs, which calls for smoothed weights."""

    def linear(self, graph: GraphWriter, x: str, weight: FloatArray, name: str) -> str:
        """`x @ weight.T` for a weight `[outputs, inputs]`."""

    def embed(self, graph: GraphWriter, ids: str, embedding: FloatArray, *, tied: bool) -> str:
        """Rows of the embedding `[vocab, hidden]` for `ids [batch, sequence]`.

        A tied embedding is stored once, under the name of the head.
        """

    def head(self, graph: GraphWriter, x: str, head: FloatArray) -> str:
        """Logits, from the head `[vocab, hidden]`."""

    def widened(self, *, vocabulary: bool = False) -> Precision:
        """The same stored weights with 32-bit floats around them.

        `vocabulary` asks for embedding and head, where that must not cost memory.
        """


class Fp32:
    """Plain floats. A tied embedding is stored `[hidden, vocab]`, as the head needs it."""

    floats: type[np.floating[Any]] = np.float32
    rounds_activations = False

    def linear(self, graph: GraphWriter, x: str, weight: FloatArray, name: str) -> str:
        stored = graph.weight(f"{name}.weight", weight.T.astype(self.floats, copy=False))
        return graph.node("MatMul", [x, stored], name)

    def embed(self, graph: GraphWriter, ids: str, embedding: FloatArray, *, tied: bool) -> str:
        if not tied:
            stored = embedding.astype(self.floats, copy=False)
            rows = graph.weight("embed_tokens.weight", stored)
            return graph.node("Gather", [rows, ids], "embed_tokens", axis=0)
        table = graph.weight("lm_head.weight", embedding.T.astype(self.floats, copy=False))
        columns = graph.node("Gather", [table, ids], "embed_tokens.gather", axis=1)
        return graph.node("Transpose", [columns], "embed_tokens", perm=[1, 2, 0])

    def head(self, graph: GraphWriter, x: str, head: FloatArray) -> str:
        return self.linear(graph, x, head, "lm_head")

    def widened(self, *, vocabulary: bool = False) -> Precision:
        return self


class Fp16(Fp32):
    """Plain floats of 16 bits, between operators too."""

    floats = np.float16

    def widened(self, *, vocabulary: bool = False) -> Precision:
        return self if vocabulary else StoredHalf()


class StoredHalf(Fp32):
    """Weights in 16 bits, computed with in 32. ONNX Runtime widens them when it loads them."""

    def linear(self, graph: GraphWriter, x: str, weight: FloatArray, name: str) -> str:
        stored = graph.cast_weight(f"{name}.weight", weight.T, np.float16, self.floats)
        return graph.node("MatMul", [x, stored], name)


class Int8PerToken:
    """Unsigned 8-bit weights per output, activations quantized anew for every token.

    One scale for a whole prompt would let its first token, whose activations are huge,
    drown all others, and results would depend on how a prompt is cut into chunks.
    Weights are unsigned because x86 kernels for unsigned by signed saturate at 16 bits.
    """

    floats: type[np.floating[Any]] = np.float32
    rounds_activations = True

    def linear(self, graph: GraphWriter, x: str, weight: FloatArray, name: str) -> str:
        values, scales = rows_uint8(weight)
        quantized, row_scale = self._activation(graph, x)
        product = graph.node(
            "MatMulIntegerToFloat",
            [
                quantized,
                graph.weight(f"{name}.weight", values.T),
                graph.scalar(1.0, np.float32),
                graph.weight(f"{name}.scale", scales),
                graph.scalar(128, np.uint8),
                graph.scalar(128, np.uint8),
            ],
            f"{name}.matmul",
            domain=MICROSOFT,
        )
        return graph.node("Mul", [product, row_scale], name)

    def _activation(self, graph: GraphWriter, x: str) -> tuple[str, str]:
        """Symmetric, -127..127 around 128, by the largest magnitude of each row.

        An all-zero row divides by zero, but its products are then scaled by zero.
        """
        magnitude = graph.node("Abs", [x], f"{x}.abs")
        peak = graph.node("ReduceMax", [magnitude, graph.vector(-1)], f"{x}.peak", keepdims=1)
        scale = graph.node("Mul", [peak, graph.scalar(1 / 127, np.float32)], f"{x}.scale")
        unit = graph.node("Div", [x, scale], f"{x}.unit")
        one, middle = graph.scalar(1.0, np.float32), graph.scalar(128, np.uint8)
        return graph.node("QuantizeLinear", [unit, one, middle], f"{x}.quantized"), scale

    def embed(self, graph: GraphWriter, ids: str, embedding: FloatArray, *, tied: bool) -> str:
        name = "lm_head" if tied else "embed_tokens"
        values, scales = rows_uint8(embedding)
        table = graph.weight(f"{name}.weight", values.T)
        columns = graph.node("Gather", [table, ids], "embed_tokens.gather", axis=1)
        rows = graph.node("Transpose", [columns], "embed_tokens.rows", perm=[1, 2, 0])
        scale = graph.node(
            "Gather", [graph.weight(f"{name}.scale", scales), ids], "embed_tokens.scale", axis=0
        )
        scale = graph.node("Unsqueeze", [scale, graph.vector(-1)], "embed_tokens.row_scale")
        one, middle = graph.scalar(1.0, np.float32), graph.scalar(128, np.uint8)
        unit = graph.node("DequantizeLinear", [rows, one, middle], "embed_tokens.unit")
        return graph.node("Mul", [unit, scale], "embed_tokens")

    def head(self, graph: GraphWriter, x: str, head: FloatArray) -> str:
        return self.linear(graph, x, head, "lm_head")

    def widened(self, *, vocabulary: bool = False) -> Precision:
        return self


@dataclass(frozen=True)
class BlockSizes:
    """How finely 4-bit graphs are rounded: values that share a scale, and bits of a value."""

    block: int = BLOCK
    embedding_bits: int = 8
    embedding_block: int = BLOCK
    zero_points: bool = False
    """A zero point for each block, instead of the middle of the range."""
    scale_bits: int = 16
    """Of a stored scale: 16 or 32."""

    def __post_init__(self) -> None:
        for block in (self.block, self.embedding_block):
            if block not in BLOCKS:
                raise ValueError(f"blocks hold {', '.join(map(str, BLOCKS))} values, not {block}")
        if self.embedding_bits not in (4, 8):
            raise ValueError(f"an embedding has 4 or 8 bits, not {self.embedding_bits}")
        if self.scale_bits not in (16, 32):
            raise ValueError(f"scales have 16 or 32 bits, not {self.scale_bits}")

    def described(self) -> dict[str, int | bool]:
        """What a manifest says of them: the sizes, and what is out of the ordinary."""
        plain = vars(BlockSizes())
        sizes = ("block", "embedding_bits", "embedding_block")
        given = vars(self).items()
        return {name: value for name, value in given if name in sizes or value != plain[name]}


class Int4Blocks:
    """4-bit blocks, symmetric unless told; embedding and head share one table of blocks.

    Scales are stored in 16 bits, which is a tenth of the file less than in 32.
    """

    floats: type[np.floating[Any]] = np.float32
    rounds_activations = False

    def __init__(self, sizes: BlockSizes | None = None) -> None:
        self._sizes = sizes or BlockSizes()

    def linear(self, graph: GraphWriter, x: str, weight: FloatArray, name: str) -> str:
        return self._matmul(graph, x, weight, name, 4, self._sizes.block)

    def head(self, graph: GraphWriter, x: str, head: FloatArray) -> str:
        sizes = self._sizes
        return self._matmul(graph, x, head, "lm_head", sizes.embedding_bits, sizes.embedding_block)

    def embed(self, graph: GraphWriter, ids: str, embedding: FloatArray, *, tied: bool) -> str:
        bits, block = self._sizes.embedding_bits, self._sizes.embedding_block
        vocab, hidden = embedding.shape
        name = "lm_head" if tied else "embed_tokens"
        values, *scales = self._stored(graph, embedding, name, bits, block)
        whole = -(-hidden // block) * block
        # MatMulNBits takes its blocks in three dimensions, the gather in two.
        flat = graph.vector(vocab, whole * bits // 8)
        flat = graph.node("Reshape", [values, flat], "embed_tokens.table")
        rows = graph.node(
            "GatherBlockQuantized",
            [flat, ids, *scales],
            "embed_tokens",
            domain=MICROSOFT,
            bits=bits,
            block_size=block,
            gather_axis=0,
            quantize_axis=1,
        )
        if whole == hidden:
            return rows
        ends = [graph.vector(value) for value in (0, hidden, -1)]
        return graph.node("Slice", [rows, *ends], "embed_tokens.cut")

    def widened(self, *, vocabulary: bool = False) -> Precision:
        return Int4Blocks(self._sizes)

    def _matmul(
        self, graph: GraphWriter, x: str, weight: FloatArray, name: str, bits: int, block: int
    ) -> str:
        outputs, inputs = weight.shape
        return graph.node(
            "MatMulNBits",
            [x, *self._stored(graph, weight, name, bits, block)],
            name,
            domain=MICROSOFT,
            N=outputs,
            K=inputs,
            bits=bits,
            block_size=block,
        )

    def _stored(
        self, graph: GraphWriter, weight: FloatArray, name: str, bits: int, block: int
    ) -> list[str]:
        """Names of values and scales, and of zero points where there are any."""
        held = np.float16 if self._sizes.scale_bits == 16 else np.float32
        if not self._sizes.zero_points:
            values, scales = blocks(weight, bits, block, self._sizes.scale_bits)
            stored = graph.weight(f"{name}.weight", values)
            return [stored, graph.cast_weight(f"{name}.scale", scales, held, self.floats)]
        values, scales, zeros = blocks_from_zero(weight, bits, block, self._sizes.scale_bits)
        return [
            graph.weight(f"{name}.weight", values),
            graph.cast_weight(f"{name}.scale", scales, held, self.floats),
            graph.weight(f"{name}.zero", zeros),
        ]


class Int4BlocksHalf(Int4Blocks):
    """The same with 16-bit floats between operators."""

    floats = np.float16


PRECISIONS: dict[str, Callable[[], Precision]] = {
    "fp32": Fp32,
    "q8": Int8PerToken,
    "q4": Int4Blocks,
    "fp16": Fp16,
    "q4f16": Int4BlocksHalf,
}


def precision_of(dtype: str, sizes: BlockSizes) -> Precision:
    """The storage format of a precision; `sizes` matter to q4 and q4f16 alone."""
    if dtype == "q4":
        return Int4Blocks(sizes)
    return Int4BlocksHalf(sizes) if dtype == "q4f16" else PRECISIONS[dtype]()
