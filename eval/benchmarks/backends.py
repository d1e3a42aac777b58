"""Launch to first screenshot on each backend, of the same solutions, in turns.

A container is warm when one was waiting for its solution, and cold when it must be made first. Prints the medians and
writes ``eval/results/backends.md``. Usage::

    python eval/benchmarks/backends.py [rounds]
"""

from __future__ import annotations

import asyncio
import platform
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

import psutil

from agent_judge.launch.docker_provider import DockerProvider
from agent_judge.launch.local import LocalBackend
from agent_judge.launch.remote import RemoteBackend
from agent_judge.protocols import Backend
from agent_judge.read.environment import load_environments
from agent_judge.read.solution import solution_from_path
from agent_judge.schema import Solution, Viewport

ENVIRONMENTS = ("html", "react", "streamlit")
RESULT = Path(__file__).parents[1] / "results" / "backends.md"
BAR = 1.5
_LOOK_SECONDS, _MOST_LOOKS, _IDLE_PERCENT = 0.5, 120, 10
SIDES = ("local", "docker, warm", "docker, cold")


def sample(environment: str) -> Solution:
    """The environment's own sample."""
    return solution_from_path(next(load_environments()[environment].folder.glob("sample.*")))


async def to_screenshot(backend: Backend, solution: Solution) -> float:
    """Seconds from the launch of a solution to its first screenshot."""
    began = time.perf_counter()
    session = await backend.launch(solution, Viewport(), 1)
    assert session.page is not None, session.report.reason
    await session.page.screenshot()
    seconds = time.perf_counter() - began
    await session.close()
    return seconds


async def at_rest() -> None:
    """Waits until neither the end of the last launch nor what is made ready for the next slows the next one down."""
    psutil.cpu_percent()
    for _ in range(_MOST_LOOKS):
        await asyncio.sleep(_LOOK_SECONDS)
        if psutil.cpu_percent() < _IDLE_PERCENT:
            return
    raise SystemExit("this machine does not come to rest: end what else runs on it, and measure again")


async def measure(rounds: int) -> dict[tuple[str, str], list[float]]:
    """Seconds by environment and side; the first round of each is not counted."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    async with (
        LocalBackend() as local,
        RemoteBackend(DockerProvider(), kept_ready=1) as warm,
        RemoteBackend(DockerProvider(), kept_ready=0) as cold,
    ):
        backends: dict[str, Backend] = dict(zip(SIDES, (local, warm, cold), strict=True))
        for environment in ENVIRONMENTS:
            solution = sample(environment)
            for number in range(rounds + 1):
                for side, backend in backends.items():
                    await warm.keep_ready(environment)
                    await at_rest()
                    seconds = await to_screenshot(backend, solution)
                    if number:
                        found[environment, side].append(seconds)
                        print(f"{environment:<10} {side:<13} {seconds:6.2f} s", flush=True)
    return found


def table(found: dict[tuple[str, str], list[float]], rounds: int, busy: float) -> str:
    """The result as Markdown."""
    lines = [
        "# Launch to first screenshot, by backend",
        "",
        f"Medians of {rounds} rounds in turns, each launch on a machine at rest; {psutil.cpu_count()} processors, "
        f"{platform.system()}; others used {busy:.0f} % of them before the first round. The ratio is to local; the bar "
        f"is {BAR}x with a warm container.",
        "",
        "| environment | " + " | ".join(SIDES) + " | warm / local | cold / local |",
        "|---|" + "---|" * 5,
    ]
    for environment in ENVIRONMENTS:
        medians = [statistics.median(found[environment, side]) for side in SIDES]
        ratios = [f"{median / medians[0]:.2f}x" for median in medians[1:]]
        lines.append(f"| {environment} | " + " | ".join([*(f"{median:.2f} s" for median in medians), *ratios]) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measures, prints and writes."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    busy = psutil.cpu_percent(interval=3)
    text = table(asyncio.run(measure(rounds)), rounds, busy)
    print(text)
    RESULT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
