"""What llama.cpp and transformers make of the same GGUF file. Needs the group `reference`."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_llm.corpus import CONVERSATIONS, PROMPTS, TEXTS, Message

GREEDY_PROMPTS = PROMPTS[:6]
GREEDY_TOKENS = 48


def make_reference(gguf: Path, directory: Path) -> dict[str, Any]:
    """Everything in one JSON value; `directory` is a converted model, for its tokenizer."""
    prompts, rendered = _transformers_templates(directory)
    return {
        "llamaCppIds": [
            {"text": text, "ids": ids}
            for text, ids in zip(TEXTS, llama_cpp_ids(gguf, TEXTS), strict=True)
        ],
        "transformersTemplates": rendered,
        "transformersGreedy": [
            {"prompt": request, "ids": ids}
            for request, ids in zip(GREEDY_PROMPTS, transformers_greedy(gguf, prompts), strict=True)
        ],
    }


def llama_cpp_ids(gguf: Path, texts: Sequence[str]) -> list[list[int]]:
    """Token ids by llama.cpp's own server, with special tokens recognised in the text."""
    import xllamacpp

    options = xllamacpp.CommonParams()
    options.model.path = str(gguf)
    options.n_ctx = 256
    options.warmup = False
    server = xllamacpp.Server(options)
    return [_tokenize(server.listening_address, text) for text in texts]


def _tokenize(address: str, text: str) -> list[int]:
    body = json.dumps({"content": text, "add_special": False, "parse_special": True})
    request = urllib.request.Request(
        f"{address}/tokenize", body.encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as response:
        tokens: list[int] = json.load(response)["tokens"]
    return tokens


def transformers_greedy(gguf: Path, prompts: Sequence[Sequence[int]]) -> list[list[int]]:
    """Greedy continuations by transformers' own model, read from the GGUF file."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(
        str(gguf.parent), gguf_file=gguf.name, dtype=torch.float32
    ).eval()
    model.generation_config.eos_token_id = None
    results = []
    for prompt in prompts:
        with torch.inference_mode():
            ids = torch.tensor([list(prompt)])
            made = model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=GREEDY_TOKENS,
                do_sample=False,
            )
        results.append(made[0, len(prompt) :].tolist())
    return results


def _transformers_templates(directory: Path) -> tuple[list[list[int]], list[str]]:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(directory))

    def render(messages: list[Message], reply: bool) -> str:
        text: str = tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=reply
        )
        return text

    prompts = [
        tokenizer.encode(render([{"role": "user", "content": request}], True))
        for request in GREEDY_PROMPTS
    ]
    return prompts, [
        render(messages, reply) for messages in CONVERSATIONS for reply in (False, True)
    ]
