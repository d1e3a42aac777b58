"""Where things are: the data folders, in a checkout and in an installed wheel alike, and the cache."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent


def data_folder(name: str) -> Path:
    """Finds ``sandbox``, ``scenarios`` or ``eval``.

    A checkout has them beside the package, a wheel carries them inside it, in ``_data``.
    """
    beside = _PACKAGE.parent / name
    inside = _PACKAGE / "_data" / name
    return inside if inside.is_dir() else beside


def environments_folder() -> Path:
    """The folder with one folder per environment."""
    return data_folder("sandbox") / "environments"


def demo_suite() -> Path:
    """The bundled suite."""
    return data_folder("eval") / "suites" / "demo"


def cache_folder() -> Path:
    """What is prepared once per machine (toolchains, packages, evidence); ``AGENT_JUDGE_CACHE`` moves it."""
    chosen = os.environ.get("AGENT_JUDGE_CACHE")
    folder = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("agent-judge", appauthor=False))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
