"""The demo suite is whole: its programs, scenarios and truth fit together, and its programs are what they claim."""

from __future__ import annotations

import tomllib
from difflib import SequenceMatcher
from io import BytesIO
from itertools import permutations
from typing import Any

import pytest
from PIL import Image, ImageChops

from agent_judge.launch.local import LocalBackend
from agent_judge.places import demo_suite
from agent_judge.read.suite import Suite, load_suite
from agent_judge.schema import Scenario, Solution, Viewport

MODELS = {"amber", "birch", "cedar", "dune"}
TASKS = {"dodge-game", "signup-wizard", "todo-list", "calculator", "scoreboard"}
ENVIRONMENTS = {
    ("dodge-game", "birch"): "react",
    ("signup-wizard", "birch"): "react",
    ("signup-wizard", "cedar"): "react",
    ("signup-wizard", "dune"): "react",
    ("todo-list", "amber"): "react",
    ("todo-list", "birch"): "react",
    ("calculator", "amber"): "react",
    ("calculator", "birch"): "react",
    ("scoreboard", "amber"): "vue",
    ("scoreboard", "birch"): "streamlit",
    ("scoreboard", "cedar"): "pygame",
    ("scoreboard", "dune"): "vue",
}
"""Of those programs that are not plain HTML."""


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_suite(demo_suite())


@pytest.fixture(scope="module")
def truth() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((demo_suite() / "truth.toml").read_text(encoding="utf-8"))


def test_every_model_answered_every_task(suite: Suite) -> None:
    assert {task.id for task in suite.tasks} == TASKS
    assert {task: set(by_model) for task, by_model in suite.solutions.items()} == dict.fromkeys(TASKS, MODELS)


@pytest.mark.parametrize("task", sorted(TASKS))
@pytest.mark.parametrize("model", sorted(MODELS))
def test_every_program_is_recognised_for_what_it_is(suite: Suite, task: str, model: str) -> None:
    solution = suite.solutions[task][model]

    assert solution.problem == ""
    assert solution.environment == ENVIRONMENTS.get((task, model), "html")
    assert "```" not in solution.files[solution.entry].decode()


def test_programs_need_nothing_but_what_is_prepared_once(suite: Suite) -> None:
    asked = {package for by_model in suite.solutions.values() for s in by_model.values() for package in s.dependencies}

    assert asked <= {"react", "react-dom", "lucide-react", "vue", "streamlit", "pygame"}


def test_programs_load_nothing_from_a_network(suite: Suite) -> None:
    for task, by_model in suite.solutions.items():
        for model, solution in by_model.items():
            code = solution.files[solution.entry].decode()
            assert "https://" not in code, f"{model}'s {task} names an address"


def test_every_task_is_used_in_at_least_two_ways(suite: Suite) -> None:
    assert set(suite.scenarios) == TASKS
    assert all(len(scenarios) >= 2 for scenarios in suite.scenarios.values())


def test_every_scenario_says_why_it_acts_and_what_must_follow(suite: Suite) -> None:
    for task, scenarios in suite.scenarios.items():
        for scenario in scenarios:
            assert scenario.task == task
            assert all(step.intent for step in scenario.steps), f"{task}/{scenario.id} has a step without an intent"
            assert scenario.steps[-1].expect, f"{task}/{scenario.id} ends without looking at what came of it"


def test_waiting_is_bounded_so_that_the_demo_stays_short(suite: Suite) -> None:
    longest = {
        f"{task}/{scenario.id}": _longest_wait(scenario)
        for task, scenarios in suite.scenarios.items()
        for scenario in scenarios
    }

    assert {name: seconds for name, seconds in longest.items() if seconds > 30} == {}


def _longest_wait(scenario: Scenario) -> float:
    """Seconds that a program which does nothing keeps a scenario waiting in its holds and `wait` steps."""
    waits = sum((step.ms or step.timeout) for step in scenario.steps if step.do == "wait")
    return (waits + sum(step.hold * step.times for step in scenario.steps)) / 1000


def test_truth_speaks_of_known_tasks_and_models(truth: dict[str, list[dict[str, Any]]]) -> None:
    for battle in truth["battle"]:
        assert battle["task"] in TASKS
        assert {battle["better"], battle["worse"]} <= MODELS
    for pair in truth["lookalike"]:
        assert pair["task"] in TASKS
        assert set(pair["models"]) <= MODELS
        assert len(set(pair["models"])) == 2


def test_truth_is_an_order(truth: dict[str, list[dict[str, Any]]]) -> None:
    beats = {(battle["task"], battle["better"], battle["worse"]) for battle in truth["battle"]}

    for task in TASKS:
        assert all((task, b, a) not in beats for a, b in permutations(MODELS, 2) if (task, a, b) in beats)
        for a, b, c in permutations(MODELS, 3):
            if (task, a, b) in beats and (task, b, c) in beats:
                assert (task, a, c) in beats, f"{task}: {a} > {b} > {c}, but not {a} > {c}"


def test_a_lookalike_pair_is_a_battle_and_nearly_the_same_source(
    suite: Suite, truth: dict[str, list[dict[str, Any]]]
) -> None:
    beats = {(battle["task"], battle["better"], battle["worse"]) for battle in truth["battle"]}

    assert len(truth["lookalike"]) >= 3
    for pair in truth["lookalike"]:
        (worse,) = set(pair["models"]) - {pair["better"]}
        assert (pair["task"], pair["better"], worse) in beats
        one, other = (_lines(suite, pair["task"], model) for model in pair["models"])
        assert 0.9 < SequenceMatcher(None, one, other, autojunk=False).ratio() < 1


def _lines(suite: Suite, task: str, model: str) -> list[str]:
    solution = suite.solutions[task][model]
    return solution.files[solution.entry].decode().splitlines()


@pytest.mark.parametrize("task", sorted(TASKS))
async def test_lookalikes_cannot_be_told_apart_at_first_sight(
    backend: LocalBackend, suite: Suite, truth: dict[str, list[dict[str, Any]]], task: str
) -> None:
    (pair,) = [pair for pair in truth["lookalike"] if pair["task"] == task]
    one, other = [await _first_sight(backend, suite.solutions[task][model]) for model in pair["models"]]

    assert one.getextrema() != ((255, 255),) * 3
    assert ImageChops.difference(one, other).getbbox() is None


async def _first_sight(backend: LocalBackend, solution: Solution) -> Image.Image:
    session = await backend.launch(solution, Viewport.model_validate({}), 1)
    try:
        assert session.page, session.report
        await session.page.get_by_role("heading").or_(session.page.get_by_role("button")).first.wait_for()
        return Image.open(BytesIO(await session.page.screenshot(caret="hide", animations="disabled"))).convert("RGB")
    finally:
        await session.close()


def test_truth_is_told_to_people_too(truth: dict[str, list[dict[str, Any]]]) -> None:
    prose = (demo_suite() / "truth.md").read_text(encoding="utf-8")
    sections = {section.split(":")[0]: section for section in prose.split("\n## ")[1:]}

    for battle in truth["battle"]:
        assert {battle["better"], battle["worse"]} <= set(sections[battle["task"]].split())
