from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from edge_llm.report import write_report
from edge_llm.report.facts import facts_of
from edge_llm.samples import Answer, Call, Message, Sample, Tool, write_samples
from edge_llm.score import Prediction, score

LAMP = Tool("set_lamp", "", {"type": "object", "properties": {"level": {"type": "integer"}}})


def sample(name: str, said: str, level: int | None) -> Sample:
    calls = () if level is None else (Call("set_lamp", {"level": level}),)
    kind = "negation" if level is None else "single"
    return Sample(name, kind, "app", (LAMP,), (Message("user", said),), Answer(calls, "Okay."))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Four cases: two right, a wrong value, and a call that nobody wanted."""
    run = tmp_path / "lamp"
    samples = [
        sample("a", "lamp to 4", 4),
        sample("b", "<b>lamp</b> to 5 | now", 5),
        sample("c", "don't touch the lamp", None),
        sample("d", "leave it", None),
    ]
    calls = {"a": 4, "b": 6, "d": 1}
    leads = {"a": 3.0, "b": 2.0, "c": -1.0, "d": 0.5}
    made = [
        Prediction(
            case.id,
            (Call("set_lamp", {"level": calls[case.id]}),) if case.id in calls else (),
            call_logit=leads[case.id],
        )
        for case in samples
    ]
    none = [Prediction(case.id, ()) for case in samples]
    (run / "data").mkdir(parents=True)
    (run / "checkpoint").mkdir()
    (run / "model").mkdir()
    write_samples(run / "data" / "test.jsonl", samples)
    after, before = score(samples, made).to_json(), score(samples, none).to_json()

    def write(name: str, value: object) -> None:
        (run / name).write_text(json.dumps(value))

    write("test-adapter.json", {"passed": True, "atLeast": 0.5, "before": before, "score": after})
    lines = "\n".join(json.dumps(prediction.to_json()) for prediction in made)
    (run / "test-adapter.predictions.jsonl").write_text(lines)
    rows = [{"step": step, "loss": 2.0 / step} for step in range(1, 6)]
    log = "\n".join(json.dumps(row) for row in [*rows, {"step": 5, "validLoss": 0.6}])
    (run / "checkpoint" / "train-log.jsonl").write_text(log)
    file = {"size": 12_345_678, "sha256": "ab" * 32}
    write(
        "model/manifest.json",
        {
            "files": {"onnx/model_q4.onnx": file},
            "dtypes": {"q4": {"file": "onnx/model_q4.onnx"}},
        },
    )
    return run


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))


def test_figures_of_a_run(run: Path) -> None:
    facts = facts_of(run)
    rows = {row.kind: (row.cases, row.before, row.after) for row in facts.kinds}
    assert rows == {"single": (2, 0.0, 0.5), "negation": (2, 1.0, 0.5)}
    assert [(case.id, case.failure) for case in facts.failed] == [
        ("d", "extra-call"),
        ("b", "wrong-value"),
    ]
    found = facts.call_or_not
    assert found is not None
    assert (found.precision, found.recall) == (2 / 3, 1.0)
    assert found.curve is not None
    assert found.curve.chosen.refusals == 1.0


def test_the_page_is_one_accessible_file(run: Path) -> None:
    text = write_report(run).read_text(encoding="utf-8")
    page = Page(text)
    loads = [
        value for _, given in page.tags for key, value in given.items() if key in ("src", "href")
    ]
    assert loads == []
    assert "@import" not in text and "url(" not in text
    assert ("html", {"lang": "en"}) in page.tags
    assert sum(tag == "h1" for tag, _ in page.tags) == 1
    assert all(given.get("scope") for tag, given in page.tags if tag == "th")
    charts = [given for tag, given in page.tags if tag == "svg"]
    assert len(charts) == 3
    assert all(given["role"] == "img" and given["aria-label"] for given in charts)
    assert "prefers-color-scheme: dark" in text
    assert "50.0% of 4 held-out requests" in text
    assert "12.3" in text and "ab" * 32 in text
    assert "&lt;b&gt;lamp" in text and "<b>lamp" not in text
    for part in text.split("<svg")[1:]:
        chart = ET.fromstring("<svg" + part.split("</svg>")[0] + "</svg>")
        assert len(list(chart)) > 3


def test_the_markdown_tables_are_whole(run: Path) -> None:
    write_report(run)
    text = (run / "report" / "report.md").read_text(encoding="utf-8")
    assert "| single | 2 | 0.0% | 50.0% |" in text
    assert "lamp</b> to 5 \\| now" in text
    table: list[int] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            table.append(line.replace("\\|", "").count("|"))
        else:
            assert len(set(table)) <= 1
            table = []


def test_a_failed_checkpoint_says_what_to_do(run: Path) -> None:
    file = run / "test-adapter.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "passed": False, "atLeast": 0.9}))
    text = write_report(run).read_text(encoding="utf-8")
    assert "did not pass (needed 90.0%)" in text
    assert "What to do" in text


def test_a_run_that_has_only_begun(tmp_path: Path) -> None:
    assert "Nothing has been tested yet" in write_report(tmp_path).read_text(encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        write_report(tmp_path / "nowhere")
