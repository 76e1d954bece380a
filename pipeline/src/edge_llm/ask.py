"""Asks a model directory one thing, with onnxruntime, as the browser's engine would."""

from __future__ import annotations

import json
from pathlib import Path

from edge_llm.formats import Parsed, get_format
from edge_llm.manifest import DTYPE_FILES
from edge_llm.samples import Message, Tool


def ask(model: Path, said: str, tools: list[Tool], dtype: str, most: int) -> Parsed:
    """The greedy answer of at most `most` tokens.

    Raises FileNotFoundError for a model or precision that is not there, ValueError for one
    whose tool format is none of ours.
    """
    from tokenizers import Tokenizer

    from edge_llm.session import DecoderSession
    from edge_llm.verify.cases import format_name

    graph = model / DTYPE_FILES[dtype]
    if not graph.is_file():
        raise FileNotFoundError(f"{graph} is missing; make it with `edge-llm quantize`")
    name = format_name(model)
    if name is None:
        raise ValueError(f"{model} was not trained on a tool format of this project")
    tool_format = get_format(name)
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    prompt = tool_format.prompt([Message("user", said)], tools)
    ids = tokenizer.encode(prompt, add_special_tokens=False).ids
    stop = json.loads((model / "config.json").read_text(encoding="utf-8"))["eos_token_id"]
    made = DecoderSession(graph).greedy(ids, most, stop)
    return tool_format.parse(tokenizer.decode(made, skip_special_tokens=False))
