"""``agent-judge demo`` and ``agent-judge run``."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from agent_judge.begin import Wishes, begin
from agent_judge.cli.commands import Stopped
from agent_judge.cli.judge_options import (
    JUDGES,
    BatchOption,
    ChooserOption,
    DriverOption,
    DryRunOption,
    ImageTokensOption,
    MaxCostOption,
    ModeOption,
    ReplayResponsesOption,
    SandboxOption,
    SuiteSandboxOption,
    WeightsOption,
    given_options,
    judging_of,
)
from agent_judge.cli.output import JsonOption, Output
from agent_judge.cli.progress import RunProgress
from agent_judge.errors import BadInput
from agent_judge.places import demo_suite
from agent_judge.plan import Plan, plan_of
from agent_judge.read.suite import Suite, load_suite
from agent_judge.run import estimate_suite, run_suite
from agent_judge.schema import Judging, Leaderboard
from agent_judge.store import RunFolder
from agent_judge.wording import counted

RUNS = Path("runs")
_NOTES_SHOWN = 10
TOO_EARLY = "stopped before anything was used; there is nothing to resume: give the same command to begin again"

OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="The run folder to make; runs/<suite>-<time> by default.")
]
JobsOption = Annotated[
    int, typer.Option("--jobs", min=1, max=256, help="How many solutions are used at the same time.")
]
JudgeOption = Annotated[
    list[str] | None,
    typer.Option("--judge", metavar="NAME", help=f"{JUDGES} May be repeated; the suite's own if not given."),
]
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
    sandbox: SandboxOption = "local",
    json: JsonOption = "",
) -> None:
    """Runs the bundled suite: programs of four models, used, judged and ranked."""
    wishes = Wishes(interaction=interaction, reuse=not fresh, sandbox=sandbox)
    _run(demo_suite(), out, jobs, False, wishes, Output(json))


def run(
    context: typer.Context,
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
    chooser: ChooserOption = "",
    sandbox: SuiteSandboxOption = "",
    dry_run: DryRunOption = False,
    json: JsonOption = "",
) -> None:
    """Runs a suite: uses and judges every model's solutions, and ranks the models."""
    given = given_options(context)
    judging = judging_of(
        weights, mode, image_tokens, max_cost,
        batch=batch, replay_responses=replay_responses, driver=driver, chooser=chooser, given=given,
    )  # fmt: skip
    if dry_run:
        estimate_run(load_suite(suite), judge or [], jobs, interaction, judging, sandbox)
        return
    wishes = Wishes(
        judges=tuple(judge or ()),
        interaction=interaction if "interaction" in given else None,
        reuse=not fresh if "fresh" in given else None,
        judging=judging,
        sandbox=sandbox,
    )
    _run(suite, out, jobs, resume, wishes, Output(json))


def _run(path: Path, out: Path | None, jobs: int, resume: bool, wishes: Wishes, output: Output) -> None:
    suite = load_suite(path)
    folder = RunFolder(out or (_latest(suite) if resume else _new_folder(suite)))
    if resume and not folder.exists():
        output.say(f"{escape(str(folder.path))} holds no run yet: a new one begins there")
    begun = begin(folder, suite, wishes, resume=resume)
    plan = plan_of(suite, len(begun.judges), begun.interaction)
    output.say(f"{escape(suite.name)}: {_size(plan, suite)}")
    with RunProgress(plan) as progress:
        try:
            leaderboard = asyncio.run(
                run_suite(
                    suite,
                    folder.path,
                    judges=wishes.judges,
                    jobs=jobs,
                    interaction=wishes.interaction,
                    resume=resume,
                    reuse=wishes.reuse,
                    judging=wishes.judging,
                    sandbox=wishes.sandbox,
                    progress=progress,
                )
            )
        except KeyboardInterrupt:
            raise Stopped(_how_to_resume(path, folder)) from None
    _show(output, leaderboard, folder)


def estimate_run(
    suite: Suite, judges: Sequence[str], jobs: int, interaction: bool, judging: Judging, sandbox: str
) -> None:
    """Says what judging a suite would send and cost."""
    # Judges that replay need no key and send nothing; models that use programs would be asked already.
    silent = judging.model_copy(update={"replay_responses": True, "driver": "", "chooser": ""})
    with RunProgress(plan_of(suite, 0, interaction)) as progress:
        cost = asyncio.run(
            estimate_suite(
                suite, judges, judging=silent, jobs=jobs, interaction=interaction, sandbox=sandbox, progress=progress
            )
        )
    Output().estimate(cost, judging.driver, judging.chooser)


def _size(plan: Plan, suite: Suite) -> str:
    return ", ".join(
        counted(number, what)
        for number, what in (
            (plan.tasks, "task"), (len(suite.models), "model"), (plan.launches, "launch"), (plan.battles, "battle"),
        )
    )  # fmt: skip


def _show(output: Output, leaderboard: Leaderboard, folder: RunFolder) -> None:
    output.leaderboard(leaderboard)
    run = folder.read_run()
    for note in run.notes[:_NOTES_SHOWN]:
        output.say(f"[yellow]to know:[/yellow] {escape(note)}")
    if len(run.notes) > _NOTES_SHOWN:
        output.say(f"[yellow]to know:[/yellow] {len(run.notes) - _NOTES_SHOWN} more, see the report")
    if run.totals:
        output.totals(run.totals)
    output.say(f"report: {escape(str(folder.report))}")
    output.result(leaderboard)


def _how_to_resume(suite: Path, folder: RunFolder) -> str:
    if not folder.exists():
        return TOO_EARLY
    command = shlex.join(["agent-judge", "run", str(suite), "--out", str(folder.path), "--resume"])
    return f"stopped; nothing is lost. Go on with:\n  {command}"


def _new_folder(suite: Suite) -> Path:
    """A folder of this minute; another number where there is one already."""
    stem = f"{suite.name}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    names = [stem, *(f"{stem}-{number}" for number in range(2, 100))]
    return next(RUNS / name for name in names if not (RUNS / name).exists())


def _latest(suite: Suite) -> Path:
    runs = [RunFolder(file.parent) for file in RUNS.glob("*/run.json")]
    same = [folder for folder in runs if _is_of(folder, suite)]
    if not same:
        raise BadInput(
            f"--resume: {RUNS}/ holds no run of the suite {suite.name!r} in its present form: "
            "start one without --resume, or name a run's folder with --out"
        )
    return max(same, key=lambda folder: folder.read_run().created).path


def _is_of(folder: RunFolder, suite: Suite) -> bool:
    try:
        return folder.read_run().suite_digest == suite.digest
    except BadInput:  # some other version's run
        return False
