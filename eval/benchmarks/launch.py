"""React answer to first screenshot: ours, against `vite build`, a static server and a screenshot.

In turns, round by round, each side once the machine is at rest. Ours is told twice: for an answer whose icons
were met before, and for one with icons that this machine has never bundled, which are drawn by lot. The template
that Vite builds in is prepared: its packages are installed and its configuration is written, only the answer is
copied in. The other side's server and browser live in a network namespace of their own. Its browser is started for
every answer, as pipelines do that know no warm one, or kept warm, which is kinder to it; both are told, and it is
pictured as soon as the application shows something. Prints the ratios and writes ``eval/results/launch.md``. Usage::

    python eval/benchmarks/launch.py [rounds]
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.async_api import Browser

from agent_judge.launch.chromium import Network, open_browser
from agent_judge.launch.local import LocalBackend
from agent_judge.launch.npm import fetch_packages, installed_version
from agent_judge.read.solution import solution_from_path
from agent_judge.schema import Viewport

ICONS = ("Plus", "Trash2")
"""What the answer imports from lucide-react."""
ANSWER = Path(__file__).parents[1] / "suites" / "demo" / "solutions" / "birch" / "todo-list.tsx"
RESULT = Path(__file__).parents[1] / "results" / "launch.md"
BAR = 5.0
PORT = 8123
PREPARE_SECONDS = 300
REST_LOOKS = 20
CALM = 40
"""Per cent of the processors that others may use when a side begins; after ``REST_LOOKS`` looks it begins anyway."""
PACKAGES = {
    "vite": "8", "@vitejs/plugin-react": "6", "@tailwindcss/vite": "4", "tailwindcss": "4", "react": "19",
    "react-dom": "19", "lucide-react": "0.468.0",
}  # fmt: skip
TEMPLATE = {
    "index.html": '<!doctype html><div id="root"></div><script type="module" src="/src/main.jsx"></script>',
    "src/main.jsx": """import { createRoot } from "react-dom/client";
import "./index.css";
import App from "./Answer.tsx";
createRoot(document.getElementById("root")).render(<App />);
""",
    "src/index.css": '@import "tailwindcss";\n',
    "package.json": '{"type": "module"}',
    "vite.config.js": """import react from "@vitejs/plugin-react";
