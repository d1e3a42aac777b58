"""What finding an element costs, on top of the accessibility snapshot, on a page with 1,000 elements.

Prints the times and writes ``eval/results/grounding_speed.md``. Usage::

    python eval/benchmarks/grounding_speed.py [rounds]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from pathlib import Path

from agent_judge.drive.ground import Grounder
from agent_judge.drive.intent import Chosen, choose_for_step
from agent_judge.drive.observe import View
from agent_judge.launch.local import LocalBackend
from agent_judge.schema import Solution, Step, Viewport

RESULT = Path(__file__).parents[1] / "results" / "grounding_speed.md"
BAR = 20.0
ROWS = 166
"""Rows of six elements each: about a thousand."""

STEPS = {
    "exact role and name": {"do": "click", "target": {"role": "button", "name": "Export everything"}},
    "role and row": {"do": "check", "target": {"role": "checkbox", "near": "Parcel number 120"}},
    "same name in every row": {
        "do": "click",
        "target": {"role": "button", "name": "Delete", "near": "Parcel number 77"},
    },
    "another word": {"do": "click", "target": {"role": "button", "name": "Download"}, "intent": "download the list"},
    "icon without a name": {"do": "click", "target": {"role": "button", "name": "Settings"}},
    "not there": {"do": "click", "target": {"role": "button", "name": "Undo"}},
}


def page_source() -> str:
    """A page with a thousand elements."""
    row = """<tr><td><input type="checkbox"></td><td>Parcel number {n}</td>
      <td><button class="edit">Edit</button><button class="del">Delete</button></td></tr>"""
    rows = "".join(row.format(n=number) for number in range(ROWS))
    return f"""<!doctype html><title>Parcels</title><h1>Parcels</h1><button>Export everything</button>
      <div class="icon-gear" style="cursor:pointer;width:20px;height:20px" onclick="1"></div><table>{rows}</table>"""


async def main(rounds: int) -> None:
    """Measures and writes the result."""
    files = {"index.html": page_source().encode()}
    solution = Solution(environment="html", language="html", entry="index.html", files=files)
    async with LocalBackend() as backend:
        session = await backend.launch(solution, Viewport(), 1)
        if session.page is None:
            raise SystemExit(session.report.reason)
        page = session.page
        elements = await page.evaluate("document.querySelectorAll('body *').length")
        grounder = Grounder(page)
        lines = []
        worst = 0.0
        for words, data in STEPS.items():
            step = Step.model_validate(data)
            times = []
            for _ in range(rounds):
                snapshot = await page.aria_snapshot(mode="ai", boxes=True)
                view = View(page.url, "", "", snapshot)
                began = time.perf_counter()
                grounder.memory.looks.begin(step.do, view)
                chosen = await choose_for_step(grounder, view, step)
                times.append((time.perf_counter() - began) * 1000)
            element = chosen.found.candidate.words if isinstance(chosen, Chosen) else "not found"
            median = statistics.median(times)
            worst = max(worst, median)
            lines.append(f"| {words} | {median:.1f} ms | {min(times):.1f} ms | {max(times):.1f} ms | {element} |")
        await session.close()
    report(elements, worst, lines)


def report(elements: int, worst: float, lines: list[str]) -> None:
    """Prints the times and writes the result."""
    text = "\n".join(
        [
            "# Grounding speed",
            "",
            f"Written by `eval/benchmarks/grounding_speed.py`: a page with {elements} elements, "
            "time on top of taking the accessibility snapshot, which every step needs anyway.",
            "",
            "| step | median | least | most | found |",
            "|---|---|---|---|---|",
            *lines,
            "",
            f"Slowest median: **{worst:.1f} ms** (bar: {BAR:g} ms).",
            "",
        ]
    )
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
