from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs --group train")

from tiny_run import HERMES, LIGHT, make_base, samples  # noqa: E402
from tokenizers import pre_tokenizers  # noqa: E402

from edge_llm.base import TINY, open_base  # noqa: E402
from edge_llm.expand import general_samples  # noqa: E402
from edge_llm.samples import (  # noqa: E402
    Answer,
    Call,
    Message,
    Sample,
    dump,
    read_samples,
    write_samples,
)
from edge_llm.train.answer_loss import AnswerLoss, collate  # noqa: E402
from edge_llm.train.batches import BatchPlan  # noqa: E402
from edge_llm.train.compiling import compiles  # noqa: E402
from edge_llm.train.encode import encode_samples, open_tokenizer  # noqa: E402
from edge_llm.train.line_encoder import LineEncoder  # noqa: E402
from edge_llm.train.model import open_model  # noqa: E402
from edge_llm.train.schedule import Schedule  # noqa: E402
from edge_llm.train.settings import TrainSettings  # noqa: E402
from edge_llm.train.start import make_start, marker_ids  # noqa: E402
from edge_llm.train.working_copy import WorkingCopy  # noqa: E402


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("parts") / "base")


@pytest.fixture(scope="module")
def start(base: Path) -> Path:
    return make_start(base, HERMES, base.with_name("start"))


def sample(answer: Answer, weight: float = 1.0) -> Sample:
    return Sample("1", "single", "tiny", (LIGHT,), (Message("user", "hi"),), answer, weight)


def test_settings_survive_json_and_refuse_what_cannot_be() -> None:
    settings = TrainSettings(kl=0.5, kl_kinds=("chat",), qat_from=0.6)
    assert TrainSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings
    with pytest.raises(ValueError, match="--method lorra: choose full, lora, qlora"):
        TrainSettings(method="lorra")
    with pytest.raises(ValueError, match="--qat-from and --pull work on whole weights"):
        TrainSettings(method="lora", qat_from=0.5)
    with pytest.raises(ValueError, match="unknown settings: lrr"):
        TrainSettings.from_json({"lrr": 1})
    with pytest.raises(ValueError, match="blocks hold 16, 32, 64, 128"):
        TrainSettings(block=8)


def test_markers_become_one_token_that_begins_as_its_old_spelling(base: Path, start: Path) -> None:
    before, after = open_tokenizer(base), open_tokenizer(start)
    old_table = open_model(base).get_input_embeddings().weight
    new_table = open_model(start).get_input_embeddings().weight
    assert marker_ids(start, HERMES) == [3, 4, 5, 6, 7, 8]
    for old, new in HERMES.renamed_tokens.items():
        token = before.token_to_id(old)
        assert after.encode(new).ids == [token]
        assert after.decode([token], skip_special_tokens=True) == new
        spelt = old_table[before.encode(new).ids].mean(0)
        assert torch.allclose(new_table[token], spelt)
    assert (start / "chat_template.jinja").read_text(encoding="utf-8") == HERMES.chat_template


def test_a_start_is_made_once(start: Path, base: Path) -> None:
    written = (start / "model.safetensors").stat().st_mtime_ns
    assert make_start(base, HERMES, start) == start
    assert (start / "model.safetensors").stat().st_mtime_ns == written


def test_only_the_answer_is_trained_and_the_wording_of_replies_less(start: Path) -> None:
    settings = TrainSettings(reply_weight=0.25, reply_head=3, decision_weight=2)
    tokenizer = open_tokenizer(start)
    cases = [sample(Answer((), "abcdef")), sample(Answer((Call("light", {"room": "a"}),)), 0.5)]
    reply, call = encode_samples(cases, HERMES, tokenizer, settings).examples
    assert tokenizer.decode(reply.ids[reply.start :].tolist(), skip_special_tokens=False) == (
        "abcdef<|im_end|>"
    )
    assert reply.weights.tolist() == [2, 1, 1, 0.25, 0.25, 0.25, 1]
    assert call.weights.tolist() == [1, *[0.5] * (len(call.weights) - 1)]


def test_lines_that_are_encoded_once_give_the_ids_of_whole_prompts(tmp_path: Path) -> None:
    cases = general_samples(300, 7)
    assert len({id(tool) for case in cases for tool in case.tools}) > 300
    path = tmp_path / "samples.jsonl"
    write_samples(path, cases)
    cases = read_samples(path)
    texts = {dump(tool.to_json()) for case in cases for tool in case.tools}
    assert len({id(tool) for case in cases for tool in case.tools}) == len(texts)
    start = make_start(open_base(TINY, tmp_path / "base"), HERMES, tmp_path / "start")
    for directory in (start, None):
        tokenizer = open_tokenizer(start)
        if directory is None:
            # Words that reach over ends of lines: nothing may be encoded apart.
            tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(use_regex=False)
        settings = TrainSettings(max_length=100_000)
        made = encode_samples(cases, HERMES, tokenizer, settings).examples
        for case, example in zip(cases, made, strict=True):
            prompt = tokenizer.encode(HERMES.prompt(case.messages, case.tools)).ids
            assert example.ids.tolist() == prompt + tokenizer.encode(HERMES.answer(case.answer)).ids
            assert example.start == len(prompt)


