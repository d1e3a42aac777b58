"""What a report reads from a run folder, and how it groups it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agent_judge.report.material import group_pairs, left_out, model_records, read_material, supported_share, total_cost
from agent_judge.schema import Cost, Decision, Verdict, Winner


def decision(winner: Winner, a: str = "one", b: str = "two", judge: str = "evidence", **more: Cost) -> Decision:
    verdict = Verdict(winner=winner, strength=0.5, confidence=0.8, rationale="why", **more)
    return Decision(task_id="task", model_a=a, model_b=b, judge=judge, verdict=verdict)


def test_decisions_about_a_pair_come_together_with_the_same_sides() -> None:
    (pair,) = group_pairs([decision("A"), decision("B", "two", "one", judge="claude")])
    assert [verdict.winner for verdict in pair.verdicts] == ["A", "A"]
    assert not pair.disagreement
    assert pair.decisions[1].model_a == "one"


def test_judges_that_name_different_winners_disagree() -> None:
    (pair,) = group_pairs([decision("A"), decision("tie", judge="claude")])
    assert pair.disagreement


def test_links_to_pairs_differ_even_where_names_hardly_do() -> None:
    pairs = group_pairs([decision("A", "m-1", "x"), decision("A", "m.1", "x"), decision("A", "米", "本")])
    assert len({pair.slug for pair in pairs}) == 3
    assert all(pair.slug.isascii() for pair in pairs)


def test_records_count_both_bad_as_tied() -> None:
    records = model_records(group_pairs([decision("B"), decision("both_bad", judge="claude")]))
    assert (records["one"].won, records["one"].tied, records["one"].lost) == (0, 1, 1)
    assert (records["two"].won, records["two"].tied, records["two"].lost) == (1, 1, 0)


def test_money_is_told_only_where_every_price_is_known() -> None:
    paid, unpriced = Cost(input_tokens=10, usd=0.25), Cost(input_tokens=5)
    pairs = group_pairs([decision("A", cost=paid), decision("A", judge="claude", cost=paid)])
    assert total_cost(pairs).usd == 0.5
    pairs = group_pairs([decision("A", cost=paid), decision("A", judge="claude", cost=unpriced)])
    assert total_cost(pairs).usd is None
    assert total_cost(pairs).input_tokens == 15


def test_what_is_missing_is_told_with_the_reason(new_run: Callable[..., Path]) -> None:
    folder = new_run(tasks=3, models=4)
    gone = next((folder / "evidence").iterdir())
    (gone / "evidence.json").unlink()
    material = read_material(folder)
    notes = left_out(material)
    assert "dune-mini on tip-calculator: node is not installed (apt-get install nodejs)" in notes
    assert "The evidence of 1 use is not in the run folder and cannot be shown." in notes
    assert supported_share(material.pairs) == 0.5
