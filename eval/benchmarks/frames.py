"""What the chosen frames cost in tokens, against sending every screenshot, at equal coverage of changed steps.

Prints the table and writes ``eval/results/frames.md``. Usage::

    python eval/benchmarks/frames.py [RUN FOLDER]

Without a run folder, the bundled suite is run first.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from PIL import Image

from agent_judge.judge.frames import album, candidates, tokens_as_sent
from agent_judge.judge.model_judge import Sight
from agent_judge.places import demo_suite
from agent_judge.run import run_suite
from agent_judge.schema import Evidence
from agent_judge.store import EvidenceStore, RunFolder, joined

RESULT = Path(__file__).parents[1] / "results" / "frames.md"
BAR = 0.35
NO_LIMIT = 10_000_000


@dataclass(frozen=True)
class Row:
    """One solution under its scenarios."""

    name: str
    screenshots: int
    changed: int
    """Steps that changed something or failed, with distinct pictures."""
    every: int
    """Tokens of every screenshot, sent as it is."""
    chosen: int
    """Tokens of the sheets that show the start and every changed step."""
    within: int
    """Tokens of the sheets within the usual budget of one solution."""
    shown: int
    """Frames on these."""


def measured(name: str, evidence: Evidence, root: Path, budget: int) -> Row:
    """Counts the tokens of one solution's pictures."""
    paths = [o.screenshot for t in evidence.trajectories for o in t.observations if o.screenshot]
    every = 0
    for path in paths:
        with Image.open(root / path) as image:
            every += tokens_as_sent(*image.size)
    frames = candidates(evidence, root)
    whole, within = album(frames, NO_LIMIT), album(frames, budget)
    if set(whole.shown) != {frame.reference for frame in frames}:
        raise AssertionError(f"{name}: not every changed step is shown")
    return Row(name, len(paths), len(frames), every, whole.tokens, within.tokens, len(within.shown))


def table(rows: list[Row], budget: int) -> str:
    """The results as Markdown."""
    every, chosen = sum(r.every for r in rows), sum(r.chosen for r in rows)
    within, shown, changed = (sum(getattr(r, name) for r in rows) for name in ("within", "shown", "changed"))
    ratios = [r.chosen / r.every for r in rows]
    lines = [
        "# Frames: what a judge's pictures cost",
        "",
        "Tokens of the pictures that a model judge is shown, against sending every screenshot as it is. Both show",
        "every step that changed something or failed; `eval/benchmarks/frames.py` measures it on the bundled suite.",
        "",
        f"**{chosen / every:.0%}** of the tokens in all (bar: at most {BAR:.0%}); per solution the median is "
        f"{median(ratios):.0%}, the worst {max(ratios):.0%}.",
        f"Within the usual budget of {budget:,} tokens per solution: {within / every:.0%} of the tokens, "
        f"and {shown / changed:.0%} of the frames, the most telling first.",
        "",
        "| solution | screenshots | frames | every screenshot | chosen frames | share | in the budget | frames in it |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {r.name} | {r.screenshots} | {r.changed} | {r.every:,} | {r.chosen:,} | {r.chosen / r.every:.0%} "
        f"| {r.within:,} | {r.shown} |"
        for r in rows
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measures a run's evidence."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp()) / "run"
    if not folder.exists():
        asyncio.run(run_suite(demo_suite(), folder))
    run = RunFolder(folder)
    store = EvidenceStore(run.evidence, None)
    budget = Sight().image_budget // 2
    rows = []
    for entry in run.read_run().entries:
        parts = [part for key in entry.evidence if (part := store.get(key))]
        if parts:
            rows.append(measured(f"{entry.task_id}, {entry.model}", joined(parts), run.evidence, budget))
    text = table(rows, budget)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
