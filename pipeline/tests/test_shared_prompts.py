"""The prompts that the JavaScript tests are held to are those of the format as it is."""

from __future__ import annotations

import json

from shared_prompts import FIXTURE, build


def test_shared_prompts_are_up_to_date() -> None:
    assert json.loads(FIXTURE.read_text(encoding="utf-8")) == build(), (
        "run python pipeline/tests/shared_prompts.py"
    )
