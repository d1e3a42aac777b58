"""A Scenario becomes a Chrome DevTools recording, which ``@puppeteer/replay`` runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from agent_judge.read.formats.devtools_keys import puppeteer_keys
from agent_judge.read.formats.near_xpath import near_xpath
from agent_judge.read.formats.roles_xpath import role_xpath
from agent_judge.schema import Expectation, Scenario, Step, Target

_CLICK_INSET = 4
"""Where in an element to click, in CSS pixels from its corner, when the scenario does not say."""


@dataclass(frozen=True)
class Exported:
    """A written recording."""

    data: dict[str, Any]
    notes: tuple[str, ...] = ()
    """What of the scenario the format cannot hold, one line each."""

    def text(self) -> str:
        """The recording as a JSON file."""
        return json.dumps(self.data, indent=2, ensure_ascii=False) + "\n"


def devtools_from_scenario(scenario: Scenario, address: str) -> Exported:
    """Writes a scenario as a recording.

    Args:
        scenario: What to write.
        address: Where the solution is; ``goto`` steps are relative to it.
    """
    writer = _Writer(scenario, address)
    steps = list(writer.write())
    return Exported({"title": scenario.title or scenario.id, "steps": steps}, tuple(writer.notes))


class _Writer:
    def __init__(self, scenario: Scenario, address: str) -> None:
        self.scenario = scenario
        self.address = address
        self.notes: list[str] = []
        self.scrolled = (0.0, 0.0)

    def write(self) -> Iterator[dict[str, Any]]:
        size = self.scenario.viewport
        yield _viewport(size.width, size.height)
        yield {"type": "navigate", "url": self.address}
        for number, step in enumerate(self.scenario.steps, start=1):
            where = f"step {number} ({step.do})"
            yield from self._action(step, where)
            for expectation in step.expect:
                yield from self._expectation(expectation, step, where)

    def _action(self, step: Step, where: str) -> Iterator[dict[str, Any]]:
        selectors = {"selectors": selectors_of(step.target)} if step.target else {}
        if step.do in ("click", "check", "uncheck"):
            yield from self._toggled(step, selectors)
        elif step.do == "dblclick":
            yield {"type": "doubleClick", **selectors, **_offset(step)}
        elif step.do == "hover":
            yield {"type": "hover", **selectors}
        elif step.do in ("fill", "type", "select"):
            yield from self._entered(step, selectors, where)
        elif step.do == "press":
            yield from self._pressed(step, selectors)
        elif step.do == "scroll":
            yield from self._scrolled(step, selectors)
        elif step.do == "goto":
            yield {"type": "navigate", "url": urljoin(self.address, step.url or "")}
        elif step.do == "resize" and step.size:
            yield _viewport(step.size.width, step.size.height)
        elif step.do == "wait":
            if step.ms:
                yield {"type": "waitForExpression", "expression": _passed(step.ms), "timeout": round(step.ms) + 5000}
        else:
            self.notes.append(f"{where}: left out: DevTools recordings have no such step")

    def _toggled(self, step: Step, selectors: dict[str, Any]) -> Iterator[dict[str, Any]]:
        click = {"type": "click", **selectors, **_offset(step)}
        if step.hold:
            click["duration"] = step.hold
        for _ in range(step.times if step.do == "click" else 1):
            yield click
        if step.do != "click":
            yield _state(step.target, checked=step.do == "check")

    def _entered(self, step: Step, selectors: dict[str, Any], where: str) -> Iterator[dict[str, Any]]:
        value = step.value if isinstance(step.value, str) else ", ".join(step.value or ())
        if step.do == "select":
            self.notes.append(
                f"{where}: {value!r} must be the option's value, not its label, for DevTools to choose it"
            )
            yield {"type": "change", **selectors, "value": value}
        elif not selectors:
            for letter in value:
                yield {"type": "keyDown", "key": letter}
                yield {"type": "keyUp", "key": letter}
        else:
            yield {"type": "change", **selectors, "value": value}

    def _pressed(self, step: Step, selectors: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if selectors:
            yield {"type": "click", **selectors, **_offset(step)}
        keys = puppeteer_keys(step.key or "")
        for _ in range(step.times):
            yield from ({"type": "keyDown", "key": key} for key in keys)
            yield from ({"type": "keyUp", "key": key} for key in reversed(keys))

    def _scrolled(self, step: Step, selectors: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if step.by is None:
            yield {"type": "hover", **selectors}  # Hovering brings an element into view.
            return
        if selectors:
            yield {"type": "scroll", **selectors, "x": step.by[0], "y": step.by[1]}
            return
        self.scrolled = (max(0.0, self.scrolled[0] + step.by[0]), max(0.0, self.scrolled[1] + step.by[1]))
        yield {"type": "scroll", "x": self.scrolled[0], "y": self.scrolled[1]}

    def _expectation(self, expectation: Expectation, step: Step, where: str) -> Iterator[dict[str, Any]]:
        timeout = {"timeout": max(1, round(min(step.timeout, 30_000)))}
        if expectation.text is not None:
            yield {"type": "waitForExpression", "expression": _visible(expectation.text), **timeout}
        elif expectation.no_text is not None:
            yield {"type": "waitForExpression", "expression": f"!({_visible(expectation.no_text)})", **timeout}
        elif expectation.element is not None:
            yield {"type": "waitForElement", "selectors": selectors_of(expectation.element, several=True), **timeout}
        elif expectation.no_element is not None:
            selectors = selectors_of(expectation.no_element, several=True)[:1]
            yield {"type": "waitForElement", "selectors": selectors, "operator": "==", "count": 0, **timeout}
        elif expectation.count is not None:
            yield from _counted(expectation, timeout)
        elif expectation.checked is not None or expectation.unchecked is not None:
            yield {**_state(expectation.checked or expectation.unchecked, expectation.checked is not None), **timeout}
        elif expectation.value is not None and expectation.value.equals is not None:
            selectors = selectors_of(expectation.value)
            yield {"type": "waitForElement", "selectors": selectors, "properties": {"value": expectation.value.equals}}
        elif expectation.url is not None:
            yield {"type": "waitForExpression", "expression": f"location.href.includes({json.dumps(expectation.url)})"}
        else:
            self.notes.append(f"{where}: expecting {expectation.kind} is left out: DevTools recordings cannot say it")


def selectors_of(target: Target | None, several: bool = False) -> list[list[str]]:
    """The alternative selectors of a target, as recordings hold them; the most telling first."""
    if target is None:
        return []
    found: list[str] = []
    if target.near:
        found.append(near_xpath(target))
    if target.test_id:
        found.append(f'[data-testid="{_css_text(target.test_id)}"]')
    name = target.name or target.label
    if name and not target.near:
        found.append(f'aria/{name}[role="{target.role}"]' if target.role else f"aria/{name}")
    if target.placeholder:
        found.append(f'[placeholder="{_css_text(target.placeholder)}"]')
    if target.title:
        found.append(f'[title="{_css_text(target.title)}"]')
    if target.text and not target.near:
        found.append(f"text/{target.text}")
    found += list(target.selectors)
    if not found and target.role:
        found.append(f"xpath///*[{role_xpath(target.role)}]")
    chosen = found[:1] if several and found else found
    return [[selector] for selector in chosen]


def _css_text(text: str) -> str:
    return re.sub(r"[\"\\]", r"\\\g<0>", text)


def _offset(step: Step) -> dict[str, float]:
    box = step.target.box if step.target else None
    if step.at and box:
        return {"offsetX": step.at.x * box.width, "offsetY": step.at.y * box.height}
    return {"offsetX": _CLICK_INSET, "offsetY": _CLICK_INSET}


def _viewport(width: int, height: int) -> dict[str, Any]:
    return {
        "type": "setViewport",
        "width": width,
        "height": height,
        "deviceScaleFactor": 1,
        "isMobile": False,
        "hasTouch": False,
        "isLandscape": False,
    }


def _state(target: Target | None, checked: bool) -> dict[str, Any]:
    return {
        "type": "waitForElement",
        "selectors": selectors_of(target, several=True),
        "properties": {"checked": checked},
    }


def _counted(expectation: Expectation, timeout: dict[str, int]) -> Iterator[dict[str, Any]]:
    count = expectation.count
    if count is None:
        return
    bounds = (("==", count.equals), (">=", count.at_least), ("<=", count.at_most))
    for operator, number in bounds:
        if number is not None:
            selectors = selectors_of(count, several=True)
            yield {"type": "waitForElement", "selectors": selectors, "operator": operator, "count": number, **timeout}


def _visible(text: str) -> str:
    words = json.dumps(" ".join(text.lower().split()), ensure_ascii=False)
    return f"document.body.innerText.toLowerCase().replace(/\\s+/g, ' ').includes({words})"


def _passed(milliseconds: float) -> str:
    return f"Date.now() - (window.__waiting ??= Date.now()) >= {milliseconds:g} && (delete window.__waiting, true)"
