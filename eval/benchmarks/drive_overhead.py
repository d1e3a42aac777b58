"""What evidence costs: ours, against a bare Playwright script that does the same actions and takes the same pictures.

Both use the same warm browser, in its sandbox, in turns. Prints the ratio and where the
rest goes, and writes ``eval/results/drive_overhead.md``. Usage::

    python eval/benchmarks/drive_overhead.py [rounds]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Route

from agent_judge.drive import Replay, examine
from agent_judge.drive.act import Hands
from agent_judge.drive.driver import Driver
from agent_judge.drive.observe import Observer
from agent_judge.drive.probe import Prober
from agent_judge.launch.local import LocalBackend
from agent_judge.launch.session import BrowserSession
from agent_judge.read.solution import solution_from_path
from agent_judge.schema import Scenario, Task

PAGE = Path(__file__).parents[1] / "suites" / "transfer" / "todo-list" / "semantic.html"
RESULT = Path(__file__).parents[1] / "results" / "drive_overhead.md"
BAR = 1.5
TASK = Task(id="todo-list", instruction="Build a to-do list: items can be added, marked as done, deleted and filtered.")
SCENARIO = Scenario.model_validate(
    {
        "id": "overhead",
        "steps": [
            {"do": "fill", "target": {"role": "textbox", "name": "New item"}, "value": "Buy milk"},
            {"do": "click", "target": {"role": "button", "name": "Add"}, "expect": [{"text": "Buy milk"}]},
            {"do": "fill", "target": {"role": "textbox", "name": "New item"}, "value": "Call Ann"},
            {"do": "press", "key": "Enter", "expect": [{"text": "Call Ann"}]},
            {
                "do": "check",
                "target": {"role": "checkbox", "near": "Buy milk"},
                "expect": [{"checked": {"role": "checkbox", "near": "Buy milk"}}],
            },
            {
                "do": "click",
                "target": {"role": "link", "name": "Completed"},
                "expect": [{"text": "Buy milk"}, {"no_text": "Call Ann"}],
            },
            {"do": "click", "target": {"role": "link", "name": "All"}, "expect": [{"text": "Call Ann"}]},
            {
                "do": "click",
                "target": {"role": "button", "name": "Delete", "near": "Call Ann"},
                "expect": [{"no_text": "Call Ann"}, {"no_errors": True}],
            },
        ],
    }
)


async def bare(backend: LocalBackend, folder: Path) -> None:
    """The same by hand: load, eight actions, nine pictures."""
    browser = await backend.browser()
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    body = PAGE.read_bytes()

    async def answer(route: Route) -> None:
        await route.fulfill(body=body, content_type="text/html; charset=utf-8")

    await page.route("**/*", answer)
    await page.goto("http://localhost/")
    await page.screenshot(path=folder / "bare-0.png")
    row = page.get_by_role("listitem")
    actions: list[Callable[[], Awaitable[Any]]] = [
        lambda: page.get_by_role("textbox", name="New item").fill("Buy milk"),
        lambda: page.get_by_role("button", name="Add").click(),
        lambda: page.get_by_role("textbox", name="New item").fill("Call Ann"),
        lambda: page.keyboard.press("Enter"),
        lambda: row.filter(has_text="Buy milk").get_by_role("checkbox").check(),
        lambda: page.get_by_role("link", name="Completed").click(),
        lambda: page.get_by_role("link", name="All").click(),
        lambda: row.filter(has_text="Call Ann").get_by_role("button", name="Delete").click(),
    ]
    for number, act in enumerate(actions, 1):
        await act()
        await page.screenshot(path=folder / f"bare-{number}.png")
    await context.close()


async def ours(backend: LocalBackend, folder: Path) -> None:
    """The Evidence, from launch to close."""
    solution = solution_from_path(PAGE)
    evidence = await examine(backend, TASK, solution, SCENARIO, Replay(), folder, key="overhead", seed=1)
    steps = evidence.trajectories[0].steps
    if not evidence.trajectories[0].completed:
        raise SystemExit(f"the scenario does not hold: {[(step.outcome, step.reason) for step in steps]}")


class Stopwatch:
    """Adds up the time spent in parts of the driver."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def watch(self, owner: type, name: str, words: str) -> None:
        """Times a method from now on."""
        original = getattr(owner, name)

        async def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return await original(*args, **kwargs)
            finally:
                self.seconds[words] += time.perf_counter() - began

        setattr(owner, name, timed)


async def timed(doing: Awaitable[None]) -> float:
    """Seconds that something takes."""
    began = time.perf_counter()
    await doing
    return time.perf_counter() - began


async def main(rounds: int) -> None:
    """Measures in turns and writes the result."""
    stopwatch = Stopwatch()
    for owner, name, words in (
        (LocalBackend, "_launch", "launch: fresh hardened page, loaded and at rest"),
        (Driver, "begin", "first look: at rest, snapshot, text, picture"),
        (Driver, "choose", "grounding"),
        (Hands, "do", "the actions themselves"),
        (Observer, "settled_view", "waiting for rest while snapshot, text and picture are taken (the first look too)"),
        (Prober, "finish", "probes: accessibility audit, what there is to see, coverage"),
        (BrowserSession, "close", "closing the page"),
    ):
        stopwatch.watch(owner, name, words)
    theirs: list[float] = []
    our_own: list[float] = []
    async with LocalBackend() as backend:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            await bare(backend, folder)  # The first of each warms the browser up and is not counted.
            await ours(backend, folder)
            stopwatch.seconds.clear()
            for _ in range(rounds):
                theirs.append(await timed(bare(backend, folder)))
                our_own.append(await timed(ours(backend, folder)))
    report(theirs, our_own, {words: seconds / rounds for words, seconds in stopwatch.seconds.items()})


def report(theirs: list[float], our_own: list[float], parts: dict[str, float]) -> None:
    """Prints the ratio and where the time goes, and writes the result."""
    ratios = [mine / other for mine, other in zip(our_own, theirs, strict=True)]
    median = statistics.median(ratios)
    lines = [
        "# Driver overhead",
        "",
        "Written by `eval/benchmarks/drive_overhead.py`: Evidence for one HTML solution under a scenario of 8 steps, "
        "against a bare Playwright script that loads the page, does the same actions and takes the same 9 pictures; "
        f"in turns, in one warm sandboxed browser, {len(ratios)} rounds.",
        "",
        "| | median | least | most |",
        "|---|---|---|---|",
        f"| bare script | {statistics.median(theirs):.2f} s | {min(theirs):.2f} s | {max(theirs):.2f} s |",
        f"| Evidence | {statistics.median(our_own):.2f} s | {min(our_own):.2f} s | {max(our_own):.2f} s |",
        f"| **ratio** | **{median:.2f}** (bar: {BAR}) | {min(ratios):.2f} | {max(ratios):.2f} |",
        "",
        "Where our time goes, mean of a round:",
        "",
        "| part | seconds |",
        "|---|---|",
        *(f"| {words} | {seconds:.3f} |" for words, seconds in sorted(parts.items(), key=lambda part: -part[1])),
        "",
    ]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    print("the bar is met" if median <= BAR else "the bar is NOT met")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
