from __future__ import annotations

from pathlib import Path

import pytest

from edge_llm.calibrate import calibrate, plot
from edge_llm.samples import Answer, Call, Sample
from edge_llm.score import Prediction


def case(index: int, lead: float | None, calls: bool) -> tuple[Sample, Prediction]:
    answer = Answer((Call("f", {}),) if calls else ())
    return (
        Sample(str(index), "single" if calls else "chat", "t", (), (), answer),
        Prediction(str(index), (), call_logit=lead),
    )


def cases(called: list[float], uncalled: list[float]) -> tuple[list[Sample], list[Prediction]]:
    pairs = [(lead, True) for lead in called] + [(lead, False) for lead in uncalled]
    made = [case(index, lead, calls) for index, (lead, calls) in enumerate(pairs)]
    return [sample for sample, _ in made], [prediction for _, prediction in made]


def test_the_bias_parts_calls_from_refusals() -> None:
    made = calibrate(*cases([1.0, 0.0, -0.5], [-2.0, -3.0]))
    assert made.unbiased.recall == pytest.approx(1 / 3)
    assert made.unbiased.refusals == 1
    assert made.chosen.bias == pytest.approx(1.25)
    assert (made.chosen.precision, made.chosen.recall, made.chosen.refusals) == (1, 1, 1)


def test_nothing_changes_where_nothing_is_better() -> None:
    assert calibrate(*cases([1.0, 2.0], [-2.0, -1.0])).chosen.bias == 0


def test_refusals_can_weigh_more() -> None:
    leads = cases([3.0, 1.0, 0.5, 0.4], [2.0, -1.0, -2.0, -3.0])
    assert calibrate(*leads, refusal_share=0.1).chosen.recall == 1
    careful = calibrate(*leads, refusal_share=0.9).chosen
    assert careful.refusals == 1
    assert careful.recall == 0.25
    assert careful.bias == pytest.approx(-2.5)


def test_the_curve_runs_from_no_call_to_all() -> None:
    curve = calibrate(*cases([1.0, -1.0], [0.0, -2.0])).curve
    assert (curve[0].recall, curve[0].refusals, curve[0].precision) == (0, 1, 1)
    assert (curve[-1].recall, curve[-1].refusals, curve[-1].precision) == (1, 0, 0.5)
    recalls = [point.recall for point in curve]
    assert recalls == sorted(recalls)


def test_it_needs_both_sorts_and_logits() -> None:
    with pytest.raises(ValueError, match="cases with calls and cases without"):
        calibrate(*cases([1.0], []))
    sample, prediction = case(0, None, True)
    with pytest.raises(ValueError, match="without callLogit"):
        calibrate([sample], [prediction])


def test_the_picture_shows_the_chosen_bias(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs --group train")
    plot(calibrate(*cases([1.0, -0.5], [-2.0])), tmp_path / "curve.svg")
    assert "<svg" in (tmp_path / "curve.svg").read_text(encoding="utf-8")
