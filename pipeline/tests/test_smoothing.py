from __future__ import annotations

import numpy as np

from edge_llm.architecture import DecoderWeights
from edge_llm.numpy_decoder import forward
from edge_llm.smoothing import channel_peaks, smooth
from edge_llm.tiny_source import tiny_weights

TOKENS = list(range(300, 340))


def test_smoothed_weights_are_the_same_function(weights: DecoderWeights) -> None:
    small = tiny_weights(weights.config)
    np.testing.assert_allclose(
        forward(smooth(small, TOKENS), TOKENS), forward(small, TOKENS), rtol=1e-5, atol=1e-5
    )


def test_smoothing_levels_the_channels(weights: DecoderWeights) -> None:
    def spread(model: DecoderWeights) -> float:
        peaks = channel_peaks(model, TOKENS)
        return float(np.mean([values.max() / values.mean() for values in peaks.values()]))

    assert spread(smooth(weights, TOKENS)) < 0.7 * spread(weights)
