"""``agent-judge demo`` and ``agent-judge run``."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from agent_judge.cli.judge_options import (
    BatchOption,
    DriverOption,
    DryRunOption,
    ImageTokensOption,
    MaxCostOption,
    ModeOption,
    ReplayResponsesOption,
    WeightsOption,
    judging_of,
)
from agent_judge.cli.output import JsonOption, Output
from agent_judge.cli.progress import RunProgress
from agent_judge.errors import BadInput
from agent_judge.judging import Judging
from agent_judge.places import demo_suite
from agent_judge.plan import plan_of
from agent_judge.read.suite import Suite, load_suite
from agent_judge.run import estimate_suite, run_suite
from agent_judge.schema import Leaderboard
from agent_judge.store import RunFolder

RUNS = Path("runs")

OutOption = Annotated[
    Path | None, typer.Option("--out", help="The run folder to make; runs/<suite>-<time> by default.")
]
JobsOption = Annotated[
    int, typer.Option("--jobs", min=1, max=256, help="How many solutions are used at the same time.")
]
JudgeOption = Annotated[list[str] | None, typer.Option("--judge", help="Judge, may be repeated; else the suite's own.")]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")]
InteractionOption = Annotated[
    bool, typer.Option("--interaction/--no-interaction", help="Use the solutions, or judge their first screenshot.")
]
FreshOption = Annotated[
    bool, typer.Option("--fresh", help="Use every solution anew, even where its evidence is known.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(demo)
    app.command()(run)


def demo(
    out: OutOption = None,
    jobs: JobsOption = os.cpu_count() or 2,
    interaction: InteractionOption = True,
    fresh: FreshOption = False,
    json: JsonOption = "",
) -> None:
    """Runs the bundled suite: programs of four models, used, judged and ranked."""
    _run(demo_suite(), out, [], jobs, False, interaction, fresh, json, Judging())


def run(
    suite: Annotated[Path, typer.Argument(help="A suite's folder.")],
    out: OutOption = None,
    judge: JudgeOption = None,
    jobs: JobsOption = os.cpu_count() or 2,
    resume: ResumeOption = False,
    interaction: InteractionOption = True,
    fresh: FreshOption = False,
    weights: WeightsOption = None,
    mode: ModeOption = "code+interaction",
    image_tokens: ImageTokensOption = 8_000,
    max_cost: MaxCostOption = None,
    batch: BatchOption = False,
    replay_responses: ReplayResponsesOption = False,
    driver: DriverOption = "",
    dry_run: DryRunOption = False,
    json: JsonOption = "",
) -> None:
    """Runs a suite: uses and judges every model's solutions, and ranks the models."""
    judging = judging_of(
        weights, mode, image_tokens, max_cost, batch=batch, replay_responses=replay_responses, driver=driver
    )
    if dry_run:
        _estimate(load_suite(suite), judge or [], jobs, interaction, judging)
        return
    _run(suite, out, judge or [], jobs, resume, interaction, fresh, json, judging)


def _run(
    path: Path,
    out: Path | None,
    judges: list[str],
    jobs: int,
    resume: bool,
    interaction: bool,
    fresh: bool,
    json: str,
    judging: Judging,
) -> None:
    suite = load_suite(path)
    folder = RunFolder(out or (_latest(suite) if resume else _new_folder(suite)))
    if resume and folder.exists():
        begun = folder.read_run()
        judges, interaction = list(begun.judges), begun.interaction
    plan = plan_of(suite, len(judges or suite.judges), interaction)
    output = Output(json)
    size = f"{plan.tasks} tasks, {len(suite.models)} models, {plan.launches} launches, {plan.battles} battles"
    output.say(f"{escape(suite.name)}: {size}")
    with RunProgress(plan) as progress:
        try:
            leaderboard = asyncio.run(
                run_suite(
                    suite,
                    folder.path,
                    judges=judges,
                    jobs=jobs,
                    interaction=interaction,
                    resume=resume,
                    reuse=not fresh,
                    judging=judging,
                    progress=progress,
                )
            )
        except KeyboardInterrupt:
            _say_how_to_resume(path, folder.path)
            raise
    _show(output, leaderboard, folder)


def _estimate(suite: Suite, judges: list[str], jobs: int, interaction: bool, judging: Judging) -> None:
    with RunProgress(plan_of(suite, 0, interaction)) as progress:
        cost = asyncio.run(
            estimate_suite(suite, judges, judging=judging, jobs=jobs, interaction=interaction, progress=progress)
        )
    output = Output()
    output.say(f"requests       {cost.requests:>12,}")
    output.say(f"prompt tokens  {cost.prompt_tokens:>12,}  of them images {cost.image_tokens:,}")
    for name, dollars in (("expected", cost.usd_expected), ("at most", cost.usd_at_most)):
        output.say(f"{name:<14} {f'{dollars:,.2f} US dollars' if dollars is not None else 'price not known':>12}")
    output.say("nothing was sent")


def _show(output: Output, leaderboard: Leaderboard, folder: RunFolder) -> None:
    output.leaderboard(leaderboard)
    for note in folder.read_run().notes:
        output.say(f"[yellow]left out:[/yellow] {escape(note)}")
    output.say(f"report: {escape(str(folder.report))}")
    output.result(leaderboard)


def _say_how_to_resume(suite: Path, folder: Path) -> None:
    command = shlex.join(["agent-judge", "run", str(suite), "--out", str(folder), "--resume"])
    sys.stderr.write(f"\nNothing is lost. Go on with:\n  {command}\n")


def _new_folder(suite: Suite) -> Path:
    """A folder of this minute; another number where there is one already."""
    stem = f"{suite.name}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    names = [stem, *(f"{stem}-{number}" for number in range(2, 100))]
    return next(RUNS / name for name in names if not (RUNS / name).exists())


def _latest(suite: Suite) -> Path:
    runs = [RunFolder(file.parent) for file in RUNS.glob("*/run.json")]
    same = [folder for folder in runs if _is_of(folder, suite)]
    if not same:
        raise BadInput(f"--resume: no run of {suite.name} as it is now is in {RUNS}/; name its folder with --out")
    return max(same, key=lambda folder: folder.read_run().created).path


def _is_of(folder: RunFolder, suite: Suite) -> bool:
    try:
        return folder.read_run().suite_digest == suite.digest
    except BadInput:  # some other version's run
        return False
