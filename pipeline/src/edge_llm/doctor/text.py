"""The tokens that a model is examined on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edge_llm.chat import ChatTemplate
from edge_llm.corpus import PROMPTS

CHUNK = 96
"""Tokens of a text that are fed at once."""

PROSE = """The lighthouse keeper counted 17 ships before noon, which was more than usual for a
Tuesday in March. "They must know something about the weather," she told her brother, and wrote
the number into the book: date, wind, ships, remarks. In 1893 a storm had taken the roof; since
then every keeper had looked at the sky first and at the sea second.

def ships(book: dict[str, int]) -> int:
    return sum(book.values())

Der Leuchtturm steht noch. 灯台は今も立っている。"""


def sequences_of(
    directory: Path,
    prompts: Sequence[str] = (),
    text: str | None = None,
    largest: int = 384,
) -> list[list[int]]:
    """Token ids of chats and of a text in pieces, at most `largest` in all.

    Without prompts and text: four requests and a page of prose. Raises OSError or ValueError
    where tokenizer or chat template cannot be read.
    """
    from tokenizers import Tokenizer

    path = directory / "tokenizer.json"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing")
    tokenizer = Tokenizer.from_file(str(path))
    if not prompts and text is None:
        prompts, text = PROMPTS[:4], PROSE
    made = []
    has_template = (directory / "chat_template.jinja").is_file()
    template = ChatTemplate(directory) if has_template and prompts else None
    for prompt in prompts:
        written = template.prompt(prompt) if template else prompt
        made.append(tokenizer.encode(written, add_special_tokens=template is None).ids)
    if text:
        # What the tokenizer puts before a text stands before every piece: without it some
        # models never show their largest values.
        start = tokenizer.encode("").ids
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        made += [start + ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)]
    return _cut([ids for ids in made if ids], largest)


def _cut(sequences: list[list[int]], largest: int) -> list[list[int]]:
    kept: list[list[int]] = []
    for ids in sequences:
        room = largest - sum(map(len, kept))
        if room > 0:
            kept.append(ids[:room])
    return kept
