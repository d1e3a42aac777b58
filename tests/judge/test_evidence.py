from __future__ import annotations

import itertools
import random
import re
from typing import Any

import pytest

from agent_judge.errors import JudgeError
from agent_judge.judge import EvidenceJudge, Weights, load_weights
from agent_judge.schema import (
    AccessibilityViolation,
    BlockedRequest,
    Change,
    Evidence,
    LaunchReport,
    Task,
    Verdict,
    digest_of,
)
from tests.judge.evidence_builder import READY, complain, evidence, observation, step, trajectory

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


def _refused(url: str, error: str, kind: str = "script") -> Evidence:
    complaining = complain(trajectory("dddd"), 0, errors=(error,))
    return evidence(complaining, blocked=(BlockedRequest(url=url, kind=kind),))


def _exceptions(a: Evidence, b: Evidence) -> tuple[float, float]:
    criterion = next(c for c in JUDGE.criteria(a, b) if c.criterion == "exceptions")
    return criterion.a, criterion.b


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("https://cdn.jsdelivr.net/npm/chart.js", "ReferenceError: Chart is not defined"),
        (
            "https://cdnjs.cloudflare.com/ajax/libs/three.js/r128/three.min.js",
            "Uncaught ReferenceError: THREE is not defined",
        ),
        ("https://code.jquery.com/jquery-3.6.0.min.js", "ReferenceError: $ is not defined"),
        ("https://unpkg.com/react-dom@18/umd/react-dom.production.min.js", "ReferenceError: ReactDOM is not defined"),
        ("https://unpkg.com/leaflet@1.9.4/dist/leaflet.js", "ReferenceError: L is not defined"),
        ("https://unpkg.com/my-game-engine@2/dist/my-game-engine.js", "ReferenceError: MyGameEngine is not defined"),
        ("https://cdn.example/some-carousel.min.js", "TypeError: $(...).someCarousel is not a function"),
        ("https://www.googletagmanager.com/gtag/js?id=G-1", "ReferenceError: gtag is not defined"),
        ("https://esm.sh/@scope/thing@1.2", 'Failed to resolve module specifier "@scope/thing/part"'),
    ],
)
async def test_what_a_refused_library_would_have_defined_is_held_against_nobody(url: str, error: str) -> None:
    assert _exceptions(_refused(url, error), evidence(trajectory("dddd"))) == (1, 1)


@pytest.mark.parametrize(
    ("url", "error", "kind"),
    [
        ("https://cdn.example/chart.js", "ReferenceError: gtag is not defined", "script"),
        ("https://cdn.example/chart.js", "ReferenceError: totl is not defined", "script"),
        ("https://www.googletagmanager.com/gtag/js?id=G-1", "ReferenceError: Chart is not defined", "script"),
        ("https://cdn.example/chart.js", "TypeError: addItem is not a function", "script"),
        ("https://cdn.example/chart.js", 'Failed to resolve module specifier "three"', "script"),
        ("https://cdn.example/chart.css", "ReferenceError: Chart is not defined", "stylesheet"),
        ("https://cdn.example/chart.js", "TypeError: Failed to fetch", "script"),
    ],
)
async def test_a_refused_library_excuses_nothing_else(url: str, error: str, kind: str) -> None:
    refused = _refused(url, error, kind)
    good = evidence(trajectory("dddd"))
    assert _exceptions(refused, good) == (0.5, 1)
    assert _exceptions(good, refused) == (1, 0.5)


async def test_the_same_typo_counts_the_same_on_both_sides_whoever_was_refused_something() -> None:
    error = "ReferenceError: totl is not defined"
    refused = _refused("https://cdn.example/chart.js", error)
    plain = evidence(complain(trajectory("dddd"), 0, errors=(error,)))
    assert _exceptions(refused, plain) == (0.5, 0.5)


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


EXPLORED = trajectory("d" * 14, scenario="explore")


async def test_one_dead_button_among_many_decides_between_explored_pages() -> None:
    dead = trajectory("d" * 13 + "n", scenario="explore")
    assert (await verdict(evidence(EXPLORED), evidence(dead))).winner == "A"
    assert (await verdict(evidence(dead), evidence(EXPLORED))).winner == "B"


