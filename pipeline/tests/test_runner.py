"""Skipping, resuming and stopping, with steps that only write files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from edge_llm.cli import app
from edge_llm.project.faults import ProjectError
from edge_llm.run.runner import Step, StepFailed, choose, run_steps
from edge_llm.run.settings import read_settings

NAMES = ("one", "two", "three")


class Workshop:
    """Three steps, each of which copies the former's file."""

    def __init__(self, run: Path) -> None:
        self.run, self.done, self.source = run, [], run.parent / "source.txt"
        self.done: list[str] = []
        self.source.write_text("a")
        self.settings = {"times": 1}
        self.break_with: Callable[[], None] | None = None

    def steps(self) -> list[Step]:
        steps, before = [], self.source
        for name in NAMES:
            after = self.run / f"{name}.txt"
            settings = self.settings if name == "two" else {}
            steps.append(Step(name, [before], [after], settings, self._work(name, before, after)))
            before = after
        return steps

    def _work(self, name: str, before: Path, after: Path) -> Callable[[], None]:
        def work() -> None:
            self.done.append(name)
            if name == "two" and self.break_with:
                self.break_with()
            after.parent.mkdir(exist_ok=True)
            after.write_text(before.read_text() * self.settings["times"])

        return work

    def go(self, chosen: tuple[str, ...] = NAMES, force: bool = False) -> list[str]:
        self.done.clear()
        run_steps(self.run, self.steps(), chosen, force, lambda _: None)
        return self.done

    def status(self, name: str) -> str:
        record = json.loads((self.run / "run.json").read_text())
        return str(record["steps"][name]["status"])


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "run")


def test_a_second_run_does_nothing(shop: Workshop) -> None:
    assert shop.go() == list(NAMES)
    assert shop.go() == []
    assert shop.go(force=True) == list(NAMES)
    step = json.loads((shop.run / "run.json").read_text())["steps"]["two"]
    assert step["status"] == "done"
    assert step["seconds"] >= 0
    assert list(step["inputs"]) == ["one.txt"]


def test_what_changed_runs_again_and_no_more(shop: Workshop) -> None:
    shop.go()
    shop.settings["times"] = 2
    assert shop.go() == ["two", "three"]
    shop.source.write_text("b")
    assert shop.go() == list(NAMES)
    (shop.run / "three.txt").unlink()
    assert shop.go() == ["three"]
    shop.source.write_text("b")
    assert shop.go() == []


def test_an_edited_file_between_steps_counts(shop: Workshop) -> None:
    shop.go()
    (shop.run / "one.txt").write_text("edited by hand")
    assert shop.go(("two", "three")) == ["two", "three"]


def test_an_interrupted_run_goes_on(shop: Workshop) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    shop.break_with = interrupt
    with pytest.raises(KeyboardInterrupt):
        shop.go()
    assert (shop.status("one"), shop.status("two")) == ("done", "interrupted")
    shop.break_with = None
    assert shop.go() == ["two", "three"]


@pytest.mark.parametrize("error", [typer.Exit(3), ValueError("no luck")])
def test_a_failure_stops_and_is_tried_again(shop: Workshop, error: Exception) -> None:
    def fail() -> None:
        raise error

    shop.break_with = fail
    with pytest.raises(StepFailed, match="two failed") as raised:
        shop.go()
    assert raised.value.code == (3 if isinstance(error, typer.Exit) else 1)
    assert shop.status("two") == "failed"
    assert not (shop.run / "three.txt").exists()
    shop.break_with = None
    assert shop.go() == ["two", "three"]


def test_a_step_that_makes_nothing_is_a_failure(shop: Workshop) -> None:
    step = Step("idle", [], [shop.run / "never.txt"], {}, lambda: None)
    with pytest.raises(StepFailed, match=r"without making never\.txt"):
        run_steps(shop.run, [step], ["idle"], False, lambda _: None)


def test_what_an_earlier_step_makes_is_missing(shop: Workshop) -> None:
    with pytest.raises(StepFailed, match=r"two needs one\.txt, which an earlier step makes"):
        shop.go(("two",))


def test_choosing_steps() -> None:
    assert choose(NAMES, None, None, []) == list(NAMES)
    assert choose(NAMES, "two", None, []) == ["two", "three"]
    assert choose(NAMES, None, "two", ["one"]) == ["two"]
    for arguments in (("four", None, []), (None, "four", []), (None, None, ["four"])):
        with pytest.raises(ValueError, match="four: there is no such step; they are one, two"):
            choose(NAMES, *arguments)
    with pytest.raises(ValueError, match="--from three comes after --to one"):
        choose(NAMES, "three", "one", [])


def test_settings_of_a_file_and_options_over_them(tmp_path: Path) -> None:
    file = tmp_path / "edge-llm.toml"
    file.write_text(
        'tools = "t.json"\nexamples = "e.json"\nseed = 7\nprecisions = ["q4"]\n'
        "[generate]\ncount = 99\n[train]\nlr = 0.1\nmethod = 'lora'\n"
    )
    settings = read_settings(file, {"lr": 0.2, "device": "cpu", "count": None})
    assert settings.tools == tmp_path / "t.json"
    assert (settings.generate.count, settings.generate.seed) == (99, 7)
    assert (settings.train.seed, settings.train.lr, settings.train.method) == (7, 0.2, "lora")
    assert (settings.device, settings.train.device) == ("cpu", "cpu")
    assert settings.precisions == ("q4",)
    given = {"tools": Path("mine.json"), "examples": Path("e.json")}
    assert read_settings(file, given).tools == Path("mine.json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lr = 1", "there is no setting 'lr'. Known are"),
        ("[train]\nepoch = 1", "there is no setting 'epoch' in [train]"),
        ("base = ", "is not valid TOML"),
        ('precisions = ["q3"]', "there is no precision 'q3'"),
        ("at_least = 60", "at_least is 60"),
        ("[train]\nmethod = 'all'", "--method all: choose full, lora, qlora"),
        ("[generate]\nmix = 2", "--mix: 2 is no share"),
    ],
)
def test_settings_that_cannot_be(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "edge-llm.toml"
    file.write_text(text)
    with pytest.raises(ProjectError) as raised:
        read_settings(file, {})
    assert said in str(raised.value)


def test_faults_are_told_before_anything_is_made(tmp_path: Path) -> None:
    tools = tmp_path / "tools.json"
    tools.write_text("[{}]")
    run = tmp_path / "run"
    arguments = ["run", "--run-dir", str(run), "--tools", str(tools), "--examples", str(tools)]
    result = CliRunner().invoke(app, [*arguments, "--base", "nothing", "--to", "train"])
    assert result.exit_code == 1
    assert "tools.json:1:2: this tool has no name" in result.output
    assert "tools.json:1:2: has no userQuery" in result.output
    assert "--base nothing" in result.output
    assert not run.exists()