@pytest.mark.parametrize(
    "text", ["", "\n", "a\nb", "a \n b", "a\n\n\nb\n", " \n}\n{\t\n.\r\n1\n2", "é\n你\n🙂\n\u3000x"]
)
def test_odd_white_space_is_encoded_as_in_the_whole(start: Path, text: str) -> None:
    tokenizer = open_tokenizer(start)
    texts = [text, f"{text}<|im_end|>\n{text}", f"x\n{text}\ny"]
    assert [ids.tolist() for ids in LineEncoder(tokenizer).encode(texts)] == [
        tokenizer.encode(whole).ids for whole in texts
    ]


def test_samples_that_are_too_long_are_counted(start: Path) -> None:
    tokenizer = open_tokenizer(start)
    all_of_them = samples(24)
    longest = max(
        len(example.ids)
        for example in encode_samples(all_of_them, HERMES, tokenizer, TrainSettings()).examples
    )
    made = encode_samples(all_of_them, HERMES, tokenizer, TrainSettings(max_length=longest - 1))
    assert made.too_long >= 1
    assert len(made.examples) + made.too_long == 24


def test_an_epoch_has_every_example_once_and_even_batches() -> None:
    lengths = np.random.default_rng(0).integers(20, 300, 500).tolist()
    plan = BatchPlan(lengths, 4000, seed=3)
    epoch = plan.epoch(0)
    assert sorted(index for batch in epoch for index in batch) == list(range(500))
    sizes = [sum(lengths[index] for index in batch) for batch in epoch]
    assert len(epoch) == plan.steps_per_epoch == round(sum(lengths) / 4000)
    assert max(sizes) - min(sizes) < 700
    assert plan.epoch(0) == epoch
    assert plan.epoch(1) != epoch


def test_processes_share_a_batch_under_the_limit_and_with_little_padding() -> None:
    lengths = np.random.default_rng(1).integers(50, 1000, 400).tolist()
    plan = BatchPlan(lengths, 65_536, seed=3)
    for batch in plan.epoch(0):
        shares = [plan.share(batch, process, 2, 16_384) for process in range(2)]
        assert sorted(index for share in shares for part in share for index in part) == sorted(
            batch
        )
        padded = 0
        for part in (part for share in shares for part in share):
            size = max(lengths[index] for index in part) * len(part)
            assert size <= 16_384
            padded += size
        assert padded < 1.3 * sum(lengths[index] for index in batch)


def test_dear_passes_make_fewer_and_wider_ones() -> None:
    lengths = np.random.default_rng(1).integers(50, 1000, 400).tolist()
    passes = [
        len(plan.share(plan.epoch(0)[0], 0, 1, 32_768))
        for plan in (BatchPlan(lengths, 65_536, 3, cost) for cost in (0, 4_096, 16_384))
    ]
    assert passes[0] > passes[1] > passes[2] >= 2
    assert TrainSettings().pass_cost(on_gpu=True) == 16_384
    assert TrainSettings().pass_cost(on_gpu=False) == 4_096
    assert TrainSettings(launch_tokens=0).pass_cost(on_gpu=True) == 0


def test_only_long_runs_of_whole_weights_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def compiled(tokens: float, on_gpu: bool = True, **settings: Any) -> bool:
        return compiles(TrainSettings(**settings), on_gpu, 135_000_000, tokens)

    monkeypatch.setattr("edge_llm.train.compiling._has_compiler", lambda: True)
    assert compiled(100e6)
    assert not compiled(10e6)
    assert not compiled(100e6, minutes=1.5)
    assert not compiled(100e6, method="lora")
    assert not compiled(100e6, compile=False)
    assert compiled(1e6, compile=True)
    assert not compiled(1e9, on_gpu=False, compile=True)
    monkeypatch.setattr("edge_llm.train.compiling._has_compiler", lambda: False)
    assert not compiled(100e6)


def test_batches_go_on_from_any_step() -> None:
    plan = BatchPlan([5] * 30, 20, seed=3)
    stream = plan.from_step(0)
    first = [next(stream) for _ in range(20)]
    later = plan.from_step(11)
    assert [next(later) for _ in range(9)] == first[11:]


def test_nothing_to_train_on_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to train on"):
        BatchPlan([], 100, 1)


