"""Puts a checked model into an app, with a record of where it comes from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edge_llm.directories import whole_directory
from edge_llm.layout import check
from edge_llm.manifest import (
    DTYPE_FILES,
    MANIFEST,
    PACKAGING,
    read_manifest,
    sha256_of,
    write_manifest,
)
from edge_llm.tokenizer_files import write_json

PROVENANCE = "provenance.json"
_REQUIRED = ("source", "licence")


class DeployError(ValueError):
    """A model that is not fit to ship; the message lists every problem."""


def deploy_model(
    model: Path,
    target: Path,
    about: Mapping[str, Any],
    dtypes: Sequence[str] | None = None,
    call_bias: float | None = None,
    extra: Sequence[Path] = (),
    optional: Sequence[str] = (),
) -> Path:
    """Copies `model` to `target` in one step, with a fresh manifest and `provenance.json`.

    `about` gives `source` and `licence`, and may give `revision`, `data`, `recipe` and more;
    what the manifest knows of the source is added. `dtypes` (default: all there are) are
    shipped, `extra` files go into the root, `call_bias` into the manifest. `optional`
    precisions are listed without being shipped, for those who derive them. Raises
    DeployError before `target` is touched.
    """
    missing = [name for name in _REQUIRED if not about.get(name)]
    if missing:
        raise DeployError(f"say where the model comes from: {', '.join(missing)} is missing")
    manifest = read_manifest(model) or {}
    shipped = _shipped(model, dtypes)
    unknown = [dtype for dtype in optional if dtype not in DTYPE_FILES]
    if unknown:
        raise DeployError(f"{unknown[0]!r} is not one of {', '.join(DTYPE_FILES)}")
    with whole_directory(target) as made:
        _copy(model, made, shipped)
        for path in (*_packaging(target), *extra):
            shutil.copyfile(path, made / path.name)
        origin = {**manifest.get("source", {}), "licence": about["licence"]}
        files = sorted(
            path for path in made.rglob("*") if path.is_file() and path.name not in PACKAGING
        )
        record = {
            "name": target.name,
            **about,
            "made": manifest.get("source", {}),
            "files": {path.relative_to(made).as_posix(): sha256_of(path) for path in files},
        }
        write_json(made / PROVENANCE, record)
        write_manifest(
            made,
            target.name,
            str(manifest.get("architecture", "")),
            shipped,
            origin,
            {} if call_bias is None else {"toolCallBias": call_bias},
            list(optional),
        )
        problems = check(made)
        if problems:
            raise DeployError("\n".join(str(problem) for problem in problems))
    return target


def described(
    model: Path, run: Path, about: Path | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """What is known of a model: its base's record, the run's settings, a file, given fields.

    Later ones win. Raises ValueError, naming the file, where one is not a JSON object.
    """
    base = (read_manifest(model) or {}).get("source", {}).get("base", {})
    known = {
        "source": base.get("package") or base.get("base"),
        "licence": base.get("licence"),
        "revision": base.get("sha256"),
    }
    training = run / "checkpoint" / "training.json"
    if training.is_file():
        known["recipe"] = _object(training)
    from_file = _object(about) if about else {}
    facts = {**known, **from_file, **{key: value for key, value in given.items() if value}}
    return {key: value for key, value in facts.items() if value is not None}


def stored_bias(run: Path) -> float | None:
    """The bias that `calibrate` chose for this run."""
    path = run / "calibration.json"
    return float(_object(path)["bias"]) if path.is_file() else None


def _object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DeployError(f"{path} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise DeployError(f"{path} must hold a JSON object")
    return value


def check_provenance(directory: Path) -> list[str]:
    """Files whose SHA-256 is not the one in `provenance.json`; ['provenance.json'] without one."""
    path = directory / PROVENANCE
    if not path.is_file():
        return [PROVENANCE]
    files: dict[str, str] = json.loads(path.read_text(encoding="utf-8")).get("files", {})
    return [
        name
        for name, expected in files.items()
        if not (directory / name).is_file() or sha256_of(directory / name) != expected
    ]


def _shipped(model: Path, dtypes: Sequence[str] | None) -> list[str]:
    there = [dtype for dtype, file in DTYPE_FILES.items() if (model / file).is_file()]
    wanted = there if dtypes is None else list(dtypes)
    lacking = [dtype for dtype in wanted if dtype not in there]
    if lacking:
        has = ", ".join(there) or "none"
        raise DeployError(
            f"{model} has no {', '.join(lacking)} (it has {has}); make it with `edge-llm quantize`"
        )
    return [dtype for dtype in there if dtype in wanted]


def _packaging(target: Path) -> list[Path]:
    """Files that make the target an npm package: they stay, as no model brings them."""
    return [target / name for name in sorted(PACKAGING) if (target / name).is_file()]


def _copy(model: Path, made: Path, dtypes: Sequence[str]) -> None:
    """Files of the root, and of the graphs those that are shipped."""
    for path in model.iterdir():
        if path.is_file() and path.name not in (MANIFEST, PROVENANCE) and path.name[0] != ".":
            shutil.copyfile(path, made / path.name)
    (made / "onnx").mkdir()
    for dtype in dtypes:
        shutil.copyfile(model / DTYPE_FILES[dtype], made / DTYPE_FILES[dtype])
