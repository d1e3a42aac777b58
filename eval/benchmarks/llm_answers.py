"""Answers that a model really wrote, launched: what each of them is, how it starts, and whether it shows something.

Prints the table and writes ``eval/results/llm_answers.md``. Usage::

    python eval/benchmarks/llm_answers.py ANSWERS.jsonl TRUTH.toml [FOLDER FOR SCREENSHOTS]

Each line of the answers is ``{"id", "instruction", "response"}``. The truth, read by hand, is one table per id:
``environment``, ``language``, and ``runs``, whether it can start and go on; ``first_reading`` where a launch showed the
reading before it to be wrong. The answers themselves are not kept.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent_judge.drive.appearance import appearance
from agent_judge.launch.local import LocalBackend
from agent_judge.launch.session import BrowserSession
from agent_judge.read.answer import solution_from_answer
from agent_judge.read.environment import load_environments
from agent_judge.schema import Solution, Viewport

RESULT = Path(__file__).parents[1] / "results" / "llm_answers.md"
RUNNING = ("ready", "finished")
TOGETHER = 2


@dataclass(frozen=True)
class Row:
    """What became of one answer."""

    name: str
    solution: Solution
    outcome: str
    reason: str
    seconds: float
    shows: str
    """What is to be seen: a page, output, pictures, or nothing."""
    truth: dict[str, Any]

    @property
    def recognised(self) -> bool:
        """Whether environment and language are those of the truth."""
        return (self.solution.environment, self.solution.language) == (
            self.truth["environment"],
            self.truth["language"],
        )

    @property
    def as_told(self) -> bool:
        """Whether it runs exactly if the truth says that it can."""
        return (self.outcome in RUNNING) == bool(self.truth["runs"])


async def launched(backend: LocalBackend, answer: dict[str, str], truth: dict[str, Any], pictures: Path | None) -> Row:
    """Launches one answer and looks at its page."""
    solution = solution_from_answer(answer["response"], answer["instruction"])
    session = await backend.launch(solution, Viewport(), 0)
    try:
        picture = await session.page.screenshot() if session.page else b""
    finally:
        await session.close()
    if pictures and picture:
        (pictures / f"{answer['id']}.png").write_bytes(picture)
    report = session.report
    shows = seen(session, solution, picture)
    return Row(answer["id"], solution, report.outcome, report.reason, report.seconds, shows, truth)


def seen(session: BrowserSession, solution: Solution, picture: bytes) -> str:
    """What there is to be seen of a solution."""
    report = session.report
    if not picture:
        return "nothing"
    if load_environments()[solution.environment].kind == "program":
        parts = ["output"] if report.stdout.strip() else []
        parts += ["errors"] if report.stderr.strip() else []
        parts += [f"{len(report.artifacts)} files"] if report.artifacts else []
        return ", ".join(parts) or "a page that says: no output"
    return "nothing (one colour)" if appearance(picture).blank else "its page"


async def measure(lines: list[dict[str, str]], truth: dict[str, Any], pictures: Path | None) -> list[Row]:
    """Launches every answer, a few at a time."""
    turn = asyncio.Semaphore(TOGETHER)

    async def one(answer: dict[str, str]) -> Row:
        async with turn:
            row = await launched(backend, answer, truth[answer["id"]], pictures)
            print(row.name, row.outcome, row.reason, row.shows, sep=" | ", flush=True)
            return row

    async with LocalBackend() as backend:
        return sorted(await asyncio.gather(*map(one, lines)), key=lambda row: row.name)


def report(rows: list[Row]) -> None:
    """Prints the counts and writes the result file."""
    running = [row for row in rows if row.outcome in RUNNING]
    failed = [row for row in rows if row.outcome not in RUNNING]
    corrected = sum("first_reading" in row.truth for row in rows)
    lines = [
        "# Answers of a model, launched",
        "",
        f"Written by `eval/benchmarks/llm_answers.py`: {len(rows)} answers that a model wrote, some of them broken, "
        "against what each of them is, read by hand.",
        "",
        f"- Environment and language are right for {sum(row.recognised for row in rows)} of {len(rows)}.",
        f"- {len(running)} run; {sum(row.as_told for row in rows)} of {len(rows)} run or fail as the reading by hand "
        f"says. For {corrected} of them the reading was corrected after a launch (marked *): read first as running, "
        "they fail for a reason that is in their code and that the first reading had missed.",
        f"- {sum(bool(row.reason) for row in failed)} of {len(failed)} that fail name a reason.",
        "",
        "| answer | environment | language | outcome | reason | shows | seconds | by hand |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [
            row.name,
            f"{row.solution.environment}{'' if row.recognised else ' (wrong)'}",
            row.solution.language,
            f"{row.outcome}{'' if row.as_told else ' (unexpected)'}",
            row.reason,
            row.shows,
            f"{row.seconds:.1f}",
            row.truth["note"]
            + (f" (* first read: {row.truth['first_reading']})" if "first_reading" in row.truth else ""),
        ]
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines[4:7]))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    answers = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    by_hand = tomllib.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    report(asyncio.run(measure(answers, by_hand, Path(sys.argv[3]) if len(sys.argv) > 3 else None)))
