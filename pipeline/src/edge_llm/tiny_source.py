"""Random two-layer decoder with a real vocabulary, for tests of the mechanics."""

from __future__ import annotations

from functools import cache

import numpy as np

from edge_llm.architecture import DecoderConfig, DecoderWeights, FloatArray, LayerWeights

_SEED = 20240229


def tiny_weights(real: DecoderConfig) -> DecoderWeights:
    """Same architecture, tokenizer and context as `real`, about 5M parameters."""
    config = real.resized(
        hidden_size=96,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=3,
        num_key_value_heads=1,
        head_dim=32,
    )

    def matrix(random: np.random.Generator, rows: int, columns: int) -> FloatArray:
        return random.standard_normal((rows, columns), dtype=np.float32) / np.float32(columns**0.5)

    @cache
    def layer(index: int) -> LayerWeights:
        random = np.random.default_rng([_SEED, index + 1])
        hidden, inner = config.hidden_size, config.intermediate_size
        query = config.num_attention_heads * config.head_dim
        key = config.num_key_value_heads * config.head_dim
        return LayerWeights(
            input_norm=np.ones(hidden, np.float32),
            # Sharp attention, and outputs that outweigh the tied embedding: a random
            # model would otherwise only repeat its last token.
            qkv=matrix(random, query + 2 * key, hidden) * np.float32(2),
            attention_output=matrix(random, hidden, query) * np.float32(2),
            mlp_norm=np.ones(hidden, np.float32),
            gate_up=matrix(random, 2 * inner, hidden) * np.float32(2),
            down=matrix(random, hidden, inner) * np.float32(4),
        )

    random = np.random.default_rng([_SEED, 0])
    return DecoderWeights(
        config=config,
        embedding=random.standard_normal((config.vocab_size, config.hidden_size), np.float32)
        * np.float32(0.4),
        final_norm=np.ones(config.hidden_size, np.float32),
        layer=layer,
    )
