"""Builds the image of sandboxes from ``sandbox/Dockerfile``, where no registry can be reached too."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from docker.client import DockerClient
from docker.errors import APIError, DockerException, ImageNotFound

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.places import data_folder

_REPOSITORY = "agent-judge"
_BASE = "debian:12-slim"
_IMPORTED = "agent-judge-base:debian-12"
_SUITE, _MIRROR = "bookworm", "http://deb.debian.org/debian"
_SECONDS = 3600
_PIECE = 1024 * 1024


@cache
def image_name() -> str:
    """The image that this version needs: named after what it is built from."""
    digest = hashlib.sha256()
    for name, content in _context().items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return f"{_REPOSITORY}:{digest.hexdigest()[:16]}"


def build_image(client: DockerClient, say: Callable[[str], None]) -> None:
    """Builds the image; what an earlier build has in common with it is not built again.

    Args:
        client: How the daemon is reached.
        say: Told what takes its time.

    Raises:
        MissingRequirement: There is nothing to build it on, or a package cannot be had.
        DriverError: The daemon fails.
    """
    base = _base(client, say)
    say("building the image of sandboxes: the first time takes some minutes")
    try:
        # The machine's own network: its names are looked up as the machine looks them up.
        told = client.api.build(
            fileobj=io.BytesIO(_archive(_context())), custom_context=True, tag=image_name(), rm=True, decode=True,
            buildargs={"BASE": base}, network_mode="host", timeout=_SECONDS,
        )  # fmt: skip
        for line in told:
            if (step := str(line.get("stream", "")).strip()).startswith("Step "):
                say(step.splitlines()[0][:100])
            if fault := line.get("error"):
                raise MissingRequirement(f"the image of sandboxes cannot be built: {' '.join(fault.split())[:300]}")
    except (DockerException, OSError) as error:
        raise DriverError(f"the image of sandboxes cannot be built: {error}") from error


def _base(client: DockerClient, say: Callable[[str], None]) -> str:
    """The Debian to build on: a registry's, else one that is put together from Debian's packages."""
    for name in (_BASE, _IMPORTED):
        try:
            client.images.get(name)
        except ImageNotFound:
            continue
        return name
    try:
        client.images.pull(_BASE)
        client.images.get(_BASE)
    except (APIError, ImageNotFound):
        say(f"no registry has {_BASE} for us: putting a base together from Debian's packages")
        _import(client)
        return _IMPORTED
    return _BASE


def _import(client: DockerClient) -> None:
    command = shutil.which("debootstrap")
    if command is None or os.geteuid() != 0:
        raise MissingRequirement(
            f"no registry has {_BASE}, and without one it takes root and debootstrap to make a base: "
            "sudo apt-get install -y debootstrap, then sudo agent-judge setup --sandbox docker"
        )
    with tempfile.TemporaryDirectory(prefix="agent-judge-base-") as folder:
        root = Path(folder) / "root"
        done = subprocess.run(
            [command, "--variant=minbase", "--include=ca-certificates", _SUITE, str(root), _MIRROR],
            capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode:
            raise MissingRequirement(f"debootstrap failed: {' '.join((done.stdout + done.stderr).split())[-300:]}")
        with tempfile.TemporaryFile() as packed:
            _pack(root, packed.fileno())
            packed.seek(0)
            repository, _, tag = _IMPORTED.partition(":")
            # Of a file the client would tell the length, and send it as if it had not.
            pieces = iter(partial(packed.read, _PIECE), b"")
            client.api.import_image_from_stream(pieces, repository=repository, tag=tag)


def _pack(root: Path, output: int) -> None:
    left_out = ("./proc/*", "./sys/*", "./dev/*", "./var/cache/apt/archives/*.deb")
    subprocess.run(
        ["tar", "-C", str(root), "--one-file-system", *(f"--exclude={name}" for name in left_out), "-cf", "-", "."],
        stdout=output, check=True, timeout=_SECONDS,
    )  # fmt: skip


def _context() -> dict[str, bytes]:
    """What the image is built from, by name."""
    folder = data_folder("sandbox")
    files = [folder / "Dockerfile", *sorted((folder / "guest").iterdir())]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files if file.is_file()}


def _archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
