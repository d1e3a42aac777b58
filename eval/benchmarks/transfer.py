"""How well a recording travels: recorded on each version of each app, asked for on the five others.

Prints the table and writes ``eval/results/transfer.md``; ``--misses`` lists what went wrong, but never on an app that
is held out (``hold_out`` in its ``truth.yaml``), so that nothing is tuned on it. Usage::

    python eval/benchmarks/transfer.py [--misses] [app ...]
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from playwright.async_api import ElementHandle, Error, Locator, Page

from agent_judge.drive.act import Hands, NoEffect
from agent_judge.drive.candidates import Candidate
from agent_judge.drive.driver import DriveConfig
from agent_judge.drive.ground import Found, Grounder, NotFound
from agent_judge.drive.ground_scenario import Plan, plan_of
from agent_judge.drive.intent import Chosen, choose_for_step
from agent_judge.drive.observe import Observer
from agent_judge.drive.record_events import recorder_script
from agent_judge.drive.snapshot import Node, parse_snapshot
from agent_judge.launch.local import LocalBackend
from agent_judge.read.solution import solution_from_path
from agent_judge.schema import Grounding, Step, Viewport

SUITE = Path(__file__).parents[1] / "suites" / "transfer"
RESULT = Path(__file__).parents[1] / "results" / "transfer.md"
NOTES = Path(__file__).with_name("transfer_notes.md")
COUNTS = RESULT.with_suffix("")
Answer = Locator | ElementHandle
"""The element that a method names."""
METHODS = ("coordinates", "recorded CSS selector", "Playwright role+name", "ours")
_RECORD = f"(element) => {recorder_script()}(null, false).targetOf(element)"
_RIGHT = """(element, selectors) => selectors.some((selector) =>
  [...document.querySelectorAll(selector)].some((labelled) => labelled === element || labelled.contains(element)))"""


@dataclass
class Tally:
    """Counts of one method on one app."""

    exists: Counter[str] = field(default_factory=Counter)
    """``right``, ``wrong`` and ``not found`` where the element exists."""
    absent: Counter[str] = field(default_factory=Counter)
    """``not found`` and ``wrong`` where it does not."""

    def add(self, other: Tally) -> None:
        """Adds another's counts."""
        self.exists += other.exists
        self.absent += other.absent


@dataclass(frozen=True)
class Label:
    """What is right in one version."""

    element: str
    also: tuple[str, ...]
    do: dict[str, Any] | None
    """The action that takes the version to the next step; ``None`` where there is none."""
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]
    absent: bool


def label_of(step: dict[str, Any], variant: str) -> Label:
    """Reads a step's label for a version."""
    raw = step["elements"][variant]
    action: dict[str, Any] = {key: step[key] for key in ("do", "value", "key", "at", "to", "to_at") if key in step}
    if raw == "absent":
        return Label("", (), None, [], [], absent=True)
    if isinstance(raw, str):
        return Label(raw, (), {**action, "element": raw}, [], [], absent=False)
    before, after = raw.get("before", []), raw.get("after", [])
    if raw.get("absent"):
        instead = raw.get("instead")
        return Label(instead.get("element", "") if instead else "", (), instead, before, after, absent=True)
    own: dict[str, Any] = {key: raw[key] for key in ("do", "value", "key", "at", "to", "to_at") if key in raw}
    do = {**action, **own, "element": raw["element"]}
    return Label(raw["element"], tuple(raw.get("also", ())), do, before, after, absent=False)


