"""All commands are known by name and help before any is loaded, so that help is quick."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from agent_judge.cli.commands import COMMANDS, load

HEAVY = ("langgraph", "playwright", "numpy", "scipy", "pydantic", "rich")


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_announced_is_what_the_command_says_of_itself(name: str) -> None:
    command = load(name)
    assert command.name == name
    assert command.help.splitlines()[0] == COMMANDS[name][1]


def test_help_names_every_command_in_full_and_loads_none() -> None:
    code = (
        "import sys; from agent_judge.cli.app import app\n"
        "sys.argv = ['agent-judge', '--help']\n"
        "try: app()\n"
        f"finally: print('loaded:', *[name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "loaded:\n" in done.stdout
    words = " ".join(done.stdout.split())
    assert [line for _, line in COMMANDS.values() if line not in words] == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--version"], 0, "agent-judge "),
        (["rnu"], 2, "Did you mean 'run'?"),
        (["rank", "-h"], 0, "--judge-aware"),
        (["scenario", "check", "-h"], 0, "Says file, line and column"),
    ],
)
def test_commands_are_found(arguments: list[str], code: int, said: str) -> None:
    done = subprocess.run([sys.executable, "-m", "agent_judge", *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == code
    assert said in done.stdout + done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_help_names_values_as_manuals_do(name: str) -> None:
    command = load(name)
    for one in (command, *getattr(command, "commands", {}).values()):
        told = one.get_help(one.make_context(one.name, [], resilient_parsing=True))
        assert re.findall(r"<(?:int|float|str|path|list)\b|\{\w+\}", told) == []
