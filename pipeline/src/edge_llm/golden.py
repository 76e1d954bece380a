"""Vectors that other implementations must reproduce, written as one small JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edge_llm.chat import ChatTemplate
from edge_llm.corpus import CONVERSATIONS, PROMPTS, TEXTS
from edge_llm.manifest import sha256_of
from edge_llm.session import DecoderSession, KeyValueCache

GREEDY_TOKENS = 64


def golden_vectors(directory: Path) -> dict[str, Any]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    template = ChatTemplate(directory)
    session = DecoderSession(directory / "onnx" / "model.onnx")

    def encode(text: str) -> list[int]:
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    greedy = []
    for request in PROMPTS:
        prompt = encode(template.prompt(request))
        ids, margin = _greedy_with_margin(session, prompt)
        greedy.append(
            {
                "request": request,
                "promptIds": prompt,
                "ids": ids,
                "text": tokenizer.decode(ids, skip_special_tokens=False),
                "smallestMargin": round(margin, 5),
            }
        )
    return {
        "about": "Made by `edge-llm golden`. Greedy ids run on past end-of-turn tokens; "
        "smallestMargin is the least distance in logits between first and second choice.",
        "model": {
            "name": directory.name,
            "tokenizerSha256": sha256_of(directory / "tokenizer.json"),
        },
        "tokenizer": [{"text": text, "ids": encode(text)} for text in TEXTS],
        "templates": [
            {
                "messages": messages,
                "addGenerationPrompt": reply,
                "text": template.render(messages, reply=reply),
            }
            for messages in CONVERSATIONS
            for reply in (False, True)
        ],
        "greedy": greedy,
    }


def write_golden(directory: Path, target: Path) -> None:
    vectors = golden_vectors(directory)
    target.parent.mkdir(parents=True, exist_ok=True)
    # One vector a line keeps the file small and its changes readable.
    lines = []
    for key, value in vectors.items():
        if isinstance(value, list):
            rows = ",\n".join("  " + json.dumps(row, ensure_ascii=True) for row in value)
            lines.append(f' "{key}": [\n{rows}\n ]')
        else:
            lines.append(f' "{key}": {json.dumps(value)}')
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _greedy_with_margin(session: DecoderSession, prompt: list[int]) -> tuple[list[int], float]:
    cache = KeyValueCache()
    step, made, margin = prompt, list[int](), float("inf")
    while len(made) < GREEDY_TOKENS:
        logits = session.forward(step, cache)[-1]
        token = int(logits.argmax())
        first = float(logits[token])
        logits[token] = -float("inf")
        margin = min(margin, first - float(logits.max()))
        made.append(token)
        step = [token]
    return made, margin
