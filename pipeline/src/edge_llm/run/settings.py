"""Settings of a run, from `edge-llm.toml` and from options, which go before it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from edge_llm.project.defaults import app_files
from edge_llm.project.faults import Fault, ProjectError
from edge_llm.project.generate import GenerateSettings
from edge_llm.train.settings import TrainSettings

FILE = "edge-llm.toml"
PRECISIONS = ("fp32", "fp16", "q8", "q4", "q4f16")
_PLAIN = ("base", "at_least", "python_only")
_TOP = ("tools", "examples", "format", "device", "seed", "precisions", "deploy", *_PLAIN)


@dataclass(frozen=True)
class RunSettings:
    tools: Path
    examples: Path
    base: str = "function-caller"
    device: str = "auto"
    precisions: tuple[str, ...] = ("fp32", "q8", "q4")
    at_least: float | None = None
    """Share of right answers that the checkpoint tests need; None for what the base reached."""
    python_only: bool = False
    """Whether the engines that run in Node are left out of `verify`."""
    deploy: Path | None = None
    """Where the model directory goes in the end; None for nowhere."""
    generate: GenerateSettings = field(default_factory=GenerateSettings)
    train: TrainSettings = field(default_factory=TrainSettings)


def read_settings(file: Path | None, given: Mapping[str, Any]) -> RunSettings:
    """Settings of the file with those `given` (not None) over them.

    `given` holds names of the file's top level and of its tables [generate] and [train].
    Without `file`, `edge-llm.toml` of the working directory is read where there is one.
    Raises ProjectError for a file that cannot be read and for names and values that cannot be.
    """
    if file is None and Path(FILE).is_file():
        file = Path(FILE)
    top = _read(file) if file else {}
    where = str(file) if file else "the options"
    tables = {name: dict(top.pop(name, {})) for name in ("generate", "train")}
    owners = {
        **{item.name: "train" for item in fields(TrainSettings)},
        **{item.name: "generate" for item in fields(GenerateSettings)},
    }
    faults = _unknown(where, top, tables)
    for name, value in given.items():
        if value is not None:
            (top if name in _TOP else tables[owners[name]])[name] = value
    if faults:
        raise ProjectError(faults)
    base_folder = file.parent if file else Path()
    return _settings(where, top, tables, given, base_folder)


def _settings(
    where: str,
    top: dict[str, Any],
    tables: dict[str, dict[str, Any]],
    given: Mapping[str, Any],
    folder: Path,
) -> RunSettings:
    shared: dict[str, Any] = {name: top[name] for name in ("format", "seed") if name in top}
    device = {"device": top["device"]} if "device" in top else {}

    def path(name: str) -> Path | None:
        if name not in top:
            return None
        value = Path(top[name])
        return value if given.get(name) is not None else folder / value

    tools, examples = app_files(path("tools"), path("examples"))
    try:
        settings = RunSettings(
            tools=tools,
            examples=examples,
            deploy=path("deploy"),
            generate=GenerateSettings(**{**shared, **tables["generate"]}),
            train=TrainSettings.from_json({**shared, **device, **tables["train"]}),
        )
    except (TypeError, ValueError) as error:
        raise ProjectError([Fault(where, 0, 0, str(error), "Correct the settings")]) from error
    plain = {name: top[name] for name in _PLAIN if name in top}
    settings = replace(settings, **plain, device=settings.train.device)
    if "precisions" in top:
        settings = replace(settings, precisions=tuple(top["precisions"]))
    if faults := _impossible(where, settings):
        raise ProjectError(faults)
    return settings


def _impossible(where: str, settings: RunSettings) -> list[Fault]:
    faults = settings.generate.faults()
    unknown = [name for name in settings.precisions if name not in PRECISIONS]
    if unknown or not settings.precisions:
        faults.append(
            Fault(
                where,
                0,
                0,
                f"there is no precision {', '.join(map(repr, unknown)) or 'chosen'}",
                f"Choose of {', '.join(PRECISIONS)}",
            )
        )
    if settings.at_least is not None and not 0 <= settings.at_least <= 1:
        faults.append(
            Fault(where, 0, 0, f"at_least is {settings.at_least}", "Give a share from 0 to 1")
        )
    return faults


def _unknown(
    where: str, top: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]]
) -> list[Fault]:
    known = {
        "": set(_TOP),
        "generate": {item.name for item in fields(GenerateSettings)},
        "train": {item.name for item in fields(TrainSettings)},
    }
    return [
        Fault(
            where,
            0,
            0,
            f"there is no setting {name!r}" + (f" in [{table}]" if table else ""),
            f"Known are {', '.join(sorted(known[table]))}",
        )
        for table, values in (("", top), *tables.items())
        for name in values
        if name not in known[table]
    ]


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = f"cannot be read: {error}"
    except tomllib.TOMLDecodeError as error:
        reason = f"is not valid TOML: {error}"
    raise ProjectError([Fault(str(file), 0, 0, reason, "See https://toml.io")])