class Version:
    """One version of an app, running."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.entered: list[str] = []
        self.entered_in: dict[str, str] = {}
        self.plans: dict[str, Plan] = {}
        """What is known of the other steps of each recording."""
        self._grounders: dict[str, Grounder] = {}
        self.hands = Hands(page, address, self._nothing_further)

    def grounder(self, origin: str) -> Grounder:
        """The one that follows the recording of a version, with what its earlier steps taught."""
        grounder = self._grounders.setdefault(origin, Grounder(self.page, DriveConfig().ground))
        grounder.memory.entered = list(self.entered)
        grounder.memory.entered_in = dict(self.entered_in)
        grounder.memory.plan = self.plans.get(origin, Plan())
        return grounder

    async def act(self, action: dict[str, Any]) -> None:
        """Does an action as a label says."""
        if "element" not in action:
            await self.hands.do(Step.model_validate(action), None)
            return
        place = self.page.locator(action["element"])
        to = action.get("to")
        data = {key: action[key] for key in ("do", "value", "key", "at", "to_at") if key in action}
        if data["do"] in ("click", "check", "uncheck", "hover", "dblclick", "press"):
            data.pop("value", None)
        step = Step.model_validate({**data, "target": {"text": "x"}, **({"to": {"text": "x"}} if to else {})})
        found = await _found(place)
        if step.do in ("fill", "type"):
            field = next(iter(parse_snapshot(await place.aria_snapshot(mode="ai")).children), Node("generic"))
            self.entered_in[str(step.value)] = field.ref
        await self.hands.do(step, found, await _found(self.page.locator(to)) if to else None)

    async def record(self, step: dict[str, Any], label: Label) -> dict[str, Any]:
        """The step as a recorder would write it."""
        place = self.page.locator(label.element)
        target = {key: value for key, value in (await place.evaluate(_RECORD)).items() if value}
        action = {key: value for key, value in (label.do or {}).items() if key in ("do", "value", "key", "at", "to_at")}
        if action["do"] in ("click", "check", "uncheck", "press", "hover", "dblclick"):
            action.pop("value", None)
        if action["do"] == "drag" and "to_at" not in action:
            action["to"] = {"text": "x"}
        return {**action, "intent": step["intent"], "target": target}

    async def _nothing_further(self, *_: object) -> NotFound:
        return NotFound("not here")


async def _found(place: Locator) -> Found:
    node = Node("generic")
    role = (
        "textbox"
        if await place.evaluate("e => e.matches('input:not([type=checkbox]):not([type=radio]),textarea')")
        else ""
    )
    return Found(Candidate(role, "", None, node, 0), place, Grounding(score=1, method="label", element=""))


async def ask(
    method: str, version: Version, origin: str, recorded: dict[str, Any], observer: Observer
) -> Answer | None:
    """Asks a method for the element of a recorded step; ``None`` is "not found"."""
    step = Step.model_validate(recorded)
    target, page = step.target, version.page
    if target is None or target.box is None:
        return None
    if method == "coordinates":
        x, y = target.box.x + target.box.width / 2, target.box.y + target.box.height / 2
        handle = await page.evaluate_handle("([x, y]) => document.elementFromPoint(x, y)", [x, y])
        return handle.as_element()
    if method == "recorded CSS selector":
        return await page.query_selector(target.selectors[0])
    if method == "Playwright role+name":
        if not target.role:
            return None
        place = page.get_by_role(target.role, name=target.name, exact=True)  # type: ignore[arg-type] # any role
        return place.first if await place.count() else None
    grounder, view = version.grounder(origin), await observer.read()
    grounder.memory.looks.begin(step.do, view)
    chosen = await choose_for_step(grounder, view, step)
    return chosen.found.place if isinstance(chosen, Chosen) else None


async def judge(place: Answer | None, label: Label) -> str:
    """Whether a method's answer is right."""
    if place is None:
        return "not found"
    right = [label.element, *label.also] if label.element else []
    try:
        return "right" if right and await place.evaluate(_RIGHT, right) else "wrong"
    except Error:
        return "wrong"


Recordings = dict[str, dict[str, dict[str, Any]]]
"""The steps recorded on each version, by their ids."""


def truth_of(app: str) -> dict[str, Any]:
    """The labels of an app."""
    truth: dict[str, Any] = yaml.safe_load((SUITE / app / "truth.yaml").read_text(encoding="utf-8"))
    return truth


def held_out(app: str) -> bool:
    """Whether nothing was, or may be, tuned on an app."""
    return bool(truth_of(app).get("hold_out"))


def tuned_on() -> list[str]:
    """The apps that are not held out."""
    return [folder.name for folder in sorted(SUITE.iterdir()) if folder.is_dir() and not held_out(folder.name)]


async def record_all(backend: LocalBackend, app: str) -> Recordings:
    """Records the canonical use on every version."""
    truth = truth_of(app)
    recordings: Recordings = {variant: {} for variant in truth["variants"]}
    for variant in truth["variants"]:

        async def record(version: Version, _: Observer, step: dict[str, Any], label: Label, on: str = variant) -> None:
            if not label.absent:
                recordings[on][step["id"]] = await version.record(step, label)

        await play(backend, app, variant, record)
    return recordings


async def play(backend: LocalBackend, app: str, variant: str, visit: Any, recordings: Recordings | None = None) -> None:
    """Takes one version through the canonical use, and calls ``visit`` before each step."""
    truth = truth_of(app)
    solution = solution_from_path(SUITE / app / truth["variants"][variant])
    session = await backend.launch(solution, Viewport(), 1)
    if session.page is None:
        raise SystemExit(f"{app}/{variant} does not launch: {session.report.reason}")
    version = Version(session.page, session.address)
    for origin, steps in (recordings or {}).items():
        version.plans[origin] = plan_of([Step.model_validate(step) for step in steps.values()])
    observer = Observer(session, session.page, Path())
    try:
        for step in truth["steps"]:
            label = label_of(step, variant)
            for action in label.before:
                await version.act(action)
            await observer.settler.rest()
            await visit(version, observer, step, label)
            for action in [*([label.do] if label.do else []), *label.after]:
                await version.act(action)
            version.entered += [str(step["value"])] if "value" in step else []
    except (NoEffect, Error) as error:
        raise SystemExit(f"{app}/{variant}: the suite's own label fails: {error}") from error
    finally:
        observer.close()
        await session.close()


