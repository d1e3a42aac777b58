from __future__ import annotations

import itertools
from typing import Any

import pytest

from agent_judge.errors import JudgeError
from agent_judge.judge import EvidenceJudge, Weights, load_weights
from agent_judge.schema import (
    AccessibilityViolation,
    BlockedRequest,
    Evidence,
    LaunchReport,
    Task,
    Verdict,
    digest_of,
)
from tests.judge.evidence_builder import complain, evidence, trajectory

TASK = Task(id="t", instruction="Build a list")
JUDGE = EvidenceJudge()
BROKEN = LaunchReport(outcome="build_failed", reason="index.html: unexpected end of file")

SHAPES = {
    "good": evidence(trajectory("dddddd")),
    "one dead button": evidence(trajectory("dddndd")),
    "one thing missing": evidence(trajectory("dddfdd")),
    "crash at the end": evidence(trajectory("dddddc")),
    "crash early": evidence(trajectory("dc")),
    "nothing works": evidence(trajectory("nnnnnn")),
    "our fault in the middle": evidence(trajectory("dddedd")),
    "does not build": evidence(launch=BROKEN),
    "exceptions": evidence(complain(trajectory("dddddd"), 3, errors=("TypeError: x", "TypeError: y"))),
    "ugly": evidence(trajectory("dddddd"), substance=0.2, coverage=0.4, overflow=300.0),
    "blank": evidence(trajectory("nnnnnn"), blank=True, substance=0.0),
    "other scenario too": evidence(trajectory("dddddd"), trajectory("dnd", scenario="second")),
}


async def verdict(a: Evidence, b: Evidence, judge: EvidenceJudge = JUDGE) -> Verdict:
    return await judge.judge(TASK, a, b)


@pytest.mark.parametrize("pair", list(itertools.product(SHAPES, SHAPES)), ids=lambda p: f"{p[0]}/{p[1]}")
async def test_the_order_of_the_two_changes_nothing_but_the_letters(pair: tuple[str, str]) -> None:
    a, b = (SHAPES[name] for name in pair)
    assert await verdict(b, a) == (await verdict(a, b)).flipped()


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("good", "one dead button"),
        ("good", "one thing missing"),
        ("good", "crash at the end"),
        ("one dead button", "crash early"),
        ("good", "nothing works"),
        ("good", "does not build"),
        ("crash early", "does not build"),
        ("good", "exceptions"),
        ("ugly", "one dead button"),
        ("exceptions", "one dead button"),
        ("one dead button", "blank"),
    ],
)
async def test_the_one_that_works_better_wins(better: str, worse: str) -> None:
    result = await verdict(SHAPES[better], SHAPES[worse])
    assert result.winner == "A", result.rationale
    assert result.confidence > 0.5
    assert result.strength > 0


async def test_broken_functions_outweigh_every_measure_of_looks() -> None:
    violations = tuple(AccessibilityViolation(rule=f"r{i}", impact="serious", help="h", count=3) for i in range(4))
    plain = evidence(trajectory("dddddd"), substance=0.3, coverage=0.5, accessibility=violations, overflow=120.0)
    pretty_but_broken = evidence(trajectory("ddnnnn"), substance=0.9, coverage=0.9)
    assert (await verdict(plain, pretty_but_broken)).winner == "A"


async def test_looking_alike_without_being_used_is_a_tie() -> None:
    violation = AccessibilityViolation(rule="label", impact="serious", help="labels", count=2)
    one = evidence(trajectory(scenario="look"), substance=0.62, coverage=0.8)
    two = evidence(trajectory(scenario="look"), substance=0.55, coverage=0.75, accessibility=(violation,))
    result = await verdict(one, two)
    assert result.winner == "tie"
    assert result.confidence > 0.5
    assert "Neither was used" in result.rationale


