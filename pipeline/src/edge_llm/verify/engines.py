"""Greedy answers of one model in each engine."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_llm.session import DecoderSession
from edge_llm.verify.cases import Case

REPOSITORY = Path(__file__).parents[4]
SCRIPT = REPOSITORY / "pipeline" / "scripts" / "verify.mjs"


@dataclass(frozen=True)
class EngineAnswer:
    prompt_tokens: int
    prompt: list[int] | None
    """Ids of the prompt, where the engine tells."""
    ids: list[int]
    """Ids of the answer, without the token that ends a turn."""


Answers = dict[str, EngineAnswer]


class EngineError(RuntimeError):
    """An engine that did not answer; the message says why and what to do."""


def answer_in_python(
    graph: Path, prompts: dict[str, list[int]], max_tokens: int, eos: int
) -> Answers:
    session = DecoderSession(graph)
    return {
        name: EngineAnswer(len(ids), ids, session.greedy(ids, max_tokens, eos))
        for name, ids in prompts.items()
    }


def answer_in_node(
    engine: str, directory: Path, dtype: str, cases: Sequence[Case], max_tokens: int, eos: int
) -> Answers:
    """`engine` is `kit` or `transformers`. Raises EngineError."""
    node = shutil.which("node")
    if node is None:
        raise EngineError("Node.js is not installed; leave its engines out with --python-only")
    if engine == "kit" and not (REPOSITORY / "dist/engine/index.node.js").is_file():
        raise EngineError("the kit is not built; run `npm ci && npm run build` first")
    job = {
        "engine": engine,
        "model": str(directory.resolve()),
        "dtype": dtype,
        "maxTokens": max_tokens,
        "cases": [
            {"id": case.id, "kit": case.for_kit(), "chat": case.for_chat_template()}
            for case in cases
        ],
    }
    with tempfile.TemporaryDirectory() as scratch:
        given, made = Path(scratch) / "job.json", Path(scratch) / "answers.json"
        given.write_text(json.dumps(job), encoding="utf-8")
        command = [node, str(SCRIPT), str(given), str(made)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not made.is_file():
            raise EngineError(f"{engine} failed on {dtype}:\n{done.stderr.strip()[-2000:]}")
        answers = json.loads(made.read_text(encoding="utf-8"))["answers"]
    return {entry["id"]: _answer(entry, eos) for entry in answers}


def _answer(entry: dict[str, Any], eos: int) -> EngineAnswer:
    ids: list[int] = entry["ids"]
    if eos in ids:
        ids = ids[: ids.index(eos)]
    return EngineAnswer(entry["promptTokens"], entry.get("promptIds"), ids)
