"""Python side of react-edge-llm: makes, checks and measures browser models."""

__version__ = "0.1.0"
