"""The command line program and how it ends: exit codes, one-line errors, Ctrl-C."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import sys
import traceback
from typing import Annotated

import typer

from agent_judge.cli.commands import Commands, Stopped, announce, new_app
from agent_judge.errors import AgentJudgeError

OWN_FAULT = 4

app = new_app(name="agent-judge", cls=Commands, no_args_is_help=True)
announce(app)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"agent-judge {importlib.metadata.version('agent-judge')}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """Uses programs that models wrote as people did, and says which is better."""


def run() -> int:
    """Runs the program.

    Returns:
        The exit code: 0 done, 1 gate failed, 2 bad input, 3 machine lacks something, 4 our fault, 130 stopped.
    """
    if os.environ.get("AGENT_JUDGE_DEBUG"):
        logging.basicConfig()
        logging.getLogger("agent_judge").setLevel(logging.DEBUG)
    try:
        app()
    except AgentJudgeError as error:
        return _say(str(error), error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read our output has enough
        return 0
    except Exception as error:  # noqa: BLE001 - the last resort: a fault of ours still ends in one line
        if os.environ.get("AGENT_JUDGE_DEBUG"):
            traceback.print_exc()
        first = str(error).splitlines()[0] if str(error) else ""
        hint = "AGENT_JUDGE_DEBUG=1 shows where"
        return _say(f"a fault of agent-judge itself: {type(error).__name__}: {first} ({hint})", OWN_FAULT)
    return 0


def _say(message: str, code: int) -> int:
    begin = "\n" if code == Stopped.exit_code and sys.stderr.isatty() else ""  # after the terminal's own ^C
    sys.stderr.write(f"{begin}agent-judge: {message}\n")
    return code
