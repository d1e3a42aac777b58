"""The command line program and how it ends: exit codes, one-line errors, Ctrl-C."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from agent_judge.cli import (
    agreement_command,
    doctor_command,
    rank_command,
    record_command,
    run_command,
    scenario_command,
    single_command,
)
from agent_judge.errors import AgentJudgeError

OWN_FAULT = 4

app = typer.Typer(
    name="agent-judge",
    help="Uses programs that models wrote as people did, and says which is better.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    run_command,
    single_command,
    rank_command,
    agreement_command,
    record_command,
    scenario_command,
    doctor_command,
):
    module.register(app)


def main() -> None:
    """Runs the program and exits: 0 done, 1 gate failed, 2 bad input, 3 machine lacks something, 4 our fault."""
    sys.exit(_run())


def _run() -> int:
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
    sys.stderr.write(f"agent-judge: {message}\n")
    return code
