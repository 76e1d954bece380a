"""Reads an app's tools.json."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_llm.project.faults import Fault
from edge_llm.project.json_file import JsonFile
from edge_llm.project.tool_entry import read_tool
from edge_llm.samples import Tool


@dataclass
class ToolsFile:
    tools: dict[str, Tool] = field(default_factory=dict)
    """The tools that are in order, by name."""
    faulty: set[str] = field(default_factory=set)
    """Names of tools that could not be read; they are not unknown."""
    readable: bool = True
    """False where the file told no tool at all, so that no name can be called unknown."""
    faults: list[Fault] = field(default_factory=list)

    def may_have(self, name: str) -> bool:
        return name in self.tools or name in self.faulty or not self.readable


def read_tools(path: Path) -> ToolsFile:
    """Reads every tool and collects every fault of the file."""
    file = JsonFile(path, "tools")
    read = ToolsFile(readable=bool(file.entries), faults=file.faults)
    lines: dict[str, int] = {}
    for index, entry in enumerate(file.entries):
        tool = read_tool(file, index)
        if tool is None:
            read.faulty.add(_claimed_name(entry))
        elif tool.name in lines:
            file.fault(
                (index, "function", "name") if "function" in entry else (index, "name"),
                f"there is already a tool named {tool.name!r} in line {lines[tool.name]}",
                "Give each tool a name of its own",
            )
        else:
            lines[tool.name] = file.line((index,))
            read.tools[tool.name] = tool
    return read


def _claimed_name(entry: Any) -> str:
    if isinstance(entry, dict) and isinstance(entry.get("function"), dict):
        entry = entry["function"]
    return str(entry.get("name", "")) if isinstance(entry, dict) else ""