async def test_without_being_used_a_blank_page_loses_to_one_that_shows_something() -> None:
    blank = evidence(trajectory(scenario="look"), blank=True, substance=0.0, coverage=0.0)
    assert (await verdict(blank, evidence(trajectory(scenario="look")))).winner == "B"


@pytest.mark.parametrize(
    "pair", [("does not build", "does not build"), ("nothing works", "does not build"), ("blank", "nothing works")]
)
async def test_two_that_do_not_work_at_all_are_both_bad(pair: tuple[str, str]) -> None:
    result = await verdict(SHAPES[pair[0]], SHAPES[pair[1]])
    assert result.winner == "both_bad"
    assert "Neither works" in result.rationale


@pytest.mark.parametrize("outcomes", ["dddedd", "eddddd", "dddddce"])
async def test_a_step_that_our_side_failed_at_counts_for_neither(outcomes: str) -> None:
    flawless = evidence(trajectory("d" * len(outcomes)))
    result = await verdict(evidence(trajectory(outcomes.replace("c", "d"))), flawless)
    assert result.winner == "tie"
    assert all(c.a == c.b for c in result.criteria)


async def test_what_the_other_showed_after_our_side_failed_counts_for_neither() -> None:
    cut_short = evidence(trajectory("dd", driver_error="the browser is gone"))
    broken_later = evidence(complain(trajectory("ddnc"), 4, errors=("TypeError: gone",)))
    result = await verdict(cut_short, broken_later)
    assert result.winner == "tie"


async def test_steps_that_a_solution_did_not_live_to_see_count_against_it() -> None:
    result = await verdict(evidence(trajectory("dddddd")), evidence(trajectory("dc")))
    steps = next(c for c in result.criteria if c.criterion == "steps")
    assert steps.b == pytest.approx(1 / 6)
    assert steps.steps_b == ("use#1", "use#2", "use#3", "use#4", "use#5")


async def test_when_our_side_failed_altogether_there_is_no_verdict() -> None:
    with pytest.raises(JudgeError, match="the browser is gone"):
        await verdict(evidence(trajectory(driver_error="the browser is gone")), SHAPES["good"])


async def test_what_the_sandbox_refuses_to_run_gets_no_verdict() -> None:
    blocked = LaunchReport(outcome="blocked", reason="it asks for a GPU")
    with pytest.raises(JudgeError, match="GPU"):
        await verdict(evidence(launch=blocked), SHAPES["good"])


async def test_solutions_used_under_different_scenarios_get_no_verdict() -> None:
    with pytest.raises(JudgeError, match="same way"):
        await verdict(evidence(trajectory("dd", scenario="one")), evidence(trajectory("dd", scenario="two")))


async def test_a_closed_network_is_held_against_nobody() -> None:
    url = "https://cdn.example/chart.js"
    refused = evidence(
        complain(
            trajectory("dddd"),
            0,
            errors=("ReferenceError: Chart is not defined",),
            console=(f"Loading {url} was refused", "Failed to load resource: net::ERR_BLOCKED_BY_CLIENT"),
            requests=(f"GET {url}",),
        ),
        blocked=(BlockedRequest(url=url, kind="script"),),
    )
    result = await verdict(refused, evidence(trajectory("dddd")))
    assert result.winner == "tie"
    assert all(c.a == c.b for c in result.criteria)


async def test_the_same_errors_without_a_refused_request_do_count() -> None:
    faulty = evidence(complain(trajectory("dddd"), 0, errors=("ReferenceError: Chart is not defined",)))
    exceptions = next(c for c in (await verdict(faulty, SHAPES["good"])).criteria if c.criterion == "exceptions")
    assert exceptions.a < exceptions.b
    assert exceptions.steps_a == ("use#launch",)


async def test_an_error_that_repeats_at_every_step_counts_once() -> None:
    once = complain(trajectory("dddd"), 1, errors=("TypeError: x",))
    often = complain(complain(once, 2, errors=("TypeError: x",)), 3, errors=("TypeError: x",))
    assert (await verdict(evidence(once), evidence(often))).winner == "tie"


