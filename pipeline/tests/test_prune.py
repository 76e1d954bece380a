"""A smaller vocabulary still writes every text, with the same model behind fewer rows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from typer.testing import CliRunner

from edge_llm.base import TINY, open_base
from edge_llm.checkpoint import Checkpoint, read_checkpoint
from edge_llm.cli import app
from edge_llm.prune import prune_vocabulary

TEXTS = [
    "Set the kitchen lights to 40 percent, please!",
    "antidisestablishmentarianism  and\n\n1. lists\t½ Ⅷ",
    "Grüße aus Köln, 你好, привет, 🙂👩‍🚀",
    '<|im_start|>user\n{"name": "set_light", "arguments": {"on": true}}<|im_end|>',
]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return open_base(TINY, tmp_path_factory.mktemp("base") / "tiny")


def test_texts_come_back_in_some_more_tokens(opened: Path, tmp_path: Path) -> None:
    done = prune_vocabulary(opened, tmp_path / "small", 16384, TEXTS)
    assert (done.before, done.after) == (49152, 16384)
    assert done.tokens_before < done.tokens_after < 1.5 * done.tokens_before
    tokenizer = Tokenizer.from_file(str(done.directory / "tokenizer.json"))
    for text in TEXTS:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        assert max(ids) < 16384
        assert tokenizer.decode(ids, skip_special_tokens=False) == text


def test_common_words_keep_their_tokens(opened: Path, tmp_path: Path) -> None:
    made = prune_vocabulary(opened, tmp_path / "small", 16384).directory
    old, new = (Tokenizer.from_file(str(path / "tokenizer.json")) for path in (opened, made))
    ids = old.encode("in the room on the left there is a light").ids
    assert max(ids) < 16384
    assert new.encode("in the room on the left there is a light").ids == ids


def test_rows_are_the_first_of_the_old_ones(opened: Path, tmp_path: Path) -> None:
    made = prune_vocabulary(opened, tmp_path / "small", 20000).directory
    before, after = Checkpoint(opened), Checkpoint(made)
    name = "model.embed_tokens.weight"
    np.testing.assert_array_equal(after[name], before[name][:20000])
    assert all(np.array_equal(after[other], before[other]) for other in before if other != name)
    assert read_checkpoint(made).config.vocab_size == 20000
    assert json.loads((made / "base.json").read_text())["vocabulary"] == 20000


@pytest.mark.parametrize(("size", "said"), [(8, "would lose"), (60000, "fewer than 60000")])
def test_sizes_that_cannot_be_are_refused(
    opened: Path, tmp_path: Path, size: int, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        prune_vocabulary(opened, tmp_path / "small", size)
    assert not (tmp_path / "small").exists()


def test_every_byte_stays(opened: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="every byte; keep at least"):
        prune_vocabulary(opened, tmp_path / "small", 100)


def test_the_command_makes_a_base_and_says_what_it_costs(tmp_path: Path) -> None:
    out = tmp_path / "small"
    arguments = ["prune", "--base", TINY, "--size", "24000", "--out", str(out)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "24000 of 49152 tokens; sample texts" in done.output
    assert open_base(str(out), tmp_path / "opened").is_dir()
    refused = CliRunner().invoke(app, [*arguments[:3], "--size", "100", "--out", str(out)])
    assert refused.exit_code == 1 and "keep at least" in refused.output
