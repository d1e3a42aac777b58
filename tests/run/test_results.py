"""What a run came to: verdicts, what is missing and why, and what was paid."""

from __future__ import annotations

from pathlib import Path

from agent_judge.judge.budget import Budget
from agent_judge.results import notes_of, totals_of
from agent_judge.schema import Cost, Decision, Entry, Totals, Verdict
from agent_judge.store import RunFolder

VERDICT = Verdict(winner="A", strength=1, confidence=1, rationale="better")


def decision(task: str, problem: str = "") -> Decision:
    verdict = None if problem else VERDICT
    return Decision(task_id=task, model_a="a", model_b="b", judge="claude", verdict=verdict, problem=problem)


DECISIONS = [decision("1"), decision("2", "timed out"), decision("3", "refused"), decision("4", "timed out")]


def test_missing_verdicts_are_counted_by_reason() -> None:
    totals = totals_of(DECISIONS, [])
    assert totals == Totals(verdicts=1, no_verdicts={"timed out": 2, "refused": 1})
    assert list(totals.no_verdicts) == ["timed out", "refused"]


def test_verdicts_with_position_bias_are_counted() -> None:
    biased = decision("5").model_copy(update={"verdict": VERDICT.model_copy(update={"position_bias": True})})
    fair = decision("6").model_copy(update={"verdict": VERDICT.model_copy(update={"position_bias": False})})
    assert totals_of([*DECISIONS, biased, fair, biased], []).position_bias == 2


def test_notes_tell_each_reason_once_and_every_solution_that_was_left_out() -> None:
    entries = [
        Entry(task_id="1", model="a", solution="d", environment="html", language="html", problem=problem)
        for problem in ("", "left out: no Node")
    ]
    assert notes_of(entries, DECISIONS) == [
        "a on 1: left out: no Node",
        "claude gave no verdict on 2 pairs: timed out",
        "claude gave no verdict on 1 pair: refused",
    ]


def test_what_was_paid_is_that_of_all_processes_that_worked_on_the_run(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.responses.mkdir()
    for tokens in (10, 5):
        Budget(None, folder.payments).pay(Cost(input_tokens=tokens, cached_tokens=2, output_tokens=1, usd=0.25))
    paid = totals_of(DECISIONS, folder.read_payments()).paid
    assert (paid.input_tokens, paid.cached_tokens, paid.output_tokens, paid.usd) == (15, 4, 2, 0.5)