async def test_crash_no_effect_and_not_found_are_weighed_differently() -> None:
    judged = [JUDGE.criteria(evidence(trajectory("dddd")), evidence(trajectory(o))) for o in ("dddf", "dddn", "dddc")]
    total = [sum(c.weight * (c.a - c.b) for c in criteria) for criteria in judged]
    assert 0 < total[0] < total[1] < total[2]


async def test_explored_pages_are_told_apart_by_how_they_respond() -> None:
    lively = evidence(trajectory("dddddd", scenario="explore"))
    dead = evidence(trajectory("dndnnn", scenario="explore"))
    result = await verdict(dead, lively)
    assert result.winner == "B"
    responsiveness = next(c for c in result.criteria if c.criterion == "responsiveness")
    assert responsiveness.steps_a == ("explore#1", "explore#3", "explore#4", "explore#5")


async def test_the_rationale_names_the_step_that_decided() -> None:
    result = await verdict(evidence(trajectory("dddddd")), evidence(trajectory("ddddc")))
    assert result.rationale.startswith("The other crashed at “do thing 4”")
    assert "(use#4)" in result.rationale
    assert "6 of 6 steps" in result.rationale


async def test_the_rationale_says_why_the_other_did_not_start() -> None:
    result = await verdict(SHAPES["does not build"], SHAPES["good"])
    assert result.winner == "B"
    assert "does not build: index.html: unexpected end of file" in result.rationale


async def test_every_cited_step_exists() -> None:
    for a, b in itertools.combinations(SHAPES.values(), 2):
        result = await verdict(a, b)
        known = [
            {f"{t.scenario}#{s.index}" for t in e.trajectories for s in t.steps}
            | {f"{t.scenario}#launch" for t in e.trajectories}
            for e in (a, b)
        ]
        longest = known[0] | known[1]
        for criterion in result.criteria:
            assert set(criterion.steps_a) <= longest
            assert set(criterion.steps_b) <= longest


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"substance": 0.2}, {"substance": 0.9}),
        ({"coverage": 0.1}, {"coverage": 1.0}),
        ({"frame_rate": 5.0}, {"frame_rate": 60.0}),
        ({"overflow": 500.0}, {"overflow": 0.0}),
        ({"blank": True}, {"blank": False}),
    ],
)
async def test_more_of_a_good_thing_is_never_worse(worse: dict[str, Any], better: dict[str, Any]) -> None:
    criteria = JUDGE.criteria(evidence(trajectory("dd"), **better), evidence(trajectory("dd"), **worse))
    differing = [c for c in criteria if c.a != c.b]
    assert [c.criterion for c in differing if c.a > c.b] == [c.criterion for c in differing]
    assert differing


async def test_what_one_side_could_not_measure_counts_for_neither() -> None:
    criteria = JUDGE.criteria(evidence(trajectory("dd"), frame_rate=None), evidence(trajectory("dd"), frame_rate=2.0))
    assert "frame_rate" not in {c.criterion for c in criteria}


async def test_weights_decide() -> None:
    only_looks = Weights(criteria={"substance": 30.0}, tie_band=1.0, decisive=10.0, floor=0.0)
    pretty = evidence(trajectory("dddndd"), substance=0.9)
    plain = evidence(trajectory("dddddd"), substance=0.3)
    assert (await verdict(pretty, plain)).winner == "B"
    assert (await verdict(pretty, plain, EvidenceJudge(only_looks))).winner == "A"


def test_the_fingerprint_follows_the_weights() -> None:
    other = load_weights().model_copy(update={"tie_band": 3.0})
    assert EvidenceJudge().fingerprint() == JUDGE.fingerprint()
    assert EvidenceJudge(other).fingerprint() != JUDGE.fingerprint()
    assert len(JUDGE.fingerprint()) == len(digest_of(""))
