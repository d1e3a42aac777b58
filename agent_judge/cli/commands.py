"""The commands by name. The module of a command is loaded when the command is called for, so that help is quick."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
import typer.main
from typer.core import TyperGroup

from agent_judge.errors import AgentJudgeError, BadInput

COMMANDS = {
    "demo": ("run_command", "Runs the bundled suite: programs of four models, used, judged and ranked."),
    "run": ("run_command", "Runs a suite: uses and judges every model's solutions, and ranks the models."),
    "compare": ("single_command", "Decides which of two solutions is the better answer to a task."),
    "audit": ("single_command", "Launches and uses one solution, and tells what was found."),
    "replay": ("single_command", "Uses a solution as a scenario says, and tells how each step went."),
    "rank": ("rank_command", "Ranks models by their battles, with bootstrapped 95 % intervals."),
    "agreement": (
        "agreement_command",
        "Measures how far judges agree with people's votes, with intervals, biases and calibration.",
    ),
    "calibrate": (
        "agreement_command",
        "Fits the evidence judge's weights to votes; claims a gain only where held-out tasks support it.",
    ),
    "reliability": (
        "reliability_command",
        "Learns from runs how far each member of a panel can be trusted.",
    ),
    "record": (
        "record_command",
        "Opens a browser to use a solution in; what is done there becomes a scenario, once the window is closed.",
    ),
    "recorder": ("record_command", "Writes the recorder's script, for a page that embeds the program in a frame."),
    "scenario": ("scenario_command", "Check, import, export and mine scenarios."),
    "doctor": ("doctor_command", "Says which environments this machine can run, where, and what is missing."),
    "setup": ("doctor_command", "Installs what environments need, so that later runs are fast and need no network."),
}
"""Each with the module that it is in and the first line of its help."""
_VALUES = {int: "N", float: "NUMBER", Path: "PATH"}
"""How help names values of a type; all others are text."""


class Stopped(AgentJudgeError):
    """Whoever started a command asked it to stop. The message says how to go on."""

    exit_code = 130


class Commands(TyperGroup):
    """Knows the names and help of all commands, and loads the one that is called.

    What is wrong with the arguments is told in one line, as any other bad input; so is being stopped.
    """

    def make_context(self, *args: Any, **more: Any) -> Any:
        """Reads the arguments before the command."""
        with _one_line():
            return super().make_context(*args, **more)

    def invoke(self, ctx: Any) -> Any:
        """Calls the command, which reads its own arguments."""
        with _one_line(ctx):
            return super().invoke(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Finds the command that the first argument names."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(name) if name else None, rest


_UsageError: Any = typer.BadParameter.__bases__[0]
"""What Typer raises for arguments that it cannot read; it does not export it."""


@contextlib.contextmanager
def _one_line(called: Any = None) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise Stopped(_how_to_go_on(called.invoked_subcommand if called else None)) from None
    except _UsageError as error:
        context = getattr(error, "ctx", None)
        if type(error).__name__ == "NoArgsIsHelpError" or context is None:
            raise
        what = " ".join(str(error.format_message()).split()).rstrip(".")
        raise BadInput(f"{what}; see {context.command_path} --help") from error


def _how_to_go_on(name: str | None) -> str:
    if name in COMMANDS and any(option.name == "resume" for option in load(name).params):
        return "stopped; what was finished is kept: go on with --resume and the name of the folder that it is in"
    return "stopped before it was done; there is nothing to resume: give the same command to begin again"


def new_app(**more: Any) -> typer.Typer:
    """An empty program with the settings that all of ours have."""
    return typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
        **more,
    )


def announce(app: typer.Typer) -> None:
    """Tells the program of every command, without loading any."""
    for name, (_, help_line) in COMMANDS.items():
        app.command(name, help=help_line, short_help=help_line)(_stub)


def load(name: str) -> Any:
    """Loads a command."""
    app = new_app()
    importlib.import_module(f"agent_judge.cli.{COMMANDS[name][0]}").register(app)
    command = typer.main.get_group(app).commands[name]
    _in_plain_words(command)
    return command


def _in_plain_words(command: Any) -> None:
    """Lets help name what is to be given as manuals do, and not by Python's types."""
    for below in getattr(command, "commands", {}).values():
        _in_plain_words(below)
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            parameter.metavar = parameter.name.upper()
            written = parameter.metavar + ("..." if parameter.nargs != 1 else "")
            parameter.get_usage_pieces = lambda ctx, written=written: [written]
            parameter.display_type_rich = lambda ctx: ""
        elif parameter.metavar is None and not parameter.is_flag:
            described = parameter.type_descriptor
            choices = "|".join(described.choices) if described.is_choice else ""
            parameter.metavar = choices or _VALUES.get(described.annotation, "TEXT")


def _stub() -> None:
    """Stands for a command that is not loaded."""
