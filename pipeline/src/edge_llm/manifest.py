"""`manifest.json`: what a model directory holds, with sizes and hashes."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from edge_llm.tensor_table import Table, tensor_table

MANIFEST = "manifest.json"
FORMAT_VERSION = 1

# What makes a directory an npm package or is for its readers, and is no part of the model.
PACKAGING = ("LICENSE", "NOTICE", "README.md", "index.d.ts", "index.js", "package.json")

DTYPE_FILES = {
    "fp32": "onnx/model.onnx",
    "q8": "onnx/model_quantized.onnx",
    "q4": "onnx/model_q4.onnx",
    "fp16": "onnx/model_fp16.onnx",
    "q4f16": "onnx/model_q4f16.onnx",
}


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(
    directory: Path,
    name: str,
    architecture: str,
    dtypes: list[str],
    source: dict[str, Any],
    more: dict[str, Any] | None = None,
    optional: list[str] | None = None,
) -> None:
    """Lists every file of the model there is; `more` are further fields of the top level.

    `tensors` tells where the weights lie in graphs that hold them all, see `tensor_table`.

    `optional` precisions may be there or not: they are named, but their files are not
    listed, so that a copy without them is whole. The kit asks for one before it counts on it.
    """
    maybe = [dtype for dtype in optional or [] if dtype not in dtypes]
    unlisted = {MANIFEST, *PACKAGING, *(DTYPE_FILES[dtype] for dtype in maybe)}
    files = sorted(
        path
        for path in directory.rglob("*")
        if path.is_file()
        and not path.name.startswith(".")
        and path.relative_to(directory).as_posix() not in unlisted
    )
    _write(
        directory / MANIFEST,
        {
            "formatVersion": FORMAT_VERSION,
            "name": name,
            "architecture": architecture,
            "files": {
                path.relative_to(directory).as_posix(): {
                    "size": path.stat().st_size,
                    "sha256": sha256_of(path),
                }
                for path in files
            },
            "dtypes": {dtype: {"file": DTYPE_FILES[dtype]} for dtype in dtypes}
            | {dtype: {"file": DTYPE_FILES[dtype], "optional": True} for dtype in maybe},
            "source": source,
            **(more or {}),
            "tensors": {
                path.relative_to(directory).as_posix(): table
                for path in files
                if path.suffix == ".onnx" and (table := _tensors(path))
            },
        },
    )


def _tensors(graph: Path) -> Table | None:
    try:
        return tensor_table(graph)
    except ValueError:
        # Whether a graph is whole is for others to check.
        return None


def _write(path: Path, manifest: dict[str, Any]) -> None:
    """JSON with lists of numbers on one line: there is one for each tensor."""
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    text = re.sub(r"\[[\d,\s]+\]", lambda found: str(json.loads(found[0])), text)
    path.write_text(text + "\n", encoding="utf-8")


def update_manifest(directory: Path, source: dict[str, Any]) -> None:
    """Lists the files and precisions there are now, and adds to what is said of their source."""
    old = read_manifest(directory) or {}
    known = {"formatVersion", "name", "architecture", "files", "dtypes", "source", "tensors"}
    optional = [
        dtype
        for dtype, entry in old.get("dtypes", {}).items()
        if dtype in DTYPE_FILES and entry.get("optional")
    ]
    there = [
        dtype
        for dtype, file in DTYPE_FILES.items()
        if dtype not in optional and (directory / file).is_file()
    ]
    write_manifest(
        directory,
        str(old.get("name", directory.name)),
        str(old.get("architecture", "")),
        there,
        {**old.get("source", {}), **source},
        {key: value for key, value in old.items() if key not in known},
        optional,
    )


def read_manifest(directory: Path) -> dict[str, Any] | None:
    """The manifest, or None where there is none or it cannot be read."""
    try:
        value = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def is_whole(directory: Path, manifest: dict[str, Any], *, hashes: bool = False) -> bool:
    """Whether every listed file is there in its size, and with `hashes` in its content."""
    for name, expected in manifest.get("files", {}).items():
        path = directory / name
        if not path.is_file() or path.stat().st_size != expected["size"]:
            return False
        if hashes and sha256_of(path) != expected["sha256"]:
            return False
    return True
