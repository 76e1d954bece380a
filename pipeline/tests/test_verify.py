"""Every engine runs a model alike, and a verification that finds otherwise says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edge_llm.cli import app
from edge_llm.samples import Answer, Call, Message, Sample, Tool, write_samples
from edge_llm.verify import Case, chat_cases, engines, run, sample_cases, verify_model
from edge_llm.verify.cases import calls_of
from edge_llm.verify.engines import Answers, EngineAnswer, answer_in_node

LAMP = Tool("set_lamp", "Set the lamp", {"type": "object", "properties": {}})
CALLED = Call("set_lamp", {"level": 40})
SAMPLE = Sample(
    id="one",
    kind="single",
    source="test",
    tools=(LAMP,),
    messages=(
        Message("user", "lamp to 40"),
        Message("assistant", "", (CALLED,)),
        Message("tool", "true", name="set_lamp"),
        Message("user", "again"),
    ),
    answer=Answer((CALLED,), ""),
)


def test_python_agrees_with_numpy(tiny: Path) -> None:
    done = verify_model(tiny, ["fp32", "q4"], chat_cases(2), 8, print, source=None, engines=())
    assert [(finding.dtype, finding.check) for finding in done.findings] == [
        ("fp32", "logits"),
        ("q4", "logits"),
    ]
    assert done.passed


def test_transformers_js_makes_the_same_tokens(tiny: Path) -> None:
    done = verify_model(tiny, ["fp32"], chat_cases(2), 8, print, engines=["transformers"])
    assert done.passed, done.findings
    assert [finding.check for finding in done.findings] == ["logits", "prompts", "tokens"]


def test_a_case_is_told_to_each_engine_in_its_terms() -> None:
    (case,) = sample_cases([SAMPLE])
    kit = case.for_kit()
    assert kit["tools"][0]["inputSchema"] == LAMP.parameters
    call, result = kit["messages"][1]["toolCalls"][0], kit["messages"][2]
    assert (call["input"], result["toolCallId"], result["name"]) == (
        {"level": 40},
        call["id"],
        "set_lamp",
    )
    chat = case.for_chat_template()
    assert chat["messages"][1]["tool_calls"][0]["function"] == CALLED.to_json()
    assert "tools" not in Case("plain", (Message("user", "hello"),)).for_chat_template()


def test_calls_are_compared_not_their_spelling() -> None:
    def text(body: str) -> str:
        return calls_of(f"<tool_call>\n{body}\n</tool_call>", "hermes")

    assert text('{"name": "a", "arguments": {"x": 1}}') == text('{"arguments":{"x":1},"name":"a"}')
    assert text('{"name": "a"').startswith("malformed")


def test_another_answer_is_reported_and_stops(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another(*_: Any) -> Answers:
        return {case.id: EngineAnswer(3, None, [7]) for case in chat_cases(4)}

    monkeypatch.setattr(run, "answer_in_node", another)
    out = tmp_path / "verify.json"
    options = ["--dtypes", "fp32", "--tokens", "4", "--out", str(out)]
    result = CliRunner().invoke(app, ["verify", str(tiny), *options])
    assert result.exit_code == 1
    assert "does not run alike everywhere" in result.output
    found = json.loads(out.read_text())
    assert found["passed"] is False
    failed = {(item["engine"], item["check"]) for item in found["findings"] if not item["passed"]}
    checks = {(engine, check) for engine in run.NODE_ENGINES for check in ("prompts", "tokens")}
    assert failed == checks
    tokens = next(item for item in found["findings"] if item["check"] == "tokens")
    assert tokens["examples"][0]["got"] == [7]


def test_damaged_weights_are_found(tiny: Path, tmp_path: Path) -> None:
    from edge_llm.base import TINY, open_base
    from edge_llm.checkpoint import Checkpoint, save_tensors

    source = open_base(TINY, tmp_path / "fused")
    tensors = _tensors(Checkpoint(source))
    tensors["model.layers.1.mlp.down_proj.weight"] *= 1.01
    save_tensors(tensors, source)
    done = verify_model(tiny, ["fp32"], chat_cases(1), 4, print, source=source, engines=())
    assert [finding.passed for finding in done.findings] == [True, False]
    assert "export the model again" in done.findings[1].message


def test_precisions_are_held_against_fp32_on_cases_with_tools(tiny: Path, tmp_path: Path) -> None:
    model = Path(shutil.copytree(tiny, tmp_path / "model"))
    from edge_llm.formats import get_format

    (model / "chat_template.jinja").write_text(get_format("hermes").chat_template)
    cases = [*chat_cases(1), *sample_cases([SAMPLE])]
    done = verify_model(model, ["fp32", "q8"], cases, 4, print, engines=())
    (finding,) = [item for item in done.findings if item.check == "calls"]
    assert (finding.dtype, finding.engine, finding.total) == ("q8", "fp32", 1)


def test_an_engine_that_fails_is_named(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(engines.EngineError, match="transformers failed on fp16"):
        answer_in_node("transformers", tiny, "fp16", chat_cases(1), 2, 2)
    monkeypatch.setattr(engines.shutil, "which", lambda _: None)
    done = verify_model(tiny, ["q4"], chat_cases(1), 2, print, engines=["kit"])
    assert "--python-only" in done.findings[-1].message


def test_command_names_a_missing_precision(tiny: Path) -> None:
    result = CliRunner().invoke(app, ["verify", str(tiny), "--dtypes", "fp16"])
    assert result.exit_code == 1
    assert "has no fp16" in result.output


def test_samples_of_the_run_are_answered(tiny: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny, tmp_path / "model")
    (tmp_path / "data").mkdir()
    write_samples(tmp_path / "data" / "test.jsonl", [SAMPLE])
    options = ["--run-dir", str(tmp_path), "--prompts", "1", "--tokens", "2", "--python-only"]
    result = CliRunner().invoke(app, ["verify", *options])
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "verify.json").read_text())["passed"] is True


def _tensors(checkpoint: Any) -> dict[str, Any]:
    return {name: checkpoint[name].copy() for name in checkpoint}
