"""The driver's version."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from importlib.resources import files

_DECIDE = ("numpy", "pillow", "rapidfuzz")
"""Packages that say how alike two names or two pictures are."""
_FORMS = (".py", ".js", ".toml", ".md", ".json")


def _digest() -> str:
    """Digest of all that the package consists of and rests on: nobody has to remember to count a version up."""
    digest = hashlib.sha256()
    for package in _DECIDE:
        digest.update(f"{package} {version(package)}\0".encode())
    for file in sorted(files(__package__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(_FORMS):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


DRIVER_VERSION = _digest()
"""Changes whenever driving the same solution may give other evidence; it is part of every cache key."""