async def test_one_exception_decides_between_explored_pages() -> None:
    throwing = complain(EXPLORED, 9, errors=("TypeError: x is null",))
    assert (await verdict(evidence(EXPLORED), evidence(throwing))).winner == "A"
    assert (await verdict(evidence(throwing), evidence(EXPLORED))).winner == "B"


async def test_a_control_that_works_at_its_second_use_is_not_dead() -> None:
    steps = [*EXPLORED.steps[:3], step(3, "no_effect", detail='click button "Thing 0"')]
    late = trajectory(scenario="explore", steps=steps, observations=EXPLORED.observations[:5])
    criteria = JUDGE.criteria(evidence(late), evidence(EXPLORED))
    assert next(c.a for c in criteria if c.criterion == "responsiveness") == 1


async def test_what_an_exploration_could_not_use_is_not_held_against_the_page() -> None:
    steps = [*EXPLORED.steps[:-1], step(13, "no_effect", expectations=(), reason="#banner lies over it")]
    unusable = EXPLORED.model_copy(update={"steps": tuple(steps)})
    assert (await verdict(evidence(EXPLORED), evidence(unusable))).winner == "tie"


async def test_a_dialog_box_is_an_effect() -> None:
    silent = [step(i, "done", change=Change()) for i in range(3)]
    spoken = [observation(i, dialogs=("Hello",)) for i in range(4)]
    speaking = trajectory(scenario="explore", steps=silent, observations=spoken)
    mute = trajectory(scenario="explore", steps=silent, observations=[observation(i) for i in range(4)])
    criteria = JUDGE.criteria(evidence(speaking), evidence(mute))
    working = next(c for c in criteria if c.criterion == "working_controls")
    assert working.a > working.b == 0


async def test_what_nobody_was_there_to_allow_is_no_fault() -> None:
    error = "NotAllowedError: Failed to execute 'writeText' on 'Clipboard': Write permission denied."
    copying = evidence(complain(EXPLORED, 3, errors=(error,)))
    assert (await verdict(copying, evidence(EXPLORED))).winner == "tie"


def _any_evidence(chance: random.Random) -> Evidence:
    """Evidence of any kind: used or explored or neither, with our own failures among its steps."""
    scenarios = chance.sample(["use", "other", "explore", "look"], chance.randint(1, 3))
    made = []
    for scenario in scenarios:
        letters = "" if scenario == "look" else "".join(chance.choices("ddddnfce", k=chance.randint(1, 8)))
        one = trajectory(letters, scenario=scenario)
        if chance.random() < 0.5:
            complaints = ("TypeError: x", "ReferenceError: Chart is not defined", "ReferenceError: y is not defined")
            errors = tuple(chance.sample(complaints, chance.randint(1, 3)))
            one = complain(one, chance.randrange(len(one.observations)), errors=errors, console=("bad",))
        if chance.random() < 0.1:
            one = one.model_copy(update={"driver_error": "the browser is gone"})
        made.append(one)
    blocked = (BlockedRequest(url="https://cdn.example/chart.js", kind="script"),) if chance.random() < 0.4 else ()
    probes: dict[str, Any] = {
        "substance": chance.choice([None, chance.random()]),
        "coverage": chance.random(),
        "overflow": chance.choice([None, 0.0, 240.0]),
        "frame_rate": chance.choice([None, 7.0, 60.0]),
        "blank": chance.random() < 0.1,
    }
    launch = BROKEN if chance.random() < 0.1 else READY
    if launch is BROKEN:
        return evidence(launch=BROKEN)
    return evidence(*made, blocked=blocked, **probes)


@pytest.mark.parametrize("seed", range(20))
async def test_exchanging_any_two_mirrors_the_verdict(seed: int) -> None:
    chance = random.Random(seed)
    judged = 0
    for _ in range(50):
        a, b = _any_evidence(chance), _any_evidence(chance)
        try:
            there = await verdict(a, b)
        except JudgeError as error:
            with pytest.raises(JudgeError, match=re.escape(str(error).partition(":")[0])):
                await verdict(b, a)
            continue
        judged += 1
        assert await verdict(b, a) == there.flipped()
    assert judged > 10


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
