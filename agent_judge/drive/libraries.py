"""What a library's script would have defined, had the closed network not refused it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_VERSION = re.compile(r"^v?\d[\w.+-]*$|^latest$|^next$")
_AT_VERSION = re.compile(r"(?<=.)@v?(?:\d|latest|next|\^|~)[^/]*$")
_HYPHEN_VERSION = re.compile(r"[-.]v?\d+(?:\.\d+)+(?:[-.]\w+)*$")
_BUILT = re.compile(
    r"(?:[.-](?:min|umd|esm|cjs|iife|global|production|development|prod|dev|browser|bundle|slim|module))+$"
)
_FOLDERS = frozenset((
    *("dist", "build", "umd", "lib", "libs", "npm", "gh", "ajax", "js", "cjs", "esm", "src", "bundle", "bundles"),
    *("assets", "static", "cdn", "scripts", "vendor", "release", "releases", "stable", "public", "packages"),
    *("index", "main", "min"),
))  # fmt: skip
_PIECE = re.compile(r"[a-z0-9$_]+")


class Library(NamedTuple):
    """What a refused address seems to hold."""

    packages: frozenset[str]
    """Names under which it may be imported."""
    globals: frozenset[str]
    """Names that it is known to define, as they are written."""
    own: frozenset[str]
    """The packages' own names without what separates words, in small letters: what an unknown library defines."""

    def defines(self, name: str) -> bool:
        """Whether it may be what defines a global of this name."""
        return name in self.globals or name.lower() in self.own


@cache
def library_at(url: str) -> Library:
    """Tells from a script's address what it would have defined.

    Args:
        url: Absolute address, as it was asked for.
    """
    parts = urlsplit(url)
    host, path = (parts.hostname or "").lower(), unquote(parts.path)
    names = _package_names(path)
    data = _data()
    known = {name for package in names for name in data["packages"].get(package, ())}
    known |= {name for place, found in data["hosts"].items() if _is_at(place, host, path) for name in found}
    own = {"".join(_PIECE.findall(name.rpartition("/")[2].lower())) for name in names}
    own |= {name.removesuffix("js") for name in own}
    return Library(frozenset(names), frozenset(known), frozenset(name for name in own if len(name) > 1))


def _package_names(path: str) -> set[str]:
    """Every part of a path that may name a package: ``/npm/chart.js@4/dist/chart.umd.min.js`` gives ``chart.js``."""
    names: set[str] = set()
    scope = ""
    for part in (part.lower() for part in path.split("/") if part):
        if part.startswith("@") and "@" not in part[1:]:
            scope = part + "/"
            continue
        bare = _AT_VERSION.sub("", part)
        plain = _BUILT.sub("", _HYPHEN_VERSION.sub("", _BUILT.sub("", re.sub(r"\.[cm]?js$", "", bare))))
        for name in (bare, plain):
            if name and name not in _FOLDERS and not _VERSION.match(name):
                names |= {name, scope + name}
        scope = ""
    return names


def _is_at(place: str, host: str, path: str) -> bool:
    wanted, slash, below = place.partition("/")
    return (host == wanted or host.endswith("." + wanted)) and path.startswith(slash + below)


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files(__package__) / "libraries.toml").read_text(encoding="utf-8"))
