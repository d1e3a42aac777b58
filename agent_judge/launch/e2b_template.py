"""Builds the template of sandboxes at E2B from the definition that Docker's image is built from."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from e2b import BuildException, LogEntry, Template
from e2b.template.main import TemplateBuilder
from e2b_dockerfile_utils import parse_dockerfile_ast

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.launch.e2b_faults import FAULTS, refusal
from agent_judge.launch.e2b_given import GIVEN, name_of, packed
from agent_judge.launch.pip import Unavailable
from agent_judge.launch.remote import guests_python
from agent_judge.launch.toolchain import Toolchain
from agent_judge.launch.toolchain_plan import plan_for
from agent_judge.places import data_folder
from agent_judge.read.environment import Environment, load_environments
from agent_judge.read.solution import solution_from_path
from agent_judge.schema import Model

_INSTALLS = "apt-get install"
_STRICT = "set -euo pipefail; "
_PACKAGES = ("/packages", "/node_modules")


class TemplateSize(Model):
    """What each sandbox of the template has, as ``sandbox/e2b/template.toml`` says."""

    name: str
    processors: int
    memory_mib: int


@cache
def template_name() -> str:
    """The template that this version needs: named after what it is built from."""
    size = _size()
    digest = hashlib.sha256(_dockerfile().encode() + repr(size).encode()).hexdigest()
    return f"{size.name}-{digest[:16]}"


def template(archives: Sequence[str] = (), context: Path | None = None) -> TemplateBuilder:
    """The template: all that ``sandbox/Dockerfile`` installs.

    What else the Dockerfile does is the container's alone: in a sandbox at E2B a room of our own takes its place
    (``sandbox/e2b/room.py``), which is brought there with each solution.

    Args:
        archives: Names of packed folders that solutions usually read, so that they need not be brought each time.
        context: Where those are.
    """
    known: dict[str, str] = {}
    builder = Template(file_context_path=context or data_folder("sandbox"))
    made: TemplateBuilder | None = None
    for instruction in parse_dockerfile_ast(_dockerfile()).instructions:
        words = instruction.args
        if instruction.name == "ARG":
            name, _, value = words[0].partition("=")
            known[f"${{{name}}}"] = value
        elif instruction.name == "FROM":
            made = builder.from_image(known.get(words[0], words[0])).set_user("root")
        elif instruction.name == "ENV" and made is not None:
            made.set_envs(dict(zip(words[0::3], words[1::3], strict=True)))
        elif instruction.name == "RUN" and made is not None and _INSTALLS in words[0]:
            # The SDK knows no SHELL instruction.
            made.run_cmd(_STRICT + words[0], user="root")
    assert made is not None, "the Dockerfile has a FROM"
    for archive in archives:
        place = f"{GIVEN}/{archive.removesuffix('.tar.gz')}"
        made.copy(archive, f"/tmp/{archive}", user="root")
        made.run_cmd(
            f"{_STRICT}mkdir -p {place}; tar -xzf /tmp/{archive} -C {place} --no-same-owner; "
            f"chmod -R a+rX {GIVEN}; rm /tmp/{archive}",
            user="root",
        )
    return made.set_user("user")


def build_template(say: Callable[[str], None]) -> None:
    """Builds the template at E2B; layers that an earlier build has in common with it are not built again.

    Args:
        say: Told what takes its time.

    Raises:
        MissingRequirement: E2B does not let us, or a step fails there.
        DriverError: E2B fails.
    """

    def tell(entry: LogEntry) -> None:
        if entry.level != "debug" and (text := entry.message.strip()):
            say(text.splitlines()[0][:100])

    say("packing what solutions usually need")
    folders = asyncio.run(_usual_folders())
    with tempfile.TemporaryDirectory(prefix="agent-judge-template-") as context:
        archives = []
        for folder in folders:
            archive = asyncio.run(packed(folder))
            _link(archive, Path(context) / archive.name)
            archives.append(f"{name_of(folder)}.tar.gz")
        say("building the template of sandboxes at E2B: the first time takes some minutes")
        size = _size()
        try:
            Template.build(
                template(archives, Path(context)), template_name(),
                cpu_count=size.processors, memory_mb=size.memory_mib, on_build_logs=tell,
            )  # fmt: skip
        except BuildException as fault:
            raise MissingRequirement(f"E2B cannot build the template: {' '.join(str(fault).split())[:300]}") from fault
        except FAULTS as fault:
            raise refusal(fault, "the builder") from fault


def _link(archive: Path, place: Path) -> None:
    try:
        os.link(archive, place)
    except OSError:  # Another file system.
        shutil.copyfile(archive, place)


async def _usual_folders() -> list[Path]:
    """The packages that the samples of the environments need."""
    folders: dict[Path, None] = {}
    for environment in load_environments().values():
        if environment.kind == "page":
            continue
        for sample in environment.folder.glob("sample.*"):
            folders |= dict.fromkeys(await _packages_of(environment, sample))
    return list(folders)


async def _packages_of(environment: Environment, sample: Path) -> list[Path]:
    async def none(_: object) -> Toolchain:
        return Toolchain(python="python3", packages_for=guests_python())

    try:
        plan = await plan_for(environment, solution_from_path(sample), none)
    except (Unavailable, MissingRequirement, DriverError):
        return []  # It is brought with each solution then, or cannot be had at all.
    return [mount.source for mount in plan.mounts if mount.target in _PACKAGES]


def _size() -> TemplateSize:
    with (data_folder("sandbox") / "e2b" / "template.toml").open("rb") as file:
        return TemplateSize.model_validate(tomllib.load(file))


def _dockerfile() -> str:
    return (data_folder("sandbox") / "Dockerfile").read_text(encoding="utf-8")
