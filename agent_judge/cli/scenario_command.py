"""``agent-judge scenario``: check, import, export and mine scenarios."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from agent_judge.cli.output import Output
from agent_judge.drive.record_arena import resolve_arena, size_of
from agent_judge.drive.record_events import parse_recording
from agent_judge.drive.record_steps import scenario_from_recording
from agent_judge.errors import BadInput
from agent_judge.launch.local import LocalBackend
from agent_judge.read.formats.arena_log import ArenaEvent, parse_arena_log, scenario_from_arena
from agent_judge.read.formats.devtools_export import devtools_from_scenario
from agent_judge.read.formats.imported import Imported
from agent_judge.read.formats.importing import MAX_BYTES, import_recording
from agent_judge.read.formats.pytest_export import pytest_from_scenario
from agent_judge.read.marked import read_text
from agent_judge.read.mine import MineConfig
from agent_judge.read.mine import mine as mine_sessions
from agent_judge.read.scenario import load_scenario, scenario_problems, scenario_schema
from agent_judge.read.solution import solution_from_path
from agent_judge.read.write_scenario import scenario_yaml
from agent_judge.schema import Solution
from agent_judge.wording import counted

_SCENARIO_FILES = (".yaml", ".yml", ".json")

scenarios = typer.Typer(help="Check, import, export and mine scenarios.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(scenarios, name="scenario")


@scenarios.command()
def check(
    paths: Annotated[list[Path], typer.Argument(help="Scenario files, or folders of them.")],
) -> None:
    """Says file, line and column of everything that is wrong."""
    files = [file for path in paths for file in _scenario_files(path)]
    problems = [problem for file in files for problem in scenario_problems(file)]
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise BadInput(f"{counted(len(problems), 'problem')} in {counted(len(files), 'file')}")
    typer.echo(f"{counted(len(files), 'file')} {'is' if len(files) == 1 else 'are'} right")


@scenarios.command()
def schema(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where to write it.")] = Path(
        "scenario.schema.json"
    ),
) -> None:
    """Writes the JSON Schema of scenario files, for editors."""
    written(out, json.dumps(scenario_schema(), indent=2) + "\n")


@scenarios.command("import")
def import_(
    recording: Annotated[Path, typer.Argument(help="A recording of another tool.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The scenario file to write.")],
    kind: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            help="devtools, codegen-jsonl, codegen-python, rrweb, arena, recorder; found out if not given.",
        ),
    ] = "",
    solution: Annotated[
        str,
        typer.Option("--solution", metavar="PATH", help="For a log of coordinates (arena): what it was recorded on."),
    ] = "",
) -> None:
    """Reads a recording of Chrome DevTools, Playwright codegen, rrweb, an arena, or our recorder's script."""
    found = _found(recording, kind, solution)
    for note in found.notes:
        typer.echo(f"note: {note}", err=True)
    written(out, scenario_yaml(found.scenario))


@scenarios.command()
def export(
    scenario: Annotated[Path, typer.Argument(help="A scenario file.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The file to write.")],
    kind: Annotated[Literal["devtools", "pytest"], typer.Option("--format", help="What to write.")] = "devtools",
    address: Annotated[
        str, typer.Option("--address", metavar="URL", help="Where the program is.")
    ] = "http://localhost:8000/",
) -> None:
    """Writes a scenario as a Chrome DevTools recording or as a pytest file for Playwright."""
    loaded = load_scenario(scenario)
    if kind == "pytest":
        written(out, pytest_from_scenario(loaded, address))
        return
    exported = devtools_from_scenario(loaded, address)
    for note in exported.notes:
        typer.echo(f"note: {note}", err=True)
    written(out, exported.text())


@scenarios.command()
def mine(
    logs: Annotated[list[Path], typer.Argument(help="Recordings of one task, one a person.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Folder for the scenarios.")],
    task: Annotated[str, typer.Option("--task", help="Id of the task that they are of.")] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="How many scenarios to keep.")] = 20,
    people: Annotated[int, typer.Option("--people", min=1, help="Leave out what fewer people did.")] = 1,
    idle: Annotated[float, typer.Option("--idle", min=0.1, help="Seconds of pause that end a session.")] = 30,
) -> None:
    """Turns many raw sessions of one task into few clean scenarios, the most common first."""
    output = Output()
    config = MineConfig(most=most, least_people=people, idle_seconds=idle)
    found = mine_sessions([import_recording(log) for log in logs], task, config)
    for number, mined in enumerate(found, start=1):
        file = out / f"{number:02d}-{mined.scenario.id}.yaml"
        written(file, scenario_yaml(mined.scenario))
        output.say(f"{escape(str(file))}: {counted(len(mined.scenario.steps), 'step')}, done by {len(mined.people)}")
    output.say(f"{counted(len(found), 'scenario')} from {counted(len(logs), 'session')}")


def _found(recording: Path, kind: str, solution: str) -> Imported:
    if kind == "recorder":
        text = read_text(recording, MAX_BYTES)
        return scenario_from_recording(parse_recording(text, str(recording)), str(recording))
    if solution:
        events = parse_arena_log(read_text(recording, MAX_BYTES), str(recording))
        return asyncio.run(_from_coordinates(events, solution_from_path(solution), str(recording)))
    if kind == "arena":
        raise BadInput(f"{recording}: a log of coordinates: name what it was recorded on with --solution")
    return import_recording(recording, kind)


async def _from_coordinates(events: Sequence[ArenaEvent], solution: Solution, name: str) -> Imported:
    async with LocalBackend() as backend:
        session = await backend.launch(solution, size_of(events), 0)
        try:
            resolved = await resolve_arena(session, events)
        finally:
            await session.close()
    found = scenario_from_arena(events, resolved.elements, name)
    if not resolved.died:
        return found
    return replace(found, notes=(f"{name}: the solution ended before the log did: {resolved.died}", *found.notes))


def _scenario_files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.suffix in _SCENARIO_FILES)
    if not found:
        raise BadInput(f"{path}: holds no scenario files ({', '.join(_SCENARIO_FILES)})")
    return found


def written(path: Path, text: str) -> None:
    """Writes a file, and the folders that it is in.

    Raises:
        BadInput: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror}") from error
