from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge_llm.cli import app
from edge_llm.project import Example, load_project
from edge_llm.project.defaults import app_files
from edge_llm.project.faults import ProjectError
from edge_llm.project.generate import GenerateSettings, generate
from edge_llm.project.kinds import kind_of, sample_of
from edge_llm.project.split import conversation_of, shape_of, split_examples
from edge_llm.samples import Answer, Call, Message, Sample, Tool, read_samples

TOOLS, EXAMPLES = app_files(None, None)
SMALL = GenerateSettings(count=400)
LAMP = Tool("set_lamp", "", {"type": "object", "properties": {"level": {"type": "integer"}}})


def read(run: Path) -> dict[str, list[Sample]]:
    return {
        name: read_samples(run / "data" / f"{name}.jsonl") for name in ("train", "valid", "test")
    }


def test_equal_seeds_make_equal_bytes(tmp_path: Path) -> None:
    first = generate(TOOLS, EXAMPLES, tmp_path / "a", SMALL)
    again = generate(TOOLS, EXAMPLES, tmp_path / "b", SMALL)
    other = generate(TOOLS, EXAMPLES, tmp_path / "c", GenerateSettings(count=400, seed=2))
    assert first == again
    assert first["sets"]["train"]["sha256"] != other["sets"]["train"]["sha256"]
    for name in ("train", "valid", "test"):
        a, b = (tmp_path / run / "data" / f"{name}.jsonl" for run in "ab")
        assert a.read_bytes() == b.read_bytes()


def test_no_sentence_is_in_two_sets(tmp_path: Path) -> None:
    record = generate(TOOLS, EXAMPLES, tmp_path, SMALL)
    sets = {name: {conversation_of(s) for s in made} for name, made in read(tmp_path).items()}
    assert not sets["train"] & sets["valid"]
    assert not sets["train"] & sets["test"]
    assert not sets["valid"] & sets["test"]
    held = {*record["heldOut"]["valid"], *record["heldOut"]["test"]}
    trained = {sample.id.split("#")[0] for sample in read(tmp_path)["train"]}
    assert held and not held & trained


def test_every_held_out_example_is_tested_as_written(tmp_path: Path) -> None:
    record = generate(TOOLS, EXAMPLES, tmp_path, SMALL)
    made = read(tmp_path)
    tested = {sample.id for sample in made["test"]}
    assert set(record["heldOut"]["test"]) <= tested
    assert len({sample.kind for sample in made["test"]}) >= 3
    assert 360 <= len(made["train"]) <= 400
    own = sum(sample.source == "app" for sample in made["train"])
    assert 0.6 <= own / len(made["train"]) <= 0.7


def test_without_a_mix_all_is_the_apps_own(tmp_path: Path) -> None:
    generate(TOOLS, EXAMPLES, tmp_path, GenerateSettings(count=100, mix=0))
    assert {sample.source for sample in read(tmp_path)["train"]} == {"app"}


def lamp(said: str, level: int | None, index: int) -> Sample:
    calls = () if level is None else (Call("set_lamp", {"level": level}),)
    return sample_of(Example(said, Answer(calls, "")), index, (LAMP,))


def test_examples_that_differ_in_values_stay_together() -> None:
    assert shape_of(lamp("lamp to 40", 40, 0)) == shape_of(lamp("Lamp to 60!", 60, 1))
    assert shape_of(lamp("lamp to 40", 40, 0)) != shape_of(lamp("set lamp to 40", 40, 1))
    said = ["lamp to", "put it at", "level", "brightness", "make it", "I want", "change to", "go"]
    pairs = [(words, level) for words in said for level in (10, 20, 30)]
    samples = [lamp(f"{words} {level}", level, i) for i, (words, level) in enumerate(pairs)]
    split = split_examples(samples, 0.3, 1)
    shapes = [{shape_of(s) for s in part} for part in (split.train, split.valid, split.test)]
    assert sum(map(len, shapes)) == len(set.union(*shapes)) == len(said)


def test_too_few_examples_are_an_error_and_not_a_split(tmp_path: Path) -> None:
    few = tmp_path / "examples.json"
    few.write_text(json.dumps(json.loads(EXAMPLES.read_text())[:3]))
    with pytest.raises(ProjectError, match="3 different examples; at least 5 are needed"):
        generate(TOOLS, few, tmp_path, SMALL)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("said", "reply", "calls", "kind"),
    [
        ("lamp to 4", "", 1, "single"),
        ("lamp to 4, then 5", "", 2, "parallel"),
        ("set the lamp", "To how many percent?", 0, "missing-value"),
        ("don't touch the lamp", "Okay.", 0, "negation"),
        ("lamp to 150", "From 0 to 100.", 0, "out-of-range"),
        ("order a pizza", "", 0, "irrelevant"),
    ],
)
def test_kinds(said: str, reply: str, calls: int, kind: str) -> None:
    example = Example(said, Answer((Call("set_lamp", {"level": 4}),) * calls, reply))
    assert kind_of(example) == kind
    sample = sample_of(example, 0, (LAMP,))
    assert bool(sample.answer.text) is (calls == 0)


def test_kinds_with_a_history() -> None:
    history = (Message("user", "lamp to 4"), Message("tool", "{}", name="set_lamp"))
    assert kind_of(Example("", Answer((), "Done."), history)) == "result-to-answer"
    assert kind_of(Example("", Answer((Call("set_lamp", {}),)), history)) == "multi-step"
    assert kind_of(Example("and 5", Answer((Call("set_lamp", {}),)), history)) == "follow-up"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--tools", "nowhere.json", "--examples", str(EXAMPLES)],
            "nowhere.json: there is no such",
        ),
        (["--tools", str(TOOLS)], "--examples: is missing"),
        (["--held-out", "1.5"], "--held-out: 1.5 is no share"),
        (["--format", "xml"], "--format: there is no tool format 'xml'"),
        (["--count", "1", "--mix", "1"], "--mix: 1.0 is no share"),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], said: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["generate", "--run-dir", str(tmp_path), *arguments])
    assert result.exit_code == 1
    assert said in result.output


def test_the_shipped_example_is_in_order() -> None:
    assert len(load_project(TOOLS, EXAMPLES).examples) >= 20


def test_general_samples_are_of_no_app_and_tested_on_the_dev_set(tmp_path: Path) -> None:
    arguments = ["generate", "--run-dir", str(tmp_path), "--general", "--count", "60"]
    made = CliRunner().invoke(app, arguments)
    assert made.exit_code == 0, made.output
    trained = read_samples(tmp_path / "data" / "train.jsonl")
    assert len({sample.source for sample in trained}) > 20
    tested = read_samples(tmp_path / "data" / "test.jsonl")
    assert {sample.source.split("/")[0] for sample in tested} == {"dev"}
    said = {sample.messages[-1].content for sample in tested if sample.messages}
    assert not said & {sample.messages[-1].content for sample in trained if sample.messages}


def test_general_samples_need_no_app(tmp_path: Path) -> None:
    tools = str(app_files(None, None)[0])
    arguments = ["generate", "--run-dir", str(tmp_path), "--general", "--tools", tools]
    made = CliRunner().invoke(app, arguments)
    assert made.exit_code == 1 and "leave out --tools" in made.output
