"""How fast the pairs of a head's dimensions turn from one position to the next."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_llm.architecture import DecoderConfig, Llama3Scaling


def frequencies(config: DecoderConfig, *, local: bool = False) -> NDArray[np.float64]:
    """Radians a position for each pair `[head_dim / 2]`; `local` for layers with a window."""
    exponents = np.arange(0, config.head_dim, 2, dtype=np.float64) / config.head_dim
    theta = config.traits.local_rope_theta if local else None
    plain: NDArray[np.float64] = (theta or config.rope_theta) ** -exponents
    scaling = None if local else config.traits.rope_scaling
    if scaling is None:
        return plain
    return _stretched(plain, scaling) if isinstance(scaling, Llama3Scaling) else plain / scaling


def _stretched(plain: NDArray[Any], scaling: Llama3Scaling) -> NDArray[np.float64]:
    """Slow rotations slower by `factor`, fast ones as they are, a ramp in between.

    The formula is that of `rope_type: llama3` in transformers' modeling_rope_utils.py.
    """
    turns = scaling.original_max_position_embeddings * plain / (2 * np.pi)
    ramp = (turns - scaling.low_freq_factor) / (scaling.high_freq_factor - scaling.low_freq_factor)
    kept = np.clip(ramp, 0, 1)
    stretched: NDArray[np.float64] = plain * (kept + (1 - kept) / scaling.factor)
    return stretched
