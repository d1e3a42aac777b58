"""``agent-judge doctor`` and ``agent-judge setup``: what this machine can run, and making it able to."""

from __future__ import annotations

import asyncio
import platform
import shutil
from importlib.metadata import version
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from agent_judge.cli.output import JsonOption, Output
from agent_judge.errors import BadInput, MissingRequirement
from agent_judge.launch.chromium import find_chromium
from agent_judge.launch.local import LocalBackend
from agent_judge.launch.provision import provide, provide_browser, try_out
from agent_judge.places import cache_folder
from agent_judge.protocols import Backend
from agent_judge.read.environment import load_environments
from agent_judge.schema import Model

BASIC = ("html", "react")
"""What the bundled suite needs."""


class Readiness(Model):
    """Whether this machine can run an environment."""

    environment: str
    title: str
    ready: bool
    missing: tuple[tuple[str, str], ...] = ()
    """What is missing, and the command that installs it."""


class Report(Model):
    """What ``doctor`` answers."""

    versions: dict[str, str]
    environments: tuple[Readiness, ...]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(doctor)
    app.command()(setup)


def doctor(json: JsonOption = "") -> None:
    """Says which environments this machine can run, and what the others need."""
    output = Output(json)
    report = Report(versions=_versions(), environments=_readiness(LocalBackend()))
    for name, found in report.versions.items():
        output.say(f"{name:<12} {escape(found)}")
    table = Table("environment", "", "missing", "command that installs it")
    for line in report.environments:
        state = "[green]ready[/green]" if line.ready else "[red]missing[/red]"
        table.add_row(
            f"{line.environment} [dim]{escape(line.title)}[/dim]",
            state,
            escape("\n".join(what for what, _ in line.missing)),
            escape("\n".join(command for _, command in line.missing)),
        )
    output.console.print(table)
    output.result(report)


def setup(
    environments: Annotated[str, typer.Option("--environments", help="Names with commas between, or all.")] = ",".join(
        BASIC
    ),
) -> None:
    """Installs what environments need, so that later runs are fast and need no network."""
    output = Output()
    known = load_environments()
    names = list(known) if environments == "all" else [name.strip() for name in environments.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise BadInput(f"--environments: there is no environment {name!r}; there are {', '.join(known)}")
    provide_browser(output.say)
    left = provide(LocalBackend(), names, output.say)
    if left:
        raise MissingRequirement(
            "could not be installed: " + "; ".join(f"{missing.what} ({missing.command})" for missing in left)
        )
    asyncio.run(_try_out(names, output))


async def _try_out(names: list[str], output: Output) -> None:
    async with LocalBackend() as backend:
        await try_out(backend, names, output.say)


def _versions() -> dict[str, str]:
    try:
        browser = str(find_chromium())
    except MissingRequirement as error:
        browser = str(error)
    return {
        "agent-judge": version("agent-judge"),
        "python": platform.python_version(),
        "playwright": version("playwright"),
        "browser": browser,
        "bubblewrap": shutil.which("bwrap") or "not found",
        "node": shutil.which("node") or "not found",
        "cache": str(cache_folder()),
    }


def _readiness(backend: Backend) -> tuple[Readiness, ...]:
    return tuple(
        Readiness(
            environment=name,
            title=environment.title,
            ready=not (missing := backend.missing(name)),
            missing=tuple((lack.what, lack.command) for lack in missing),
        )
        for name, environment in load_environments().items()
    )
