"""``agent-judge compare``, ``audit`` and ``replay``: one or two solutions."""

from __future__ import annotations

import asyncio
import shlex
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from agent_judge import api
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
    WeightsOption,
    judging_of,
)
from agent_judge.cli.output import JsonOption, Output
from agent_judge.cli.run_command import RUNS, TOO_EARLY, FreshOption, InteractionOption, estimate_run
from agent_judge.errors import BadInput
from agent_judge.store import RunFolder

SolutionArgument = Annotated[str, typer.Argument(help="A file, a folder, or the URL of something that is running.")]
TaskOption = Annotated[
    str, typer.Option("--task", metavar="TEXT|@FILE", help="What was asked for: the text, or @FILE.")
]
ScenarioOption = Annotated[
    list[Path] | None,
    typer.Option("--scenario", metavar="FILE", help="How to use it, may be repeated; explored without any."),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder for the evidence; runs/<command>-<time> by default.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(compare)
    app.command()(audit)
    app.command()(replay)


def compare(
    a: SolutionArgument,
    b: SolutionArgument,
    task: TaskOption,
    scenario: ScenarioOption = None,
    judge: Annotated[str, typer.Option("--judge", metavar="NAME", help=JUDGES)] = "evidence",
    out: OutOption = None,
    interaction: InteractionOption = True,
    fresh: FreshOption = False,
    weights: WeightsOption = None,
    mode: ModeOption = "code+interaction",
    image_tokens: ImageTokensOption = 8_000,
    max_cost: MaxCostOption = None,
    batch: BatchOption = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a comparison that was stopped; --out names its folder.")
    ] = False,
    replay_responses: ReplayResponsesOption = False,
    driver: DriverOption = "",
    chooser: ChooserOption = "",
    sandbox: SandboxOption = "local",
    dry_run: DryRunOption = False,
    json: JsonOption = "",
) -> None:
    """Decides which of two solutions is the better answer to a task."""
    output = Output(json)
    if resume and out is None:
        raise BadInput("--resume: name the folder of the comparison that was stopped with --out")
    judging = judging_of(
        weights, mode, image_tokens, max_cost,
        batch=batch, replay_responses=replay_responses, driver=driver, chooser=chooser,
    )  # fmt: skip
    words, scenarios = _text(task), scenario or []
    if dry_run:
        suite = api.comparison_of(a, b, words, scenarios, judge=judge, sandbox=sandbox)
        estimate_run(suite, [], 2, interaction, judging, sandbox)
        return
    folder = out or _new_folder("compare")
    try:
        comparison = asyncio.run(
            api.compare(
                a,
                b,
                words,
                scenarios=scenarios,
                judge=judge,
                out=folder,
                interaction=interaction,
                resume=resume,
                reuse=not fresh,
                judging=judging,
                sandbox=sandbox,
            )
        )
    except KeyboardInterrupt:
        how = f"stopped; nothing is lost. Go on with the same command and: --out {shlex.quote(str(folder))} --resume"
        raise Stopped(how if RunFolder(folder).exists() else TOO_EARLY) from None
    output.comparison(comparison)
    output.say(f"report: {escape(str(folder / 'report.html'))}")
    output.result(comparison)


def audit(
    solution: SolutionArgument,
    task: TaskOption = "",
    scenario: ScenarioOption = None,
    out: OutOption = None,
    fresh: FreshOption = False,
    sandbox: SandboxOption = "local",
    json: JsonOption = "",
) -> None:
    """Launches and uses one solution, and tells what was found."""
    output = Output(json)
    folder = out or _new_folder("audit")
    found = asyncio.run(
        api.audit(solution, _text(task), scenarios=scenario or [], out=folder, reuse=not fresh, sandbox=sandbox)
    )
    output.audit(found)
    output.say(f"evidence: {escape(str(folder / 'evidence'))}")
    output.result(found)


def replay(
    scenario: Annotated[Path, typer.Argument(help="A scenario's file.")],
    solution: SolutionArgument,
    out: OutOption = None,
    fresh: FreshOption = False,
    sandbox: SandboxOption = "local",
    json: JsonOption = "",
) -> None:
    """Uses a solution as a scenario says, and tells how each step went."""
    output = Output(json)
    folder = out or _new_folder("replay")
    result = asyncio.run(api.replay(scenario, solution, out=folder, reuse=not fresh, sandbox=sandbox))
    output.replayed(result)
    output.say(f"evidence: {escape(str(folder / 'evidence'))}")
    output.result(result)


def _text(given: str) -> str:
    if not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"--task {given}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise BadInput(f"--task {given}: not UTF-8 text") from None


def _new_folder(command: str) -> Path:
    return RUNS / f"{command}-{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}"
