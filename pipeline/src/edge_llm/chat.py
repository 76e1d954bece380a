"""Renders a model directory's chat template the way `transformers` does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class ChatTemplate:
    def __init__(self, directory: Path) -> None:
        from jinja2.ext import loopcontrols
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols]
        )
        environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
        source = (directory / "chat_template.jinja").read_text(encoding="utf-8")
        self._template = environment.from_string(source)

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        reply: bool,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> str:
        """The prompt text; with `reply` it ends where the assistant is to begin."""
        return self._template.render(
            messages=list(messages), add_generation_prompt=reply, tools=list(tools) or None
        )

    def prompt(self, request: str) -> str:
        return self.render([{"role": "user", "content": request}], reply=True)
