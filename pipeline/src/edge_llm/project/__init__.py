"""An app's own files: its tools and examples, read and checked before anything expensive runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge_llm.project.example import Example
from edge_llm.project.examples_file import read_examples
from edge_llm.project.faults import Fault, ProjectError
from edge_llm.project.tools_file import read_tools
from edge_llm.samples import Tool

__all__ = [
    "Example",
    "Fault",
    "Project",
    "ProjectError",
    "find_faults",
    "load_project",
    "load_tools",
]


@dataclass(frozen=True)
class Project:
    tools: list[Tool]
    examples: list[Example]


def load_project(tools: Path, examples: Path) -> Project:
    """Both files, or a `ProjectError` with all faults of both."""
    project, faults = _read(tools, examples)
    if faults:
        raise ProjectError(faults)
    return project


def load_tools(path: Path) -> list[Tool]:
    """The tools of a file, or a `ProjectError` with all its faults."""
    known = read_tools(path)
    if known.faults:
        raise ProjectError(known.faults)
    return list(known.tools.values())


def find_faults(tools: Path, examples: Path) -> list[Fault]:
    """Every fault of both files; empty where they are in order."""
    return _read(tools, examples)[1]


def _read(tools: Path, examples: Path) -> tuple[Project, list[Fault]]:
    known = read_tools(tools)
    read, faults = read_examples(examples, known)
    return Project(list(known.tools.values()), read), known.faults + faults
