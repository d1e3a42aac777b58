"""The labels of the transfer suite hold: each fits one element, and using it does what the step says."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page

from agent_judge.launch.local import LocalBackend
from agent_judge.read.solution import solution_from_path
from agent_judge.schema import Viewport
from tests.eval.transfer_truth import (
    VARIANTS,
    LabelledStep,
    Seen,
    apps,
    do_as_labelled,
    load_app,
    program,
    shown_text,
    the_one,
)

APPS = (
    "booking", "calculator", "cart", "contacts", "drawing", "expenses", "habits", "inbox",
    "kanban", "notes", "playlist", "quiz", "recipes", "todo-list",
)  # fmt: skip
ENVIRONMENT = {"library": "react", "vue": "vue"}
WAIT_SECONDS = 3


def test_the_suite_has_its_apps() -> None:
    assert tuple(apps()) == APPS


def test_the_apps_that_nothing_is_tuned_on_are_marked() -> None:
    assert {name for name in APPS if load_app(name).hold_out} == {"habits", "recipes"}


@pytest.mark.parametrize("name", APPS)
def test_every_step_is_labelled_in_all_six_versions(name: str) -> None:
    app = load_app(name)

    assert set(app.variants) == set(VARIANTS)
    assert len({step.id for step in app.steps}) == len(app.steps)
    for step in app.steps:
        assert set(step.elements) == set(VARIANTS), step.id


@pytest.mark.parametrize("name", APPS)
def test_some_versions_lack_something_and_none_lacks_most(name: str) -> None:
    app = load_app(name)
    absent = {v: sum(step.elements[v].absent for step in app.steps) for v in VARIANTS}

    assert any(absent.values())
    assert all(count < len(app.steps) for count in absent.values())


@pytest.mark.parametrize("name", APPS)
@pytest.mark.parametrize("variant", VARIANTS)
async def test_using_the_labelled_elements_does_what_the_steps_say(
    backend: LocalBackend, name: str, variant: str
) -> None:
    app = load_app(name)
    solution = solution_from_path(program(app, variant))
    assert solution.environment == ENVIRONMENT.get(variant, "html")
    session = await backend.launch(solution, Viewport.model_validate({}), 1)
    try:
        assert session.page, session.report
        for step in app.steps:
            await _use(session.page, step, variant)
        assert session.drain().errors == []
    finally:
        await session.close()


async def _use(page: Page, step: LabelledStep, variant: str) -> None:
    label = step.elements[variant]
    await do_as_labelled(page, step, label)
    if not label.before and not label.after:
        for selector in label.also if step.do == "check" else ():
            await the_one(page, selector)
    if not label.absent or label.instead:
        for seen in step.expect:
            await _await_seen(page, seen, f"{variant}, {step.id}")


async def _await_seen(page: Page, seen: Seen, where: str) -> None:
    text = await shown_text(page)
    deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
    while not _fits(text, seen) and asyncio.get_running_loop().time() < deadline:
        await page.evaluate("() => new Promise(requestAnimationFrame)")
        text = await shown_text(page)
    assert _fits(text, seen), f"{where}: {seen} in: {text[:400]}"


def _fits(text: str, seen: Seen) -> bool:
    return seen.text.lower() in text and not (seen.no_text and seen.no_text.lower() in text)
