"""Prompts of the hermes format, shared with the JavaScript tests: both must make the same tokens.

Run `python pipeline/tests/shared_prompts.py` to write them anew when the format has changed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from edge_llm.formats import get_format
from edge_llm.samples import Answer, Call, Message, Tool

ROOT = Path(__file__).parents[2]
FIXTURE = ROOT / "test/fixtures/hermes-prompts.json"
# Every SmolLM2 of ours has the same one.
TOKENIZER = ROOT / "models/smollm2-tiny/tokenizer.json"

_TOOLS = (
    Tool(
        "set_square_color",
        'Change the "colour" of the <square>',
        {
            "type": "object",
            "properties": {
                "color": {"type": "string", "enum": ["röd", "blue"], "default": "blue"},
                "fade_seconds": {"type": "number", "minimum": 0.5, "maximum": 10.0},
            },
            "required": ["color"],
            "additionalProperties": False,
        },
    ),
    Tool("get_square_color", "", {"type": "object", "properties": {}}),
)
_CALL = Call("set_square_color", {"color": "röd", "fade_seconds": 1.5})
_CONVERSATIONS = {
    "one request": [Message("user", "Change the color to blue")],
    "a system text": [Message("system", "Be brief."), Message("user", "make it röd 😀")],
    "calls and results": [
        Message("user", "red, and tell me"),
        Message("assistant", "", (_CALL, Call("get_square_color", {}))),
        Message("tool", '{"ok": true}', name="set_square_color"),
        Message("tool", '"red"', name="get_square_color"),
        Message("assistant", "It is red."),
        Message("user", "again"),
        Message("assistant", "Sure:", (_CALL,)),
        Message("tool", "null", name="set_square_color"),
    ],
}


def build() -> dict[str, Any]:
    """The fixture as it should be."""
    tool_format = get_format("hermes")
    tokenizer = _renamed_tokenizer()
    prompts = []
    for name, conversation in _CONVERSATIONS.items():
        for tools in (_TOOLS, ()):
            prompt = tool_format.prompt(conversation, tools)
            prompts.append(
                {
                    "name": f"{name}, {'with' if tools else 'without'} tools",
                    "messages": [message.to_json() for message in conversation],
                    "tools": [tool.to_json() for tool in tools],
                    "prompt": prompt,
                    "ids": tokenizer.encode(prompt, add_special_tokens=False).ids,
                }
            )
    answers = [
        {"calls": [call.to_json() for call in calls], "ids": _ids(tokenizer, calls)}
        for calls in ((_CALL,), (Call("get_square_color", {}), _CALL))
    ]
    return {
        "about": "Written by pipeline/tests/shared_prompts.py.",
        "template": tool_format.chat_template,
        "renamedTokens": dict(tool_format.renamed_tokens),
        "prompts": prompts,
        "answers": answers,
    }


def _ids(tokenizer: Tokenizer, calls: tuple[Call, ...]) -> list[int]:
    text = get_format("hermes").answer(Answer(calls))
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    return ids


def _renamed_tokenizer() -> Tokenizer:
    renamed = get_format("hermes").renamed_tokens
    files = json.loads(TOKENIZER.read_text(encoding="utf-8"))
    for token in files["added_tokens"]:
        if token["content"] in renamed:
            token |= {"content": renamed[token["content"]], "special": False}
    vocabulary = files["model"]["vocab"]
    files["model"]["vocab"] = {renamed.get(token, token): id_ for token, id_ in vocabulary.items()}
    return Tokenizer.from_str(json.dumps(files))


if __name__ == "__main__":
    text = json.dumps(build(), ensure_ascii=False, indent=1)
    FIXTURE.write_text(text + "\n", encoding="utf-8")
