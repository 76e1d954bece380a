"""Writes decoder graphs that ONNX Runtime runs with few operators."""
