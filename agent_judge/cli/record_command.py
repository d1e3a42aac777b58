"""``agent-judge record``: a person uses a solution in a real browser, and a scenario is written."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from agent_judge.cli.output import Output
from agent_judge.cli.scenario_command import written
from agent_judge.drive.record import Recorder, until_left
from agent_judge.drive.record_events import standalone_script
from agent_judge.errors import BadInput
from agent_judge.launch.local import LocalBackend
from agent_judge.read.formats.imported import Imported
from agent_judge.read.scenario import load_scenario
from agent_judge.read.solution import solution_from_path
from agent_judge.read.write_scenario import scenario_yaml
from agent_judge.schema import Solution, Viewport
from agent_judge.wording import counted

OutOption = Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The scenario file to write.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(record)
    app.command("recorder")(recorder)


def record(
    solution: Annotated[str, typer.Argument(help="A file, a folder, or the URL of something that is running.")],
    out: OutOption,
    title: Annotated[str, typer.Option("--title", help="What the scenario shows, in words.")] = "",
    task: Annotated[str, typer.Option("--task", help="Id of the task that it is of.")] = "",
    width: Annotated[int, typer.Option("--width", min=200, max=4096, help="Width of the page.")] = 1280,
    height: Annotated[int, typer.Option("--height", min=200, max=4096, help="Height of the page.")] = 800,
) -> None:
    """Opens a browser to use a solution in; what is done there becomes a scenario, once the window is closed."""
    if not out.parent.is_dir():
        raise BadInput(f"{out}: there is no folder {out.parent}")
    output = Output()
    read = solution_from_path(solution)
    recorded = asyncio.run(_recorded(read, Viewport(width=width, height=height), out.name, title, output))
    scenario = recorded.scenario.model_copy(update={"task": task})
    written(out, scenario_yaml(scenario))
    for note in recorded.notes:
        output.say(f"note: {escape(note)}")
    if not any(step.files for step in scenario.steps):  # What is uploaded is not beside the scenario yet.
        load_scenario(out)
    output.say(f"{escape(str(out))}: {counted(len(scenario.steps), 'step')}")


def recorder(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The script to write.")] = Path(
        "recorder.js"
    ),
) -> None:
    """Writes the recorder's script, for a page that embeds the program in a frame."""
    written(out, standalone_script())


async def _recorded(solution: Solution, viewport: Viewport, name: str, title: str, output: Output) -> Imported:
    async with LocalBackend(visible=True) as backend:
        session = await backend.launch(solution, viewport, 0)
        try:
            if session.page is None or session.report.outcome not in ("ready", "finished"):
                raise BadInput(f"it cannot be used: {session.report.outcome}: {session.report.reason}")
            recorder = Recorder(session.page)
            await recorder.start()
            output.say("Use the program in the window; close it, or press Ctrl-C here, when you are done.")
            with _interruptible() as stop:
                died = await until_left(session, stop)
        finally:
            await session.close()
    if died:
        output.say(f"the program ended by itself: {escape(died)}")
    return recorder.scenario(name, title)


@contextlib.contextmanager
def _interruptible() -> Iterator[asyncio.Event]:
    """An event that Ctrl-C sets, and being asked to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for one in signals:
        loop.add_signal_handler(one, stop.set)
    try:
        yield stop
    finally:
        for one in signals:
            loop.remove_signal_handler(one)
