"""What decides about evidence besides the solution, the launchers' code and its environment's own folder.

Versions that a solution leaves open ("latest") are no part of it, since nobody knows them before they are resolved:
they are resolved once, stay so in this machine's cache of packages, beside the evidence, and each launch's report
names what it ran with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from agent_judge.places import data_folder
from agent_judge.schema import digest_of

_SHARED = (
    "*.toml", "environments/*/versions.toml", "environments/*/bundle.toml", "environments/*/cdn.toml",
    "environments/*/package.json", "environments/*/package-lock.json",
)  # fmt: skip
"""Data that launches of every environment read: limits of boxes, tools, how to bundle, which package a CDN serves."""
_FONTS = ("/etc/fonts", "/usr/share/fontconfig", "/usr/share/fonts", "/usr/local/share/fonts")


def surroundings() -> Mapping[str, str]:
    """Digests of the data that all environments share, and of the fonts that pages are drawn with."""
    return {"shared": _shared(data_folder("sandbox")), "fonts": _fonts()}


def folder_digest(folder: Path) -> str:
    """Names what a folder holds, down to its last file."""
    files = [file for file in folder.rglob("*") if file.is_file() and file.parent.name != "__pycache__"]
    return files_digest(folder, files)


def files_digest(folder: Path, files: Iterable[Path]) -> str:
    """Names what some files of a folder hold."""
    return digest_of(
        {file.relative_to(folder).as_posix(): digest_of(file.read_bytes().hex()) for file in sorted(files)}
    )


@cache
def _shared(sandbox: Path) -> str:
    return files_digest(sandbox, (file for pattern in _SHARED for file in sandbox.glob(pattern)))


@cache
def _fonts() -> str:
    """By name and size: reading all of them would take longer than most launches."""
    found = [file for folder in _FONTS for file in sorted(Path(folder).rglob("*")) if file.is_file()]
    return digest_of([[str(file), file.stat().st_size] for file in found])
