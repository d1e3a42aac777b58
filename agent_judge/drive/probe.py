"""Measurements beside the steps: paint, frame rate, accessibility, overflow, what there is to see and to read."""

from __future__ import annotations

import asyncio
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.async_api import Error, JSHandle, Page

from agent_judge.drive.appearance import Appearance, appearance
from agent_judge.drive.coverage import coverage
from agent_judge.launch.own_world import ask, ask_handle
from agent_judge.schema import AccessibilityViolation, Probes, Task, Trajectory

_PROBE = (files(__package__) / "probe.js").read_text(encoding="utf-8")
_FRAMES = 40
_BOUND_SECONDS = 10
_AUDIT = """() => axe.run(document, {
  resultTypes: ["violations"], iframes: false, elementRef: false,
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] },
}).then((results) => results.violations.map(
  (one) => ({ rule: one.id, impact: one.impact || "minor", help: one.help, count: one.nodes.length })))"""


class Prober:
    """Measures a page while it is used, and after."""

    def __init__(self, page: Page | None) -> None:
        self._page = page
        self._measuring: JSHandle | None = None

    async def begin(self) -> None:
        """Starts what is measured while the page is used."""
        if self._page:
            self._measuring = await _bounded(ask_handle(self._page, _PROBE, _FRAMES))

    async def finish(self, task: Task, trajectory: Trajectory, folder: Path) -> Probes:
        """Reads what was measured. What cannot be measured, say on a page that hangs, is ``None``."""
        alive = self._page is not None and not any(step.outcome == "crashed" for step in trajectory.steps)
        measured: dict[str, Any] | None = None
        violations: tuple[AccessibilityViolation, ...] | None = None
        if alive and self._measuring:
            measured = await _bounded(self._measuring.evaluate("measured => measured.read()"))
        if alive and self._page:
            violations = await _audit(self._page)
        seen = await asyncio.to_thread(_first_look, trajectory, folder)
        interval = measured["interval"] if measured else None
        return Probes(
            first_contentful_paint=round(measured["paint"], 1) if measured and measured["paint"] else None,
            frame_rate=round(1000 / interval, 1) if interval else None,
            accessibility=violations,
            overflow=measured["overflow"] if measured else None,
            blank=seen.blank if seen else None,
            substance=seen.substance if seen else None,
            coverage=coverage(task.instruction, _readable(trajectory)) if trajectory.observations else None,
        )


async def _audit(page: Page) -> tuple[AccessibilityViolation, ...] | None:
    """Runs axe-core (WCAG 2.1, levels A and AA) on the page as it is."""
    await _bounded(ask(page, _axe()))
    found = await _bounded(ask(page, _AUDIT))
    return None if found is None else tuple(AccessibilityViolation.model_validate(one) for one in found)


@cache
def _axe() -> str:
    return "() => {" + (files(__package__) / "axe.min.js").read_text(encoding="utf-8") + "}"


def _first_look(trajectory: Trajectory, folder: Path) -> Appearance | None:
    first = next((seen.screenshot for seen in trajectory.observations if seen.screenshot), "")
    return appearance((folder / first).read_bytes()) if first else None


def _readable(trajectory: Trajectory) -> list[str]:
    return [part for seen in trajectory.observations for part in (seen.title, seen.text, seen.snapshot)]


async def _bounded(measuring: Any) -> Any:
    """A measurement, or ``None`` if the page does not let itself be measured."""
    try:
        async with asyncio.timeout(_BOUND_SECONDS):
            return await measuring
    except (Error, TimeoutError):
        return None
