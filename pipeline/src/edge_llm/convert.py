"""Makes browser model directories from the packaged weights, only where they are not made yet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_llm.config_files import ARCHITECTURE, write_config_files
from edge_llm.directories import whole_directory
from edge_llm.gguf_source import GgufModel, packaged_smollm2
from edge_llm.manifest import DTYPE_FILES, is_whole, read_manifest, sha256_of, write_manifest
from edge_llm.model_card import write_model_card
from edge_llm.tokenizer_files import write_tokenizer_files

if TYPE_CHECKING:
    from edge_llm.architecture import DecoderWeights

Report = Callable[[str], None]

NAMES = {"full": "smollm2-135m-instruct", "tiny": "smollm2-tiny"}


@dataclass(frozen=True)
class Conversion:
    """One directory that a run made or found finished."""

    directory: Path
    made: bool


class Converter:
    """Holds the opened source, which is read only if some directory needs it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._package = packaged_smollm2()

    @cached_property
    def _model(self) -> GgufModel:
        self._report(f"reading {self._package.package} {self._package.version}")
        return GgufModel(self._package.path)

    @cached_property
    def _weights(self) -> DecoderWeights:
        return self._model.weights()

    @cached_property
    def _source_sha256(self) -> str:
        return sha256_of(self._package.path)

    def convert(self, variant: str, parent: Path, dtypes: list[str], force: bool) -> Conversion:
        target = parent / NAMES[variant]
        recipe = recipe_hash()
        there = self._finished_dtypes(target, recipe)
        if not force and set(dtypes) <= there:
            return Conversion(target, made=False)
        dtypes = [dtype for dtype in DTYPE_FILES if dtype in there.union(dtypes)]
        with whole_directory(target) as made:
            (made / "onnx").mkdir()
            self._fill(made, variant, dtypes, recipe)
        return Conversion(target, made=True)

    def _finished_dtypes(self, target: Path, recipe: str) -> set[str]:
        """What an earlier run of this recipe left whole; nothing if any file is not."""
        manifest = read_manifest(target) or {}
        source = manifest.get("source", {})
        same = source.get("recipe") == recipe and source.get("version") == self._package.version
        return set(manifest["dtypes"]) if same and is_whole(target, manifest) else set()

    def _fill(self, directory: Path, variant: str, dtypes: list[str], recipe: str) -> None:
        from edge_llm.doctor.numerics import write_numerics
        from edge_llm.graph.precision import BlockSizes
        from edge_llm.precisions import PrecisionWriter
        from edge_llm.tiny_source import tiny_weights

        name = NAMES[variant]
        weights = tiny_weights(self._model.config) if variant == "tiny" else self._weights
        write_config_files(weights.config, directory)
        write_tokenizer_files(self._model, weights.config, directory)
        fp32 = directory / DTYPE_FILES["fp32"] if "fp32" in dtypes else None
        writer = PrecisionWriter(weights, directory, BlockSizes(), self._report, fp32)
        for dtype in dtypes:
            writer.write(dtype, directory / DTYPE_FILES[dtype], name)
        write_numerics(directory)
        source = self._source(variant, recipe)
        write_model_card(directory, name, variant, source)
        write_manifest(directory, name, ARCHITECTURE, dtypes, source)

    def _source(self, variant: str, recipe: str) -> dict[str, Any]:
        return {
            "package": self._package.package,
            "version": self._package.version,
            "licence": self._package.licence,
            "file": self._package.path.name,
            "sha256": self._source_sha256,
            "weights": "random" if variant == "tiny" else "SmolLM2-135M-Instruct",
            "recipe": recipe,
        }


def recipe_hash() -> str:
    """Stamp of the code that makes a model: changes when the result could."""
    digest = hashlib.sha256()
    package = Path(__file__).parent
    for name in _RECIPE:
        digest.update(name.encode())
        # Line ends differ between checkouts of the same commit.
        digest.update((package / f"{name}.py").read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


_RECIPE = (
    "architecture",
    "calibration",
    "config_files",
    "convert",
    "doctor/numerics",
    "families",
    "gguf_families",
    "gguf_source",
    "graph/attention",
    "graph/decoder",
    "graph/precision",
    "graph/wide",
    "graph/wire",
    "graph/writer",
    "half_range",
    "hf_config",
    "manifest",
    "model_card",
    "numpy_decoder",
    "precisions",
    "quantize",
    "rotary",
    "sentencepiece_json",
    "smoothing",
    "tiny_source",
    "tokenizer_files",
)