async def measure(backend: LocalBackend, app: str, misses: list[str]) -> dict[str, Tally]:
    """Records on each version and asks on the others."""
    truth = truth_of(app)
    tallies = {method: Tally() for method in METHODS}
    recordings = await record_all(backend, app)
    for variant in truth["variants"]:

        async def compare(
            version: Version, observer: Observer, step: dict[str, Any], label: Label, on: str = variant
        ) -> None:
            for origin, steps in recordings.items():
                recorded = steps.get(step["id"])
                if origin == on or recorded is None:
                    continue
                for method in METHODS:
                    place = await ask(method, version, origin, recorded, observer)
                    verdict = await judge(place, label)
                    if not label.absent:
                        tallies[method].exists[verdict] += 1
                    else:
                        tallies[method].absent["wrong" if verdict == "wrong" else "not found"] += 1
                    if truth.get("hold_out"):
                        continue  # Who knows its misses tunes on them.
                    if method == "ours" and verdict != ("not found" if label.absent else "right"):
                        where = f"{app} {step['id']}: {origin} → {on}"
                        misses.append(f"{where}: {verdict} {await _words(place)}; wanted {label.element or 'absent'}")

        await play(backend, app, variant, compare, recordings)
    return tallies


async def _words(place: Answer | None) -> str:
    if place is None:
        return ""
    described: str = await place.evaluate("e => e.outerHTML.replace(/\\s+/g, ' ').slice(0, 90)")
    return described


def table(tallies: dict[str, Tally]) -> list[str]:
    """The table of shares."""

    def share(counts: Counter[str], outcome: str) -> str:
        total = counts.total()
        return f"{counts[outcome] / total:.1%} ({counts[outcome]}/{total})" if total else "–"

    rows = [
        ("right element where the feature exists", "exists", "right"),
        ("acted on a wrong element", "exists", "wrong"),
        ("absent feature reported as not found", "absent", "not found"),
    ]
    lines = [f"| | {' | '.join(METHODS)} |", "|---" * (len(METHODS) + 1) + "|"]
    for words, group, outcome in rows:
        cells = [share(getattr(tallies[method], group), outcome) for method in METHODS]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return lines


async def main(apps: list[str], *, show_misses: bool) -> None:
    """Measures the apps and writes the result."""
    misses: list[str] = []
    by_app: dict[str, dict[str, Tally]] = {}
    async with LocalBackend() as backend:
        for app in apps:
            by_app[app] = await measure(backend, app, misses)
            print(f"\n{app}\n" + "\n".join(table(by_app[app])), flush=True)
            keep(app, by_app[app])
    if show_misses:
        print("\n".join(misses))
    write(kept())


def keep(app: str, tallies: dict[str, Tally]) -> None:
    """Keeps an app's counts beside the result, so that apps can be measured one at a time."""
    counts = {method: {"exists": dict(one.exists), "absent": dict(one.absent)} for method, one in tallies.items()}
    COUNTS.mkdir(parents=True, exist_ok=True)
    (COUNTS / f"{app}.json").write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")


def kept() -> dict[str, dict[str, Tally]]:
    """The counts of all apps that have been measured."""
    by_app = {}
    for file in sorted(COUNTS.glob("*.json")):
        counts = json.loads(file.read_text(encoding="utf-8"))
        by_app[file.stem] = {
            method: Tally(Counter(one["exists"]), Counter(one["absent"])) for method, one in counts.items()
        }
    return by_app


def write(by_app: dict[str, dict[str, Tally]]) -> None:
    """Writes ``eval/results/transfer.md``."""
    groups = {
        "Held out: apps that nothing was tuned on": [app for app in by_app if held_out(app)],
        "Apps that rules, words and weights were tuned on": [app for app in by_app if not held_out(app)],
        "All": list(by_app),
    }
    lines = [
        "# Transfer of recordings",
        "",
        "Written by `eval/benchmarks/transfer.py`; the suite is `eval/suites/transfer`. "
        "Bars: at least 90 % right, at most 2 % wrong, at least 95 % of the absent reported; "
        "the apps that nothing was tuned on say how near it comes on a program of a new kind.",
        "",
    ]
    for title, apps in groups.items():
        if not apps:
            continue
        total = {method: Tally() for method in METHODS}
        for app in apps:
            for method in METHODS:
                total[method].add(by_app[app][method])
        lines += [f"## {title}: {', '.join(apps)}", "", *table(total), ""]
    lines += ["## App by app", ""]
    for app, tallies in by_app.items():
        lines += [f"### {app}", "", *table(tallies), ""]
    RESULT.parent.mkdir(exist_ok=True)
    text = "\n".join(lines) + NOTES.read_text(encoding="utf-8")
    RESULT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if not name.startswith("-")]
    chosen_apps = names or sorted(folder.name for folder in SUITE.iterdir() if folder.is_dir())
    asyncio.run(main(chosen_apps, show_misses="--misses" in sys.argv))
