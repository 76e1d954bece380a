"""Ordinary chat with the base model's own answers: practice against forgetting."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from edge_llm.expand.apps import App
from edge_llm.samples import Answer, Message, Sample

#: File in the data folder; lines `{"prompt", "answer"}`.
ANSWERS = Path("replay") / "answers.jsonl"


def read_prompts(data: Path) -> list[Sample]:
    """The prompts as samples that wait for the base model's answer."""
    lines = (data / "replay" / "prompts.txt").read_text(encoding="utf-8").splitlines()
    return [
        Sample(f"replay/{index}", "chat", "replay", (), (Message("user", line),), Answer())
        for index, line in enumerate(lines)
        if line
    ]


def replay_samples(count: int, seed: int, data: Path, apps: Sequence[App]) -> list[Sample]:
    """Answers of the base model, half of them with tools at hand that have no part in it."""
    path = data / ANSWERS
    if not path.is_file():
        return []
    random = Random(seed)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    samples = []
    for index in range(count):
        line = random.choice(lines)
        tools = random.choice(apps).tools if random.random() < 0.5 else ()
        said = (Message("user", line["prompt"]),)
        answer = Answer((), line["answer"])
        samples.append(Sample(f"replay#{index}", "chat", "replay", tools, said, answer))
    return samples
