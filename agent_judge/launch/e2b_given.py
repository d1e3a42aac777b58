"""What solutions read in a sandbox and this machine has: brought there packed, unless the template holds it already."""

from __future__ import annotations

import asyncio
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from e2b import AsyncSandbox

from agent_judge.launch.e2b_faults import insist
from agent_judge.launch.surroundings import folder_digest
from agent_judge.places import cache_folder

GIVEN = "/var/lib/agent-judge/given"
"""Where a sandbox keeps it; rooms see it as ``/given``."""
_FAST = 1
_UNPACK_SECONDS = 300


@cache
def name_of(folder: Path) -> str:
    """What a folder is called in sandboxes: the same name is the same content."""
    if folder.is_relative_to(cache_folder()):
        # Packages of a registry, in a folder that is named after them and never changes.
        return "-".join(folder.relative_to(cache_folder()).parts)
    return f"{folder.name}-{folder_digest(folder)[:16]}"


async def packed(folder: Path) -> Path:
    """The archive of a folder, made once."""
    store = cache_folder() / "e2b"
    archive = store / f"{name_of(folder)}.tar.gz"
    if not archive.exists():
        store.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(_pack, folder, archive)
    return archive


def _pack(folder: Path, archive: Path) -> None:
    with (
        tempfile.NamedTemporaryFile(dir=archive.parent, delete=False) as fresh,
        tarfile.open(fileobj=fresh, mode="w:gz", compresslevel=_FAST) as packing,
    ):
        packing.add(folder, ".")
    Path(fresh.name).replace(archive)


class Given:
    """What one sandbox holds of it."""

    def __init__(self, sandbox: AsyncSandbox) -> None:
        """Knows nothing yet of what the sandbox holds."""
        self._sandbox = sandbox
        self._bringing: dict[str, asyncio.Task[None]] = {}

    async def place_of(self, folder: Path) -> str:
        """Where rooms see a folder; brought there first if need be.

        Raises:
            SandboxException: The sandbox does not take it.
        """
        name = await asyncio.to_thread(name_of, folder)
        if name not in self._bringing:
            self._bringing[name] = asyncio.create_task(self._bring(folder, name))
        await asyncio.shield(self._bringing[name])
        return f"/given/{name}"

    async def _bring(self, folder: Path, name: str) -> None:
        place = f"{GIVEN}/{name}"
        if await insist(lambda: self._sandbox.files.exists(place, user="root")):
            return
        archive = await packed(folder)
        # Unpacked elsewhere and moved in one go: what is there is whole.
        fresh = f"{place}.{id(self)}"

        async def send() -> None:
            with archive.open("rb") as content:
                await self._sandbox.files.write(f"{fresh}.tar.gz", content, user="root")

        async def unpack() -> None:
            await self._sandbox.commands.run(
                f"mkdir -p {fresh} && tar -xzf {fresh}.tar.gz -C {fresh} --no-same-owner && chmod -R a+rX {fresh} && "
                f"rm {fresh}.tar.gz && (mv -T {fresh} {place} || rm -rf {fresh})",
                user="root",
                timeout=_UNPACK_SECONDS,
            )

        await insist(send)
        await unpack()
