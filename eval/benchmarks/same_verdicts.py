"""The demo suite through every kind of sandbox: whether the verdicts are the same.

Each sandbox runs the whole suite by itself; E2B's part is played by a service of our own on this machine. Prints and
writes ``eval/results/same_verdicts.md``. Usage::

    python -m eval.benchmarks.same_verdicts [sandbox ...]
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent_judge.launch.backends import SANDBOXES
from agent_judge.schema import Leaderboard
from tests.backends.e2b_service import serving

SUITE = Path(__file__).parents[1] / "suites" / "demo"
RESULT = Path(__file__).parents[1] / "results" / "same_verdicts.md"
JOBS = 2

Battle = tuple[str, str, str]
"""A task and the two models."""


@dataclass(frozen=True)
class Ran:
    """What came of the suite in one kind of sandbox."""

    winners: dict[Battle, str]
    order: list[str]
    """Models, best first."""
    seconds: float


async def run(sandbox: str, place: Path) -> Ran:
    """Runs the suite as a user does.

    Raises:
        RuntimeError: The run did not end well.
    """
    out, began = place / sandbox, time.monotonic()
    command = ["-m", "agent_judge", "run", str(SUITE), "--sandbox", sandbox, "--out", str(out), "--jobs", str(JOBS)]
    with _service(sandbox):
        process = await asyncio.create_subprocess_exec(sys.executable, *command, "--fresh", stdout=sys.stderr)
        if code := await process.wait():
            raise RuntimeError(f"{sandbox}: exit code {code}")
    battles = [json.loads(line) for line in (out / "battles.jsonl").read_text(encoding="utf-8").splitlines()]
    winners = {(one["task_id"], one["model_a"], one["model_b"]): str(one["winner"]) for one in battles}
    board = Leaderboard.model_validate_json((out / "leaderboard.json").read_bytes())
    return Ran(winners, [one.model for one in board.models], time.monotonic() - began)


@contextlib.contextmanager
def _service(sandbox: str) -> Iterator[None]:
    if sandbox != "e2b":
        yield
        return
    with serving() as service:
        os.environ |= service.variables()
        yield


def table(found: dict[str, Ran]) -> str:
    """The result as Markdown."""
    (first, usual), *_ = found.items()
    lines = [
        "# The same suite in every sandbox",
        "",
        f"Written by `eval/benchmarks/same_verdicts.py`: the demo suite, judged by evidence, {JOBS} programs at once. "
        f"Compared with {first}.",
        "",
        "| sandbox | battles | other verdicts | other order of models | seconds |",
        "|---|---|---|---|---|",
    ]
    details = []
    for sandbox, ran in found.items():
        others = [one for one in sorted(usual.winners | ran.winners) if usual.winners.get(one) != ran.winners.get(one)]
        same = "no" if ran.order == usual.order else "yes"
        lines.append(f"| {sandbox} | {len(ran.winners)} | {len(others)} | {same} | {ran.seconds:.0f} |")
        details += [
            f"- {sandbox}, {' '.join(one)}: {ran.winners.get(one)}, but {usual.winners.get(one)} in {first}"
            for one in others
        ]
    return "\n".join([*lines, *(["", *details] if details else [])]) + "\n"


async def measure(sandboxes: Sequence[str]) -> dict[str, Ran]:
    """Runs the suite in each sandbox, one after the other."""
    with tempfile.TemporaryDirectory(prefix="agent-judge-same-") as place:
        return {sandbox: await run(sandbox, Path(place)) for sandbox in sandboxes}


def main() -> None:
    """Measures, prints and writes."""
    text = table(asyncio.run(measure(sys.argv[1:] or SANDBOXES)))
    print(text)
    RESULT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
