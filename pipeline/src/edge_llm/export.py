"""From a trained Hugging Face directory to the browser layout with an fp32 graph."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge_llm.architecture import Traits
from edge_llm.base import RECORD
from edge_llm.checkpoint import read_checkpoint, weight_files
from edge_llm.config_files import (
    copy_config_files,
    read_generation_config,
    write_config_files,
)
from edge_llm.convert import recipe_hash
from edge_llm.directories import whole_directory
from edge_llm.doctor.numerics import write_numerics
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import PRECISIONS
from edge_llm.hf_config import SUPPORTED, architecture_of, why_not_written
from edge_llm.manifest import DTYPE_FILES, sha256_of, write_manifest
from edge_llm.tokenizer_copy import copy_tokenizer, end_of_turn

Report = Callable[[str], None]


def export_model(source: Path, target: Path, name: str, report: Report) -> Path:
    """Makes `target` the browser layout of the Hugging Face directory `source`, in fp32.

    What `families` describes goes through this package's graph writer, the rest of its
    architectures through onnxruntime-genai's model builder (group `export`). `name` goes
    into the manifest. Raises ValueError or FileNotFoundError with what to do.
    """
    config = _config(source)
    weights = weight_files(source)
    with whole_directory(target) as made:
        (made / "onnx").mkdir()
        copy_tokenizer(source, made)
        _copy_notices(source, made)
        reason = why_not_written(config)
        if reason is None:
            report("writing fp32")
            _write_own(source, made, name, config)
        else:
            from edge_llm.genai_export import write_with_builder

            report(f"{reason}: writing fp32 with onnxruntime-genai")
            write_with_builder(source, made, end_of_turn(source, config), name)
        write_numerics(made)
        hashes = {path.name: sha256_of(path) for path in weights}
        origin = {"recipe": recipe_hash(), "weights": hashes, **_base(source)}
        write_manifest(made, name, architecture_of(config), ["fp32"], origin)
    return target


def _config(source: Path) -> dict[str, Any]:
    path = source / "config.json"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; export takes what `fuse` makes")
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if architecture_of(config) not in SUPPORTED:
        raise ValueError(
            f"{path}: architecture {architecture_of(config) or '(none)'} is not supported, only "
            f"{', '.join(SUPPORTED)}"
        )
    return config


def _write_own(source: Path, made: Path, name: str, config: dict[str, Any]) -> None:
    weights = read_checkpoint(source)
    if weights.embedding.shape[0] != weights.config.vocab_size:
        raise ValueError(
            f"{source}: config.json says vocab_size {weights.config.vocab_size}, but the embedding "
            f"has {weights.embedding.shape[0]} rows"
        )
    settings = replace(weights.config, eos_token_id=end_of_turn(source, config))
    if settings.traits == Traits():
        write_config_files(settings, made)
    else:
        generation = read_generation_config(source)
        copy_config_files(config, generation, settings.eos_token_id, made)
    write_decoder(made / DTYPE_FILES["fp32"], weights, PRECISIONS["fp32"](), name)


def _copy_notices(source: Path, made: Path) -> None:
    for name in ("LICENSE", "NOTICE"):
        if (source / name).is_file():
            shutil.copyfile(source / name, made / name)


def _base(source: Path) -> dict[str, Any]:
    """Where the weights were before they were trained, if the directory tells."""
    for path in (source / RECORD, source.parent / "start" / RECORD):
        if path.is_file():
            base = json.loads(path.read_text(encoding="utf-8"))
            # Where a base lay on the disk of whoever trained is nobody's business.
            return {"base": {**base, "base": Path(base["base"]).name}}
    return {}
