"""``agent-judge compare``, ``audit`` and ``replay``: one or two solutions."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from agent_judge import api
from agent_judge.cli.judge_options import (
    DriverOption,
    ImageTokensOption,
    MaxCostOption,
    ModeOption,
    WeightsOption,
    judging_of,
)
from agent_judge.cli.output import JsonOption, Output
from agent_judge.cli.run_command import RUNS, FreshOption, InteractionOption
from agent_judge.errors import BadInput

SolutionArgument = Annotated[str, typer.Argument(help="A file, a folder, or the URL of something that is running.")]
TaskOption = Annotated[str, typer.Option("--task", help="What was asked for: the text, or @FILE.")]
ScenarioOption = Annotated[
    list[Path] | None, typer.Option("--scenario", help="How to use it, may be repeated; explored without any.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Folder for the evidence; runs/<command>-<time> by default.")
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
    judge: Annotated[str, typer.Option("--judge", help="Who decides.")] = "evidence",
    out: OutOption = None,
    interaction: InteractionOption = True,
    fresh: FreshOption = False,
    weights: WeightsOption = None,
    mode: ModeOption = "code+interaction",
    image_tokens: ImageTokensOption = 8_000,
    max_cost: MaxCostOption = None,
    driver: DriverOption = "",
    json: JsonOption = "",
) -> None:
    """Decides which of two solutions is the better answer to a task."""
    output = Output(json)
    folder = out or _new_folder("compare")
    comparison = asyncio.run(
        api.compare(
            a,
            b,
            _text(task),
            scenarios=scenario or [],
            judge=judge,
            out=folder,
            interaction=interaction,
            reuse=not fresh,
            judging=judging_of(weights, mode, image_tokens, max_cost, driver=driver),
        )
    )
    output.comparison(comparison)
    output.say(f"report: {escape(str(folder / 'report.html'))}")
    output.result(comparison)


def audit(
    solution: SolutionArgument,
    task: TaskOption = "",
    scenario: ScenarioOption = None,
    out: OutOption = None,
    fresh: FreshOption = False,
    json: JsonOption = "",
) -> None:
    """Launches and uses one solution, and tells what was found."""
    output = Output(json)
    folder = out or _new_folder("audit")
    found = asyncio.run(api.audit(solution, _text(task), scenarios=scenario or [], out=folder, reuse=not fresh))
    output.audit(found)
    output.say(f"evidence: {escape(str(folder / 'evidence'))}")
    output.result(found)


def replay(
    scenario: Annotated[Path, typer.Argument(help="A scenario's file.")],
    solution: SolutionArgument,
    out: OutOption = None,
    fresh: FreshOption = False,
    json: JsonOption = "",
) -> None:
    """Uses a solution as a scenario says, and tells how each step went."""
    output = Output(json)
    folder = out or _new_folder("replay")
    result = asyncio.run(api.replay(scenario, solution, out=folder, reuse=not fresh))
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
