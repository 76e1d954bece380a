"""The example app that is used where the user gives none."""

from __future__ import annotations

from pathlib import Path

from edge_llm.project.faults import Fault, ProjectError


def app_files(tools: Path | None, examples: Path | None) -> tuple[Path, Path]:
    """Both files; the shipped example where neither is given.

    Raises ProjectError where only one is given, since the example's other would not fit.
    """
    if tools is None and examples is None:
        from edge_llm.expand import data_folder

        folder = data_folder() / "one-app"
        return folder / "tools.json", folder / "examples.json"
    if tools is None or examples is None:
        missing = "--tools" if tools is None else "--examples"
        raise ProjectError(
            [Fault(missing, 0, 0, "is missing", "Give both files, or neither for the example")]
        )
    return tools, examples