import tailwindcss from "@tailwindcss/vite";
export default { plugins: [react(), tailwindcss()], logLevel: "error" };
""",
}


@dataclass(frozen=True)
class Peer:
    """The prepared template, and the network that its server and browser share."""

    template: Path
    namespace: int
    browser: Browser
    packages: Path


@contextlib.asynccontextmanager
async def prepared(backend: LocalBackend) -> AsyncIterator[tuple[Peer, str]]:
    """Installs the template and opens the other side's network and browser."""
    print("installing the template's packages ...", flush=True)
    async with asyncio.timeout(PREPARE_SECONDS):
        packages = await fetch_packages(PACKAGES)
    print("template ready", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder)
        for name, text in TEMPLATE.items():
            (template / name).parent.mkdir(exist_ok=True)
            (template / name).write_text(text)
        (template / "node_modules").symlink_to(packages / "node_modules")
        box = await asyncio.create_subprocess_exec(
            "bwrap", "--ro-bind", "/", "/", "--unshare-net", "--die-with-parent",
            "sh", "-c", "echo up; exec sleep 3600",
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert box.stdout
        await box.stdout.readline()
        inside = psutil.Process(box.pid).children(recursive=True)
        namespace = inside[0].pid if inside else box.pid
        opened = await open_browser(backend.playwright, Network("joined", namespace))
        try:
            yield Peer(template, namespace, opened.browser, packages), installed_version(packages, "vite")
        finally:
            await opened.close()
            box.kill()
            await box.wait()


async def theirs(peer: Peer, backend: LocalBackend, picture: Path, *, warm: bool) -> None:
    """Builds, serves and pictures the answer."""
    await asyncio.to_thread(shutil.copyfile, ANSWER, peer.template / "src" / "Answer.tsx")
    build = await asyncio.create_subprocess_exec("node", "node_modules/vite/bin/vite.js", "build", cwd=peer.template)
    if await build.wait():
        raise SystemExit("vite build failed")
    server = await asyncio.create_subprocess_exec(
        "nsenter", "--target", str(peer.namespace), "--net", sys.executable, "-u", "-m", "http.server", str(PORT),
        cwd=peer.template / "dist", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert server.stdout
        await server.stdout.readline()
        if warm:
            await shoot(peer.browser, picture)
        else:
            opened = await open_browser(backend.playwright, Network("joined", peer.namespace))
            await shoot(opened.browser, picture)
            await opened.close()
    finally:
        server.kill()
        await server.wait()


async def shoot(browser: Browser, picture: Path) -> None:
    """Pictures the served page once it has loaded."""
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    await page.goto(f"http://127.0.0.1:{PORT}/", wait_until="load")
    await page.wait_for_selector("#root *")
    await page.screenshot(path=picture)
    await page.close()


async def ours(backend: LocalBackend, picture: Path, answer: Path = ANSWER) -> None:
    """Launches and pictures the answer."""
    session = await backend.launch(solution_from_path(answer), Viewport(), 1)
    assert session.page, session.report
    await session.page.screenshot(path=picture)
    await session.close()


def with_other_icons(packages: Path, folder: Path) -> Path:
    """The answer with icons drawn by lot in place of its own."""
    index = packages / "node_modules" / "lucide-react" / "dist" / "esm" / "lucide-react.js"
    listed = re.findall(r"^export \{ default as (\w+),", index.read_text(encoding="utf-8"), re.MULTILINE)
    source = ANSWER.read_text(encoding="utf-8")
    for icon, other in zip(ICONS, random.SystemRandom().sample(listed, len(ICONS)), strict=True):
        source = re.sub(rf"\b{icon}\b(?=[ ,]|\s*/>)", f"{other}", source)
    answer = folder / ANSWER.name
    answer.write_text(source, encoding="utf-8")
    return answer


async def at_rest() -> None:
    """Waits until what ran before has ended: it is no part of what follows."""
    for _ in range(REST_LOOKS):
        if await asyncio.to_thread(psutil.cpu_percent, 0.5) < CALM:
            return


async def timed(doing: Callable[[], Awaitable[None]]) -> float:
    """How many seconds something takes."""
    await at_rest()
    began = time.perf_counter()
    await doing()
    return time.perf_counter() - began


async def measure(rounds: int) -> None:
    """Runs all sides in turns and writes what came out."""
    seconds: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        pictures = Path(folder)
        async with LocalBackend() as backend, prepared(backend) as (peer, version):
            first = await timed(lambda: ours(backend, pictures / "ours.png"))
            await theirs(peer, backend, pictures / "theirs.png", warm=True)
            for number in range(rounds):
                print(f"round {number + 1} of {rounds}", flush=True)
                seconds["ours"].append(await timed(lambda: ours(backend, pictures / "ours.png")))
                other = with_other_icons(peer.packages, pictures)
                side = timed(lambda other=other: ours(backend, pictures / "other.png", other))  # type: ignore[misc]  # a default of a lambda
                seconds["other"].append(await side)
                for warm in (False, True):
                    name = "warm" if warm else "fresh"
                    side = timed(lambda warm=warm: theirs(peer, backend, pictures / "theirs.png", warm=warm))  # type: ignore[misc]  # a default of a lambda
                    seconds[name].append(await side)
    report(seconds, first, version, rounds)


def report(seconds: dict[str, list[float]], first: float, version: str, rounds: int) -> None:
    """Prints the ratios and writes the result file."""
    middle = {name: statistics.median(values) for name, values in seconds.items()}

    def ratio(name: str, to: str) -> float:
        return statistics.median(b / a for a, b in zip(seconds[to], seconds[name], strict=True))

    names = {
        "other": "ours, with icons that were never bundled before",
        "ours": "ours: compiled, loaded, at rest, pictured",
        "fresh": f"vite {version} build, static server, browser started, pictured",
        "warm": f"vite {version} build, static server, warm browser, pictured",
    }
    lines = [
        "# Launch of a React answer",
        "",
        "Written by `eval/benchmarks/launch.py`: from a React answer (TypeScript, Tailwind, lucide-react) to its "
        f"first picture; in turns, {rounds} rounds, {os.cpu_count()} cores. The ratio of Vite is to the first line; in "
        f"brackets, to the second.",
        "",
        "| | median | least | most | ratio |",
        "|---|---|---|---|---|",
    ]
    for name, values in seconds.items():
        times = f"{ratio(name, 'ours'):.1f} × ({ratio(name, 'other'):.1f} ×)" if name in ("fresh", "warm") else ""
        lines.append(f"| {names[name]} | {middle[name]:.2f} s | {min(values):.2f} s | {max(values):.2f} s | {times} |")
    lines += ["", f"The first launch of ours, browser start included, took {first:.2f} s. The bar is {BAR:.0f} ×."]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
