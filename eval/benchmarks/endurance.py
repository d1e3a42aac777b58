"""A hundred launches in a row, every tenth of them hostile: what the machine has afterwards that it had before.

Counts what hangs on this process (everything that it started, wherever it hid, since orphans come back to it), its
open files, the memory of all, and what lies in the folder for temporary files: after one launch of each kind, and after
all, each time with the warm browser closed, whose own helpers come and go. Writes ``eval/results/endurance.md``.
Usage::

    python eval/benchmarks/endurance.py [launches]
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from playwright.async_api import TimeoutError

from agent_judge.launch.local import LocalBackend
from agent_judge.read.environment import load_environments
from agent_judge.read.solution import solution_from_path
from agent_judge.schema import Solution, Viewport

RESULT = Path(__file__).parents[1] / "results" / "endurance.md"
HOSTILE_SHARE = 10
"""One in so many."""
_REST_SECONDS = 20
_LOOK_SECONDS = 0.5

HOSTILE = {
    "forks without end": ("interpreter", "python", "import os\nwhile True: os.fork()\n"),
    "takes all memory": ("interpreter", "python", "kept = []\nwhile True: kept.append(bytearray(1 << 24))\n"),
    "wants to outlive its session": (
        "interpreter",
        "python",
        "import os, time\nfor _ in range(20):\n    if not os.fork():\n        os.setsid()\n"
        "        if not os.fork(): time.sleep(3600)\n        os._exit(0)\n",
    ),
    "writes without end": ("interpreter", "python", "while True: print('x' * 10_000)\n"),
    "opens windows and workers without end": (
        "html",
        "html",
        "<script>for (let i = 0; i < 60; i++) { open('about:blank'); new Worker('data:text/javascript,for(;;){}'); }"
        "</script><p>Hello",
    ),
}


@dataclass(frozen=True)
class Holdings:
    """What a process and all that it started hold."""

    processes: int
    open_files: int
    memory_mib: float
    """Of its own: what it shares with other programs comes and goes with them."""
    temporary: int
    """Entries in our folder for temporary files."""


@dataclass
class Endured:
    """What many launches came to."""

    before: Holdings
    after: Holdings
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each kind of program ended how."""


def samples(environments: Sequence[str]) -> list[tuple[str, Solution]]:
    """The small programs that come with environments, by the environment's name."""
    folders = {name: load_environments()[name].folder for name in environments}
    return [(name, solution_from_path(next(folder.glob("sample.*")))) for name, folder in folders.items()]


def hostile() -> list[tuple[str, Solution]]:
    """Programs that mean harm, by what they do."""
    return [
        (name, Solution(environment=environment, language=language, entry=entry, files={entry: code.encode()}))
        for name, (environment, language, code) in HOSTILE.items()
        for entry in ("index.html" if environment == "html" else "main.py",)
    ]


async def endure(launches: int, programs: Sequence[tuple[str, Solution]]) -> Endured:
    """Launches programs in turn, one in :data:`HOSTILE_SHARE` of them hostile."""
    with _own_temporary_folder():
        return await _endure(launches, programs)


@contextlib.contextmanager
def _own_temporary_folder() -> Iterator[None]:
    """One that nobody else on this machine puts anything into."""
    usual = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="endurance-") as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = usual


async def _endure(launches: int, programs: Sequence[tuple[str, Solution]]) -> Endured:
    bad = hostile()
    async with LocalBackend() as backend:
        for _, solution in (*programs, *bad):
            await _launch(backend, solution)
    before = _holdings()
    outcomes: Counter[tuple[str, str]] = Counter()
    good_ones, bad_ones = itertools.cycle(programs), itertools.cycle(bad)
    async with LocalBackend() as backend:
        for number in range(1, launches + 1):
            name, solution = next(bad_ones if number % HOSTILE_SHARE == 0 else good_ones)
            outcomes[name, await _launch(backend, solution)] += 1
            if number % HOSTILE_SHARE == 0:
                sys.stderr.write(f"{number} of {launches} launches\n")
    return Endured(before, await _at_rest(before), outcomes)


async def _launch(backend: LocalBackend, solution: Solution) -> str:
    session = await backend.launch(solution, Viewport(), 1)
    try:
        if session.page and not session.death():
            with contextlib.suppress(TimeoutError):  # A hostile page may leave no time for one.
                await session.page.screenshot()
    finally:
        await session.close()
    return session.report.outcome


async def _at_rest(before: Holdings) -> Holdings:
    """What is held once everything that is about to end has ended, or after a while."""
    until = time.monotonic() + _REST_SECONDS
    while (held := _holdings()).processes > before.processes and time.monotonic() < until:  # noqa: ASYNC110 - nobody tells when a process is gone
        await asyncio.sleep(_LOOK_SECONDS)
    return held


def _holdings() -> Holdings:
    ours = psutil.Process()
    everyone = [ours, *ours.children(recursive=True)]
    memory = 0
    for process in everyone:
        with contextlib.suppress(psutil.NoSuchProcess):
            told = process.memory_info()
            memory += told.rss - told.shared
    temporary = len(list(Path(tempfile.gettempdir()).iterdir()))
    return Holdings(len(everyone), ours.num_fds(), memory / 2**20, temporary)


async def measure(launches: int) -> None:
    """Launches everything that this machine can run, and writes what came out."""
    names = [name for name in load_environments() if not LocalBackend().missing(name)]
    endured = await endure(launches, samples(names))
    rows = [
        ("processes", endured.before.processes, endured.after.processes),
        ("open files", endured.before.open_files, endured.after.open_files),
        ("own memory of all processes (MiB)", round(endured.before.memory_mib), round(endured.after.memory_mib)),
        ("temporary files and folders", endured.before.temporary, endured.after.temporary),
    ]
    lines = [
        "# Many launches in a row",
        "",
        f"Written by `eval/benchmarks/endurance.py`: {launches} launches, one in {HOSTILE_SHARE} of them hostile, "
        "after one of each kind. Counted: the process that launches, and everything that it started.",
        "",
        "| | before | after |",
        "|---|---|---|",
        *(f"| {what} | {before} | {after} |" for what, before, after in rows),
        "",
        "| program | outcome | times |",
        "|---|---|---|",
        *(f"| {name} | {outcome} | {times} |" for (name, outcome), times in sorted(endured.outcomes.items())),
    ]
    RESULT.write_text("\n".join(lines) + "\n")
    sys.stdout.write(RESULT.read_text())


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
