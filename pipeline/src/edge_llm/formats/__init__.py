"""How families of models write tools, calls and results. One file a format."""

from __future__ import annotations

from edge_llm.formats.base import Parsed, ToolFormat
from edge_llm.formats.functiongemma import FunctionGemma
from edge_llm.formats.hermes import Hermes

__all__ = ["FORMAT_NAMES", "Parsed", "ToolFormat", "get_format"]

FORMAT_NAMES = ("hermes", "functiongemma")


def get_format(name: str) -> ToolFormat:
    """Raises ValueError for a name that is none of `FORMAT_NAMES`."""
    if name == "hermes":
        return Hermes()
    if name == "functiongemma":
        return FunctionGemma()
    raise ValueError(f"there is no tool format {name!r}; use one of {', '.join(FORMAT_NAMES)}")
