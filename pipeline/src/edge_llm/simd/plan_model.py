"""Reads from a model's graph what the SIMD core is to compute.

The rules are those of the browser's `src/inference/runtimes/simd/planModel.ts`: the graph's nodes
decide; the family and the rotary embedding of `config.json` are compared with them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_llm.manifest import DTYPE_FILES
from edge_llm.simd.architectures import Settings, architecture_of, check_architecture, number
from edge_llm.simd.attention_reader import AttentionParts, AttentionReader
from edge_llm.simd.check_weights import check_weights
from edge_llm.simd.feed_forward_reader import FeedForwardReader
from edge_llm.simd.matrices import MatrixReader
from edge_llm.simd.model_plan import Gate, LayerPlan, MatrixPlan, ModelPlan
from edge_llm.simd.onnx_graph import Node, OnnxGraph
from edge_llm.simd.residual_reader import NormParts, ResidualReader
from edge_llm.simd.rotary_plan import plan_rotary
from edge_llm.simd.unsupported import Unsupported

_CHOOSING = {"Slice", "Gather", "GatherND", "GatherElements", "Reshape", "Unsqueeze", "Squeeze"}


def plan_model(directory: Path, dtype: str = "q4") -> ModelPlan:
    """The plan for a model directory; `dtype` names its graph.

    Raises Unsupported, with the reason, where the core cannot run it.
    """
    settings: dict[str, Any] = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    text = settings.get("text_config") or settings
    architecture_of(text)
    plan = _ModelReader(text, OnnxGraph(directory / DTYPE_FILES[dtype])).read()
    check_architecture(plan, text)
    return plan


@dataclass
class _Walk:
    """What the walk through the layers gathers."""

    norm: NormParts
    layers: list[LayerPlan] = field(default_factory=list)
    shapes: set[tuple[object, ...]] = field(default_factory=set)
    epsilons: set[float] = field(default_factory=set)
    scales: set[float] = field(default_factory=set)
    positions: list[int] = field(default_factory=list)


class _ModelReader:
    def __init__(self, settings: Settings, graph: OnnxGraph) -> None:
        self._settings = settings
        self._graph = graph
        self._matrices = MatrixReader(graph)
        self._residual = ResidualReader(graph, self._matrices)
        self._attention = AttentionReader(graph, self._matrices)
        self._feed_forward = FeedForwardReader(graph, self._matrices)

    def read(self) -> ModelPlan:
        check_weights(self._graph)
        look_up = self._graph.user("input_ids")
        cut, width = self._cut(look_up.outputs[0])
        embedding = self._matrices.table(look_up, width)
        embedded, embedding_scale = self._scaled(cut)
        walk = _Walk(self._residual.first(embedded))
        walk.epsilons.add(walk.norm.epsilon)
        parts: AttentionParts | None = None
        gate: Gate = "silu"
        for node in self._attention_nodes():
            parts, gate = self._layer(node, walk)
        if parts is None or len(walk.shapes) != 1:
            raise Unsupported("its layers differ in shape")
        head, logit_scale, logit_cap = self._head(walk.norm.normed)
        if len(walk.epsilons) != 1 or len(walk.scales) != 1:
            raise Unsupported("its norms or residual scales differ from layer to layer")
        positions = min(walk.positions)
        plan = ModelPlan(
            hidden=embedding.columns,
            intermediate=walk.layers[0].gate.rows,
            heads=parts.heads,
            key_value_heads=parts.key_value_heads,
            head_dim=parts.head_dim,
            vocab=head.rows,
            gate=gate,
            embedding=embedding,
            head=head,
            final_norm=walk.norm.weight,
            layers=tuple(walk.layers),
            epsilon=walk.norm.epsilon,
            embedding_scale=embedding_scale,
            attention_scale=parts.scale,
            residual_scale=walk.norm.branch_scale,
            logit_scale=logit_scale,
            logit_cap=logit_cap,
            attention_cap=parts.cap,
            context=int(
                min(positions, number(self._settings, "max_position_embeddings", positions))
            ),
        )
        _check_shapes(plan)
        return plan

    def _attention_nodes(self) -> list[Node]:
        by_layer: dict[int, Node] = {}
        for node in self._graph.nodes:
            if node.op_type != "GroupQueryAttention":
                continue
            cache = self._graph.root(node.input(3))
            named = re.fullmatch(r"past_key_values\.(\d+)\.key", cache)
            if not named:
                raise Unsupported(f"{node} has no cache of keys")
            by_layer[int(named[1])] = node
        if not by_layer:
            raise Unsupported("it has no GroupQueryAttention nodes")
        for layer in range(len(by_layer)):
            if layer not in by_layer:
                raise Unsupported(f"layer {layer} is missing")
        return [by_layer[layer] for layer in range(len(by_layer))]

    def _layer(self, node: Node, walk: _Walk) -> tuple[AttentionParts, Gate]:
        before = walk.norm
        parts = self._attention.read(node)
        if self._graph.root(before.normed) != parts.input:
            raise Unsupported(f"{node} does not follow the norm before it")
        rotary, positions = plan_rotary(self._graph, self._settings, parts.rotary, parts.window > 0)
        output = self._feed_forward.project(parts.output)
        middle = self._residual.join(before.stream, output.value)
        fed = self._feed_forward.read(middle.normed)
        after = self._residual.join(middle.stream, fed.output)
        walk.layers.append(
            LayerPlan(
                input_norm=before.weight,
                query=parts.query,
                key=parts.key,
                value=parts.value,
                output=output.matrix,
                query_norm=parts.query_norm,
                key_norm=parts.key_norm,
                post_attention_norm=middle.branch_norm,
                mlp_norm=middle.weight,
                gate=fed.gate,
                up=fed.up,
                down=fed.down,
                post_mlp_norm=after.branch_norm,
                window=parts.window,
                rotary=rotary,
            )
        )
        shape = (parts.heads, parts.key_value_heads, parts.head_dim, parts.scale, parts.cap)
        walk.shapes.add((*shape, fed.kind))
        own = after.epsilon if parts.epsilon is None else parts.epsilon
        walk.epsilons |= {own, middle.epsilon, after.epsilon}
        walk.scales |= {middle.branch_scale, after.branch_scale}
        walk.positions.append(positions)
        walk.norm = after
        return parts, fed.kind

    def _cut(self, value: str) -> tuple[str, int | None]:
        """A value, or what a Slice node leaves of its last axis."""
        users = self._graph.users(value)
        if len(users) != 1 or users[0].op_type != "Slice":
            return value, None
        start, end, axis = (self._graph.scalar(users[0].input(index)) for index in (1, 2, 3))
        if start != 0 or end is None or axis not in (-1, 2):
            raise Unsupported(f"it does not know {users[0]}")
        return users[0].outputs[0], int(end)

    def _scaled(self, value: str) -> tuple[str, float]:
        """A value, or its product with a constant."""
        users = self._graph.users(value)
        if len(users) != 1 or users[0].op_type != "Mul":
            return value, 1.0
        scale = self._graph.scalar(self._graph.other(users[0], value))
        if scale is None:
            raise Unsupported(f"{users[0]} multiplies the embedding with no constant")
        return users[0].outputs[0], scale

    def _head(self, normed: str) -> tuple[MatrixPlan, float, float]:
        """From the last norm to the logits: matrix, scale, cap."""
        node = self._graph.user(normed)
        while node.op_type in _CHOOSING:
            node = self._graph.user(node.outputs[0])
        head = self._matrices.product(node)
        value, scale = self._scaled(node.outputs[0])
        if not self._graph.users(value):
            roots = {self._graph.root(output) for output in self._graph.outputs}
            if self._graph.root(value) in roots:
                return head, scale, 0.0
            raise Unsupported("what the last matrix gives are not the logits")
        divided, capped, multiplied = self._chain(value, ("Div", "Tanh", "Mul"))
        cap = self._graph.scalar(self._graph.other(divided, value))
        back = self._graph.scalar(self._graph.other(multiplied, capped.outputs[0]))
        if cap is None or cap != back:
            raise Unsupported("the cap of its logits is no constant")
        return head, scale, cap

    def _chain(self, value: str, op_types: tuple[str, ...]) -> list[Node]:
        nodes = []
        for op_type in op_types:
            node = self._graph.user(value)
            if node.op_type != op_type:
                raise Unsupported(f"it does not know {node} before the logits")
            nodes.append(node)
            value = node.outputs[0]
        return nodes


def _check_shapes(plan: ModelPlan) -> None:
    wide, narrow = plan.heads * plan.head_dim, plan.key_value_heads * plan.head_dim
    inner, hidden = plan.intermediate, plan.hidden
    fits = all(
        [(m.rows, m.columns) for m in (layer.query, layer.key, layer.output)]
        == [(wide, hidden), (narrow, hidden), (hidden, wide)]
        and layer.value.columns == hidden
        and [(m.rows, m.columns) for m in (layer.gate, layer.up, layer.down)]
        == [(inner, hidden), (inner, hidden), (hidden, inner)]
        and all(
            norm is None or norm.length == hidden
            for norm in (
                layer.input_norm,
                layer.mlp_norm,
                layer.post_attention_norm,
                layer.post_mlp_norm,
            )
        )
        for layer in plan.layers
    )
    if not fits or plan.head.columns != hidden or plan.final_norm.length != hidden:
        raise Unsupported("its matrices do not fit each other")
