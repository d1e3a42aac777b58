"""What commands print, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_judge.cli.output import Output
from agent_judge.errors import BadInput
from agent_judge.schema import CompareResult, Cost, Sides, Totals, Verdict
from tests.judge.evidence_builder import evidence, trajectory


@pytest.mark.parametrize(("place", "why"), [("no/such.json", "there is no folder"), (".", "is a folder")])
def test_a_place_for_json_that_cannot_be_written_is_told_at_once(tmp_path: Path, place: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        Output(str(tmp_path / place))


@pytest.mark.parametrize(
    ("paid", "said"),
    [
        (Cost(), "no model was asked"),
        (
            Cost(input_tokens=1500, cached_tokens=20, output_tokens=7, usd=0.25, seconds=61.4),
            "paid: 0.2500 US dollars; 1,500 tokens in, 20 from the cache, 7 out; 61 s of answers",
        ),
        (
            Cost(input_tokens=3, output_tokens=7),
            "paid: price not known; 3 tokens in, 0 from the cache, 7 out; 0 s of answers",
        ),
    ],
)
def test_totals_are_one_line(paid: Cost, said: str, capfd: pytest.CaptureFixture[str]) -> None:
    Output().totals(Totals(verdicts=1, no_verdicts={"timed out": 2, "refused": 1}, position_bias=1, paid=paid))
    (line,) = capfd.readouterr().out.splitlines()
    assert line == f"1 verdict, 3 missing (2 × timed out; 1 × refused), 1 with position bias; {said}"


def test_what_a_driving_model_cost_is_told_beside_the_verdict(capfd: pytest.CaptureFixture[str]) -> None:
    driven = trajectory("dd").model_copy(update={"cost": Cost(input_tokens=1000, output_tokens=10, usd=0.002)})
    sides = Sides(A=evidence(driven), B=evidence(driven))
    verdict = Verdict(winner="tie", strength=0, confidence=0.5, rationale="")
    Output().comparison(CompareResult(verdict=verdict, evidence=sides))
    told = "cost of using them: 0.0040 US dollars; 2,000 tokens in, 0 from the cache, 20 out"
    assert told in capfd.readouterr().out
    Output().comparison(CompareResult(verdict=verdict, evidence=Sides(A=evidence(), B=evidence())))
    assert "cost of using them" not in capfd.readouterr().out
