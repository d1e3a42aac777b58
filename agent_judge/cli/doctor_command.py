"""``agent-judge doctor`` and ``agent-judge setup``: what this machine can run, and making it able to."""

from __future__ import annotations

import asyncio
import platform
import shutil
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from agent_judge.cli.output import JsonOption, Output
from agent_judge.errors import BadInput, DriverError, MissingRequirement
from agent_judge.launch.backends import SANDBOXES, backend_of
from agent_judge.launch.chromium import find_chromium
from agent_judge.launch.docker_provider import DockerProvider
from agent_judge.launch.e2b_provider import E2BProvider
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


class SandboxReadiness(Model):
    """Whether this machine can make a kind of sandbox."""

    sandbox: str
    ready: bool
    missing: tuple[tuple[str, str], ...] = ()
    """What is missing, and the command that installs it."""


class Report(Model):
    """What ``doctor`` answers."""

    versions: dict[str, str]
    sandboxes: tuple[SandboxReadiness, ...]
    environments: tuple[Readiness, ...]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(doctor)
    app.command()(setup)


def doctor(json: JsonOption = "") -> None:
    """Says which environments this machine can run, where, and what is missing."""
    output = Output(json)
    report = Report(versions=_versions(), sandboxes=_sandboxes(), environments=_readiness(LocalBackend()))
    for name, found in report.versions.items():
        output.say(f"{name:<12} {escape(found)}")
    sandboxes = _table("sandbox", [(f"--sandbox {line.sandbox}", line.missing) for line in report.sandboxes])
    output.console.print(sandboxes)
    lines = [(f"{line.environment} [dim]{escape(line.title)}[/dim]", line.missing) for line in report.environments]
    output.console.print(_table("environment, locally", lines))
    output.result(report)


def _table(what: str, lines: Sequence[tuple[str, tuple[tuple[str, str], ...]]]) -> Table:
    table = Table(what, "", "missing", "command that installs it")
    for name, missing in lines:
        table.add_row(
            name,
            "[red]missing[/red]" if missing else "[green]ready[/green]",
            escape("\n".join(what for what, _ in missing)),
            escape("\n".join(command for _, command in missing)),
        )
    return table


def setup(
    environments: Annotated[
        str, typer.Option("--environments", metavar="NAMES", help="Names with commas between, or all.")
    ] = ",".join(BASIC),
    sandbox: Annotated[
        str, typer.Option("--sandbox", metavar="NAME", help=f"Where they are to run: {', '.join(SANDBOXES)}.")
    ] = "local",
) -> None:
    """Installs what environments need, so that later runs are fast and need no network.

    Of all environments, those that cannot be had on this machine are named and left out. For docker it builds the
    image, for e2b the template, which have what all environments need.
    """
    output = Output()
    known = load_environments()
    everything = environments == "all"
    names = list(known) if everything else [name.strip() for name in environments.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise BadInput(f"--environments: there is no environment {name!r}; there are {', '.join(known)}")
    backend = backend_of(sandbox)
    match sandbox:
        case "docker":
            DockerProvider().build_image(output.say)
        case "e2b":
            E2BProvider().build_template(output.say)
        case _:
            provide_browser(output.say)
    left = provide(backend, names, output.say)
    troubles = {name: "; ".join(f"{one.what} ({one.command})" for one in lacking) for name, lacking in left.items()}
    troubles |= asyncio.run(_try_out(backend, [name for name in names if name not in left], output))
    needed = BASIC if everything else names
    for name in troubles.keys() - set(needed):
        output.say(f"{name} cannot be had here and is left out: {escape(troubles[name])}")
    if lacking := [name for name in needed if name in troubles]:
        raise MissingRequirement(_accounts(lacking, troubles))


async def _try_out(backend: Backend, names: list[str], output: Output) -> dict[str, str]:
    """Why environments do not work, by name; those that do are left out."""
    troubles = {}
    async with backend:
        for name in names:
            try:
                await try_out(backend, name, output.say)
            except (MissingRequirement, DriverError) as error:
                troubles[name] = str(error)
    return troubles


def _accounts(names: list[str], troubles: Mapping[str, str]) -> str:
    """Each trouble once, with the environments that have it."""
    having: dict[str, list[str]] = {}
    for name in names:
        having.setdefault(troubles[name], []).append(name)
    return "not ready: " + "; ".join(f"{', '.join(those)}: {trouble}" for trouble, those in having.items())


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


def _sandboxes() -> tuple[SandboxReadiness, ...]:
    lacking = {name: backend_of(name).missing("none") for name in SANDBOXES}
    return tuple(
        SandboxReadiness(sandbox=name, ready=not missing, missing=tuple((one.what, one.command) for one in missing))
        for name, missing in lacking.items()
    )


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
