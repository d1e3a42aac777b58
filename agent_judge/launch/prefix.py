"""Which folder of this machine is a program's own, so that a box may see it and nothing beside it."""

from __future__ import annotations

from pathlib import Path

_SHARED = frozenset(
    map(Path, ("/", "/home", "/root", "/Users", "/opt", "/srv", "/var", "/etc", "/tmp", "/mnt", "/media"))
)
_HOMES = (Path("/home"), Path("/Users"))
_SHARED_IN_HOME = (".local", ".cargo", ".config", ".cache", ".ssh")
"""Folders of a person's that many programs keep their things in, secrets among them."""


def own_prefix(program: Path) -> Path:
    """The folder that a program was installed into, with all that it needs; else the program's file alone.

    Version managers put each program into a folder of its own. One that merely lies in a home folder, or in
    ``~/.local/bin``, has no such folder: what is beside it is other people's.
    """
    real = program.resolve()
    folder = real.parent.parent if real.parent.name in ("bin", "sbin") else real.parent
    return real if is_shared(folder) else folder


def is_shared(folder: Path) -> bool:
    """Whether a folder holds more than one program's things: a home, what holds homes, or the like."""
    home = Path.home()
    return (
        folder in _SHARED
        or folder.parent in _HOMES
        or home.is_relative_to(folder)
        or (folder.name in _SHARED_IN_HOME and (folder.parent == home or folder.parent.parent in _HOMES))
    )
