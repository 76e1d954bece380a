"""What the SIMD core cannot run."""


class Unsupported(ValueError):
    """Why the SIMD core cannot run a model, as the end of a sentence: "… because"."""