def test_loss_is_the_weighted_sum_over_answers_whatever_the_batch(start: Path) -> None:
    model = open_model(start)
    examples = encode_samples(samples(6), HERMES, open_tokenizer(start), TrainSettings()).examples
    wanted = 0.0
    with torch.no_grad():
        for example in examples:
            ids = torch.from_numpy(example.ids.astype(np.int64))[None]
            every = model(input_ids=ids).logits[0].log_softmax(-1)
            for offset, weight in enumerate(example.weights):
                at = example.start + offset
                wanted -= float(weight) * float(every[at - 1, ids[0, at]])
        loss, answer, divergence = AnswerLoss(model, None, 0.0)(
            collate(examples, torch.device("cpu"))
        )
    assert float(loss) == pytest.approx(wanted, rel=1e-5)
    assert float(answer) == pytest.approx(wanted, rel=1e-5)
    assert float(divergence) == 0


def test_divergence_counts_answers_to_chat_alone(start: Path) -> None:
    model, other = open_model(start), open_model(start)
    settings = TrainSettings(kl=0.5)
    examples = encode_samples(samples(8), HERMES, open_tokenizer(start), settings).examples
    batch = collate(examples, torch.device("cpu"))
    with torch.no_grad():
        assert float(AnswerLoss(model, other, 0.5)(batch)[2]) == pytest.approx(0, abs=1e-4)
        for weight in other.parameters():
            weight.add_(torch.randn_like(weight), alpha=0.05)
        loss, answer, divergence = AnswerLoss(model, other, 0.5)(batch)
        wanted = 0.0
        for example in (example for example in examples if example.near_base):
            ids = torch.from_numpy(example.ids.astype(np.int64))[None]
            own = model(input_ids=ids).logits[0, example.start - 1 : -1].log_softmax(-1)
            base = other(input_ids=ids).logits[0, example.start - 1 : -1].log_softmax(-1)
            wanted += float((base.exp() * (base - own)).sum())
    assert [example.near_base for example in examples] == [False, False, False, True] * 2
    assert float(divergence) == pytest.approx(wanted, rel=1e-4)
    assert float(loss) == pytest.approx(float(answer) + 0.5 * wanted, rel=1e-4)


def test_a_silent_share_changes_nothing(start: Path) -> None:
    model = open_model(start)
    examples = encode_samples(samples(1), HERMES, open_tokenizer(start), TrainSettings()).examples
    AnswerLoss(model, None, 0.0)(collate(examples, torch.device("cpu"), silent=True))[0].backward()
    assert all(float(weight.grad.abs().max()) == 0 for weight in model.parameters())


def test_the_rate_warms_up_and_ends_low() -> None:
    schedule = Schedule(TrainSettings(lr=1.0, warmup_steps=4, max_steps=20), 1000)
    assert schedule.steps == 20
    assert [schedule.lr(step) for step in (0, 1)] == pytest.approx([0.25, 0.5], rel=0.03)
    assert schedule.lr(19) == pytest.approx(0.1)
    assert Schedule(TrainSettings(epochs=1.5), 10).steps == 15


def test_a_time_budget_sets_the_length_by_the_pace() -> None:
    schedule = Schedule(TrainSettings(lr=3e-4, minutes=1), 1000)
    schedule.fit(5, 10.0, (1, 6.0))
    assert schedule.steps == 5 + 50
    assert schedule.next_fit > 5
    schedule.fit(schedule.next_fit, 59.0, (5, 10.0))
    assert schedule.steps <= schedule.next_fit + 10
    assert math.isclose(schedule.lr(schedule.steps - 1), 3e-5)


def test_a_working_copy_hands_its_gradients_to_the_exact_weights() -> None:
    exact = torch.nn.Linear(3, 2)
    working = WorkingCopy(exact)
    with torch.no_grad():
        exact.weight.fill_(1.00001)
        exact.bias.zero_()
    working.load()
    assert working.model.weight.dtype == torch.bfloat16
    assert (working.model.weight == 1).all()
    working.model(torch.ones(1, 3, dtype=torch.bfloat16)).sum().backward()
    working.hand_over_gradients()
    assert exact.weight.grad is not None
    assert (exact.weight.grad == 1).all()
    assert exact.weight.grad.dtype == torch.float32
    assert working.model.weight.grad is None
    assert float(exact.weight.detach()[0, 0]) == pytest.approx(1.00001)


def test_16_bit_weights_leave_positions_exact(start: Path) -> None:
    exact = open_model(start)
    working = WorkingCopy(exact)
    assert torch.equal(working.model.model.rotary_emb.inv_freq, exact.model.rotary_emb.inv_freq)
    weight = exact.model.layers[0].mlp.up_proj.weight
    twin = working.model.model.layers[0].mlp.up_proj.weight
    with torch.no_grad():
        weight.add_(1)
    working.load()
    assert torch.equal(twin, weight.to(torch.bfloat16))
    working.model(input_ids=torch.tensor([[1, 2, 3]])).logits.sum().backward()
    gradient = twin.grad.clone()
    working.hand_over_gradients()
    assert weight.grad.dtype == torch.float32
    assert torch.equal(weight.grad, gradient.float())
    assert twin.grad is None
