"""Checks that a directory is what the browser can load, and says what to do where it is not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from edge_llm.manifest import DTYPE_FILES, MANIFEST, sha256_of

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json")


class Code(StrEnum):
    MISSING_DIRECTORY = "missing-directory"
    MISSING_FILE = "missing-file"
    INVALID_JSON = "invalid-json"
    MISSING_ONNX_FOLDER = "missing-onnx-folder"
    MISSING_MODEL = "missing-model"
    INVALID_MODEL = "invalid-model"
    EXTERNAL_DATA = "external-data"
    EXTERNAL_DATA_FLAG = "external-data-flag"
    MISSING_CHAT_TEMPLATE = "missing-chat-template"
    EOS_NOT_ONE_INTEGER = "eos-not-one-integer"
    MANIFEST_MISMATCH = "manifest-mismatch"


@dataclass(frozen=True)
class Problem:
    code: Code
    path: str
    """The file or folder at fault, relative to the model directory."""
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message} [{self.code}]"


def check(directory: Path) -> list[Problem]:
    """Every problem found; an empty list means that the browser can load the directory."""
    if not directory.is_dir():
        return [
            Problem(Code.MISSING_DIRECTORY, ".", f"{directory} is not a directory; convert a model")
        ]
    problems: list[Problem] = []
    _check_configs(directory, problems)
    _check_tokenizer(directory, problems)
    _check_graphs(directory, problems)
    _check_manifest(directory, problems)
    return problems


def _read(directory: Path, name: str, problems: list[Problem]) -> dict[str, Any] | None:
    try:
        text = (directory / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        problems.append(Problem(Code.MISSING_FILE, name, "is missing; export the model again"))
        return None
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(Code.INVALID_JSON, name, f"cannot be read as text: {error}"))
        return None
    try:
        value = json.loads(text)
    except ValueError as error:
        web_page = text.lstrip().lower().startswith(("<!doctype", "<html"))
        what = "is a web page saved under this name" if web_page else f"is not JSON: {error}"
        problems.append(Problem(Code.INVALID_JSON, name, what))
        return None
    if not isinstance(value, dict):
        problems.append(Problem(Code.INVALID_JSON, name, "must hold a JSON object"))
        return None
    return value


def _check_configs(directory: Path, problems: list[Problem]) -> None:
    config = _read(directory, "config.json", problems)
    names = ["config.json"]
    if (directory / "generation_config.json").exists():
        names.append("generation_config.json")
    for name in names:
        values = config if name == "config.json" else _read(directory, name, problems)
        if values is None:
            continue
        eos = values.get("eos_token_id")
        if not isinstance(eos, int) or isinstance(eos, bool):
            problems.append(
                Problem(
                    Code.EOS_NOT_ONE_INTEGER,
                    name,
                    f"eos_token_id is {eos!r}; set it to the one id that ends a turn",
                )
            )
    flag = (config or {}).get("transformers.js_config") or {}
    if isinstance(flag, dict) and flag.get("use_external_data_format"):
        problems.append(
            Problem(
                Code.EXTERNAL_DATA_FLAG,
                "config.json",
                "asks for external data files, but weights are to be inside the .onnx file; "
                "remove use_external_data_format",
            )
        )


def _check_tokenizer(directory: Path, problems: list[Problem]) -> None:
    read = {name: _read(directory, name, problems) for name in TOKENIZER_FILES}
    settings = read["tokenizer_config.json"]
    template = directory / "chat_template.jinja"
    if settings is not None and not settings.get("chat_template") and not template.is_file():
        problems.append(
            Problem(
                Code.MISSING_CHAT_TEMPLATE,
                "tokenizer_config.json",
                "has no chat_template, and there is no chat_template.jinja; copy the one of the "
                "base model",
            )
        )


def _check_graphs(directory: Path, problems: list[Problem]) -> None:
    folder = directory / "onnx"
    if not folder.is_dir():
        problems.append(
            Problem(Code.MISSING_ONNX_FOLDER, "onnx", "is missing; the graphs belong into it")
        )
        return
    graphs = sorted(folder.glob("*.onnx"))
    if not any((directory / name).is_file() for name in DTYPE_FILES.values()):
        expected = ", ".join(DTYPE_FILES.values())
        problems.append(Problem(Code.MISSING_MODEL, "onnx", f"holds none of {expected}"))
    for graph in graphs:
        _check_graph(graph, f"onnx/{graph.name}", problems)


def _check_graph(path: Path, name: str, problems: list[Problem]) -> None:
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load(path, load_external_data=False)
    except DecodeError:
        problems.append(
            Problem(Code.INVALID_MODEL, name, "is not an ONNX model; download or export it again")
        )
        return
    if not model.graph.output:
        problems.append(Problem(Code.INVALID_MODEL, name, "is an ONNX file without outputs"))
    if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in model.graph.initializer):
        problems.append(
            Problem(
                Code.EXTERNAL_DATA,
                name,
                "keeps weights in other files; save it as one file "
                "(onnx.save(..., save_as_external_data=False))",
            )
        )


def _check_manifest(directory: Path, problems: list[Problem]) -> None:
    if not (directory / MANIFEST).exists():
        return
    manifest = _read(directory, MANIFEST, problems)
    files = (manifest or {}).get("files", {})
    for name, expected in files.items():
        path = directory / name
        if not path.is_file():
            reason = "is listed in the manifest but missing"
        elif path.stat().st_size != expected.get("size"):
            reason = f"has {path.stat().st_size} bytes, the manifest says {expected.get('size')}"
        elif sha256_of(path) != expected.get("sha256"):
            reason = "does not have the SHA-256 that the manifest lists"
        else:
            continue
        problems.append(Problem(Code.MANIFEST_MISMATCH, name, reason + "; convert again"))
