"""Every environment's second launch against its first, and servers launched by us against bare ones.

A bare server is the same program with the same packages, started without a box and opened in a browser that runs
already; ours starts a browser of its own for each, which joins the box's network. Writes
``eval/results/launch_environments.md``. Usage::

    python eval/benchmarks/launch_environments.py [rounds]
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import Browser

from agent_judge.launch.chromium import Network, open_browser
from agent_judge.launch.local import LocalBackend
from agent_judge.launch.pip import python_packages
from agent_judge.launch.toolchain_plan import recipe_for
from agent_judge.read.environment import load_environments
from agent_judge.read.solution import solution_from_path
from agent_judge.schema import Solution, Viewport

RESULT = Path(__file__).parents[1] / "results" / "launch_environments.md"
SERVERS = ("streamlit", "gradio")
SERVER_BAR = 1.5
_PORTS = {"streamlit": 8501, "gradio": 7860}
_PATIENCE = 120


def sample_of(environment: str) -> Solution:
    """The small program that comes with an environment."""
    return solution_from_path(next(load_environments()[environment].folder.glob("sample.*")))


async def seconds_to_picture(backend: LocalBackend, solution: Solution, picture: Path) -> float:
    """From a solution to its first screenshot; closing is not counted."""
    began = time.perf_counter()
    session = await backend.launch(solution, Viewport(), 1)
    assert session.page, session.report
    await session.page.screenshot(path=picture)
    taken = time.perf_counter() - began
    await session.close()
    return taken


@contextmanager
def empty_cache() -> Iterator[None]:
    """For a while, nothing is prepared."""
    kept = os.environ.get("AGENT_JUDGE_CACHE")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AGENT_JUDGE_CACHE"] = folder
        try:
            yield
        finally:
            os.environ.pop("AGENT_JUDGE_CACHE")
            if kept is not None:
                os.environ["AGENT_JUDGE_CACHE"] = kept


async def second_against_first(folder: Path) -> AsyncIterator[str]:
    """The lines of a table: each environment's first launch, with nothing fetched before, and its second."""
    yield "| environment | first, nothing fetched | second | ratio |"
    yield "|---|---|---|---|"
    with empty_cache():
        for name in load_environments():
            if LocalBackend().missing(name):
                yield f"| `{name}` | cannot be run on this machine | | |"
                continue
            async with LocalBackend() as backend:
                times = [await seconds_to_picture(backend, sample_of(name), folder / "env.png") for _ in range(2)]
            yield f"| `{name}` | {times[0]:.2f} s | {times[1]:.2f} s | {times[0] / times[1]:.1f} × |"


async def servers_against_bare(rounds: int, folder: Path) -> list[str]:
    """Lines of a table: a server launched by us, against the same server bare and a page load in a warm browser."""
    lines = ["| environment | ours | bare server and page load | ratio |", "|---|---|---|---|"]
    async with LocalBackend() as backend:
        for name in SERVERS:
            solution = sample_of(name)
            await seconds_to_picture(backend, solution, folder / "ours.png")
            ours, bare = [], []
            for _ in range(rounds):
                ours.append(await seconds_to_picture(backend, solution, folder / "ours.png"))
                bare.append(await _bare(backend, name, solution, folder))
            ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
            lines.append(
                f"| `{name}` | {statistics.median(ours):.2f} s | {statistics.median(bare):.2f} s | {ratio:.2f} × |"
            )
    return lines


async def _bare(backend: LocalBackend, name: str, solution: Solution, folder: Path) -> float:
    """Starts the same server with the same packages and nothing around it but a network of its own."""
    environment = load_environments()[name]
    recipe = recipe_for(environment, solution)
    packages = await python_packages([*solution.dependencies, *recipe.requires])
    assert packages
    place = folder / name
    place.mkdir(exist_ok=True)
    (place / solution.entry).write_bytes(solution.files[solution.entry])
    with _own_network() as namespace:
        opened = await open_browser(backend.playwright, Network("joined", namespace))
        words = [solution.entry if word == "{entry}" else word for word in recipe.start]
        began = time.perf_counter()
        server = await asyncio.create_subprocess_exec(
            "nsenter", "--target", str(namespace), "--net", packages / "bin" / "python", *words[1:], cwd=place,
            env={**os.environ, **recipe.variables, "PYTHONPATH": str(place)},
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await _listens(namespace, _PORTS[name])
            await _look(opened.browser, _PORTS[name], recipe.rendered, folder / "bare.png")
            return time.perf_counter() - began
        finally:
            server.kill()
            await server.wait()
            await opened.close()


@contextmanager
def _own_network() -> Iterator[int]:
    """A network namespace with nothing but its loopback; gives the process that holds it."""
    box = subprocess.Popen(
        ["unshare", "--net", "sh", "-c", "ip link set lo up 2>/dev/null; echo up; exec sleep 3600"],
        stdout=subprocess.PIPE,
    )
    assert box.stdout
    box.stdout.readline()
    try:
        yield box.pid
    finally:
        box.kill()
        box.wait()


async def _listens(pid: int, port: int) -> None:
    sign = f":{port:04X} "
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        lines = [line for table in ("tcp", "tcp6") for line in _table(pid, table)]
        if any(sign in line and " 0A " in line for line in lines):
            return
        await asyncio.sleep(0.02)
    sys.exit(f"nothing listened on port {port}")


def _table(pid: int, name: str) -> list[str]:
    return Path(f"/proc/{pid}/net/{name}").read_text().splitlines()


async def _look(browser: Browser, port: int, rendered: str, picture: Path) -> None:
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    await page.goto(f"http://localhost:{port}/")
    await page.wait_for_selector(rendered, state="attached")
    await page.screenshot(path=picture)


async def measure(rounds: int) -> None:
    """Runs both comparisons and writes what came out, of the first already while the second runs."""
    lines = [
        "# Launches of every environment",
        "",
        "Written by `eval/benchmarks/launch_environments.py`: from the program that comes with an environment to "
        f"its first picture, {os.cpu_count()} cores.",
        "",
        "## Servers",
        "",
        "Ours, box and a browser of its own included, against the same server without a box, opened in a browser "
        f"that runs already; in turns, {rounds} rounds, medians. The bar is {SERVER_BAR} ×.",
        "",
    ]
    with tempfile.TemporaryDirectory() as folder:
        lines += await servers_against_bare(rounds, Path(folder))
        write(lines)
        lines += [
            "",
            "## The second launch against the first",
            "",
            "The first with an empty cache: packages are fetched, a browser is started. The second follows at once.",
            "",
        ]
        async for line in second_against_first(Path(folder)):
            lines.append(line)
            write(lines)


def write(lines: list[str]) -> None:
    """Keeps what is known so far, and prints it."""
    RESULT.write_text("\n".join(lines) + "\n")
    print(lines[-1], flush=True)


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
