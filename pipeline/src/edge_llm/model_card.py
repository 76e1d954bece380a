"""The note and the licence that travel with a converted model."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

_REAL = """# {name}

SmolLM2-135M-Instruct by Hugging Face (Apache-2.0), converted for browsers by `edge-llm convert`.

- Source: `{file}` from the Python package `{package}` {version} (SHA-256 `{sha256}`).
- The source is already rounded to about 4 bits; `onnx/model.onnx` holds its values as fp32.
- `onnx/model_quantized.onnx`: 8-bit weights per output, activations quantized per token.
- `onnx/model_q4.onnx`: 4-bit symmetric blocks of 32, embedding and head in 8-bit blocks.

Changed from the original: graph format and number format. The weights were not trained further.
"""

_TINY = """# {name}

Two layers of **random** weights with the tokenizer of SmolLM2-135M-Instruct. It writes nonsense,
quickly, through the same operators as the real model: it exists to test the mechanics.

The tokenizer is from `{file}` in the Python package `{package}` {version} (Apache-2.0).
"""


def write_model_card(directory: Path, name: str, variant: str, source: dict[str, Any]) -> None:
    text = _TINY if variant == "tiny" else _REAL
    (directory / "README.md").write_text(text.format(name=name, **source), encoding="utf-8")
    (directory / "LICENSE").write_text(_licence_text(source["package"]), encoding="utf-8")


def _licence_text(package: str) -> str:
    for file in importlib.metadata.files(package) or []:
        if file.name == "LICENSE":
            return file.read_text(encoding="utf-8")
    return "Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0\n"
