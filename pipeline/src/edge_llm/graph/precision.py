"""How a matrix multiplication and the tied embedding are stored and computed."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from edge_llm.architecture import FloatArray
from edge_llm.graph.writer import MICROSOFT, GraphWriter
from edge_llm.quantize import blocks_int4, blocks_int8, rows_uint8

BLOCK = 32


class Precision(Protocol):
    """One storage format of weights. Activations between operators are always fp32."""

    rounds_activations: bool
    """Whether matrices see rounded inputs, which calls for smoothed weights."""

    def linear(self, graph: GraphWriter, x: str, weight: FloatArray, name: str) -> str:
        """`x @ weight.T` for a weight `[outputs, inputs]`."""

    def embed(self, graph: GraphWriter, ids: str, embedding: FloatArray) -> str:
        """Rows of the embedding `[vocab, hidden]` for `ids [batch, sequence]`."""

    def head(self, graph: GraphWriter, x: str, embedding: FloatArray) -> str:
        """Logits, from the same stored copy of the embedding."""


class Fp32:
    """Plain floats. The embedding is stored `[hidden, vocab]`, as the head needs it."""

    rounds_activations = False

    def linear(self, graph: GraphWriter, x: str, weight: FloatArray, name: str) -> str:
        return graph.node("MatMul", [x, graph.weight(f"{name}.weight", weight.T)], name)

    def embed(self, graph: GraphWriter, ids: str, embedding: FloatArray) -> str:
        table = graph.weight("lm_head.weight", embedding.T)
        columns = graph.node("Gather", [table, ids], "embed_tokens.gather", axis=1)
        return graph.node("Transpose", [columns], "embed_tokens", perm=[1, 2, 0])

    def head(self, graph: GraphWriter, x: str, embedding: FloatArray) -> str:
        return self.linear(graph, x, embedding, "lm_head")


class Int8PerToken:
    """Unsigned 8-bit weights per output, activations quantized anew for every token.

    One scale for a whole prompt would let its first token, whose activations are huge,
    drown all others, and results would depend on how a prompt is cut into chunks.
    Weights are unsigned because x86 kernels for unsigned by signed saturate at 16 bits.
    """

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

    def embed(self, graph: GraphWriter, ids: str, embedding: FloatArray) -> str:
        values, scales = rows_uint8(embedding)
        table = graph.weight("lm_head.weight", values.T)
        columns = graph.node("Gather", [table, ids], "embed_tokens.gather", axis=1)
        rows = graph.node("Transpose", [columns], "embed_tokens.rows", perm=[1, 2, 0])
        scale = graph.node(
            "Gather", [graph.weight("lm_head.scale", scales), ids], "embed_tokens.scale", axis=0
        )
        scale = graph.node("Unsqueeze", [scale, graph.vector(-1)], "embed_tokens.row_scale")
        one, middle = graph.scalar(1.0, np.float32), graph.scalar(128, np.uint8)
        unit = graph.node("DequantizeLinear", [rows, one, middle], "embed_tokens.unit")
        return graph.node("Mul", [unit, scale], "embed_tokens")

    def head(self, graph: GraphWriter, x: str, embedding: FloatArray) -> str:
        return self.linear(graph, x, embedding, "lm_head")


class Int4Blocks:
    """4-bit blocks of 32 with a symmetric scale; embedding and head share 8-bit blocks."""

    rounds_activations = False

    def linear(self, graph: GraphWriter, x: str, weight: FloatArray, name: str) -> str:
        values, scales = blocks_int4(weight, BLOCK)
        stored = graph.weight(f"{name}.weight", values)
        return self._matmul(
            graph, x, stored, graph.weight(f"{name}.scale", scales), weight.shape, 4, name
        )

    def _matmul(
        self,
        graph: GraphWriter,
        x: str,
        values: str,
        scales: str,
        shape: tuple[int, ...],
        bits: int,
        name: str,
    ) -> str:
        outputs, inputs = shape
        return graph.node(
            "MatMulNBits",
            [x, values, scales],
            name,
            domain=MICROSOFT,
            N=outputs,
            K=inputs,
            bits=bits,
            block_size=BLOCK,
        )

    def _table(self, graph: GraphWriter, embedding: FloatArray) -> tuple[str, str]:
        values, scales = blocks_int8(embedding, BLOCK)
        return graph.weight("lm_head.weight", values), graph.weight("lm_head.scale", scales)

    def embed(self, graph: GraphWriter, ids: str, embedding: FloatArray) -> str:
        values, scales = self._table(graph, embedding)
        vocab, hidden = embedding.shape
        # MatMulNBits takes its blocks in three dimensions, the gather in two.
        flat = graph.node("Reshape", [values, graph.vector(vocab, hidden)], "embed_tokens.table")
        return graph.node(
            "GatherBlockQuantized",
            [flat, ids, scales],
            "embed_tokens",
            domain=MICROSOFT,
            bits=8,
            block_size=BLOCK,
            gather_axis=0,
            quantize_axis=1,
        )

    def head(self, graph: GraphWriter, x: str, embedding: FloatArray) -> str:
        values, scales = self._table(graph, embedding)
        return self._matmul(graph, x, values, scales, embedding.shape, 8, "lm_head")


PRECISIONS: dict[str, type[Precision]] = {"fp32": Fp32, "q8": Int8PerToken, "q4": Int4Blocks}
