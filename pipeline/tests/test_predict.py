from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs --group train")

from tiny_run import HERMES, LIGHT, make_base, samples  # noqa: E402

from edge_llm.predict import (  # noqa: E402
    PredictSettings,
    predict,
    read_answer,
    read_predictions,
    write_predictions,
)
from edge_llm.quantize import rounded  # noqa: E402
from edge_llm.train.encode import open_tokenizer  # noqa: E402
from edge_llm.train.model import open_model  # noqa: E402
from edge_llm.train.start import make_start  # noqa: E402

SAMPLES = samples(10)
TOKENS = 40


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = make_base(tmp_path_factory.mktemp("predict") / "base")
    return make_start(base, HERMES, base.with_name("start"))


def one_by_one(start: Path) -> list[tuple[str, float]]:
    """What transformers' own generation and a plain forward pass say."""
    model, tokenizer = open_model(start), open_tokenizer(start)
    opening = tokenizer.token_to_id("<tool_call>")
    made = []
    for sample in SAMPLES:
        prompt = tokenizer.encode(HERMES.prompt(sample.messages, sample.tools)).ids
        ids = torch.tensor([prompt])
        with torch.no_grad():
            first = model(input_ids=ids).logits[0, -1]
            answer = model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=TOKENS,
                do_sample=False,
                eos_token_id=tokenizer.token_to_id("<|im_end|>"),
            )[0, len(prompt) :]
        others = torch.cat([first[:opening], first[opening + 1 :]])
        made.append(
            (
                tokenizer.decode(answer.tolist(), skip_special_tokens=False),
                float(first[opening] - others.max()),
            )
        )
    return made


def run(start: Path, **settings: object) -> list[tuple[str, float | None]]:
    made = predict(
        open_model(start),
        start,
        SAMPLES,
        HERMES,
        PredictSettings(max_new_tokens=TOKENS, **settings),  # type: ignore[arg-type]
    )
    assert [item.id for item in made] == [sample.id for sample in SAMPLES]
    return [(item.raw, item.call_logit) for item in made]


@pytest.mark.parametrize("batch_tokens", [1, 1_000, 100_000])
def test_answers_are_those_of_one_prompt_at_a_time(start: Path, batch_tokens: int) -> None:
    made = run(start, batch_tokens=batch_tokens)
    for (raw, lead), (wanted, wanted_lead) in zip(made, one_by_one(start), strict=True):
        assert raw == wanted
        assert lead == pytest.approx(wanted_lead, abs=1e-3)


def test_rows_that_end_early_do_not_disturb_the_others(
    start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edge_llm.train.generate import Generator

    wanted = dict(enumerate(raw for raw, _ in one_by_one(start)))
    often = max(
        {token for raw in wanted.values() for token in raw},
        key=lambda token: len({raw.find(token) for raw in wanted.values()}),
    )
    tokenizer = open_tokenizer(start)

    def stops(self: Generator, tool_format: object) -> set[int]:
        return {tokenizer.encode(often).ids[0]}

    monkeypatch.setattr(Generator, "_stop_ids", stops)
    for index, (raw, _) in enumerate(run(start)):
        head, found, _rest = wanted[index].partition(often)
        assert raw == head + found


def test_a_bias_makes_every_answer_a_call_or_none(start: Path) -> None:
    plain = run(start)
    for (raw, lead), (_, plain_lead) in zip(run(start, call_bias=1e4), plain, strict=True):
        assert raw.startswith("<tool_call>")
        assert lead == plain_lead
    assert not any(raw.startswith("<tool_call>") for raw, _ in run(start, call_bias=-1e4))


def test_q4_answers_with_the_weights_of_the_shipped_file(start: Path) -> None:
    other = open_model(start)
    with torch.no_grad():
        for name, weight in other.named_parameters():
            if weight.ndim == 2:
                bits = 8 if "embed" in name else 4
                weight.copy_(torch.from_numpy(rounded(weight.numpy(), bits, 32)))
    wanted = predict(other, start, SAMPLES, HERMES, PredictSettings(max_new_tokens=TOKENS))
    assert run(start, dtype="q4") == [(item.raw, item.call_logit) for item in wanted]
    assert run(start, dtype="q4") != run(start)


def test_calls_that_may_not_be_dispatched_are_rejected_with_a_reason() -> None:
    def call(name: str, arguments: object) -> str:
        return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>\n"

    text = call("light", {"room": "hall"}) + call("lamp", {}) + call("light", {"room": 3})
    made = read_answer(SAMPLES[0], text + '<tool_call>\n{"name":', 0.5, HERMES)
    assert [item.to_json() for item in made.calls] == [
        {"name": LIGHT.name, "arguments": {"room": "hall"}}
    ]
    assert [item["reason"] for item in made.rejected] == [
        "no such tool",
        "room is not of type string",
        "the call is cut off",
    ]


def test_predictions_survive_their_file(tmp_path: Path) -> None:
    made = [
        read_answer(SAMPLES[0], "Grüße, 你好<|im_end|>", -1.5, HERMES),
        read_answer(SAMPLES[1], '<tool_call>\n{"name": "x"', None, HERMES),
    ]
    write_predictions(tmp_path / "a" / "predictions.jsonl", made)
    assert read_predictions(tmp_path / "a" / "predictions.jsonl") == made
