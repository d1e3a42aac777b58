"""The page that shows a finished program: what it printed, drew and made, as a notebook would."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined

_TEMPLATE = "notebook.html"
_TEXT_CHARACTERS = 200_000
_EXCERPT_CHARACTERS = 20_000
_SHOWN_FILES = 40
_IMAGES = {".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".bmp"}
_TEXTS = {".txt", ".csv", ".tsv", ".json", ".md", ".log", ".xml", ".yaml", ".yml", ".toml", ".dot", ".sql"}
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Program:
    """What a finished program leaves to be shown."""

    title: str
    outcome: str
    """``finished``, ``crashed`` or ``killed``."""
    reason: str
    exit_code: int | None
    stdout: str
    stderr: str
    made: Mapping[str, bytes]


@dataclass(frozen=True)
class _Shown:
    name: str
    address: str
    kind: str
    size: str
    text: str = ""


def notebook(program: Program, folder: Path) -> dict[str, bytes]:
    """Renders a program as a page, ``index.html``, with the files that it made beside it.

    Args:
        program: What to show.
        folder: The environment's folder, which holds the template.
    """
    templates = Templates(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
    names = sorted(program.made)
    html = templates.get_template(_TEMPLATE).render(
        program=program,
        stdout=readable(program.stdout),
        stderr=readable(program.stderr),
        files=[_shown(name, program.made[name]) for name in names[:_SHOWN_FILES]],
        more=max(0, len(names) - _SHOWN_FILES),
    )
    return {"index.html": html.encode(), **{_address(name): program.made[name] for name in names}}


def readable(text: str) -> str:
    """What a terminal would leave standing: no escape codes, overwritten lines only as they ended."""
    plain = _CONTROLS.sub("", _ESCAPES.sub("", text).replace("\r\n", "\n"))
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in plain.split("\n")]
    return _excerpt("\n".join(lines).strip("\n"), _TEXT_CHARACTERS)


def _excerpt(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"


def _shown(name: str, content: bytes) -> _Shown:
    suffix = PurePosixPath(name).suffix.lower()
    size = f"{len(content)} bytes" if len(content) < 10_000 else f"{len(content) / 1000:.0f} kB"
    if suffix in _IMAGES:
        return _Shown(name, _address(name), "image", size)
    if suffix in (".html", ".htm"):
        return _Shown(name, _address(name), "page", size)
    if suffix in _TEXTS or (mimetypes.guess_type(name)[0] or "").startswith("text/"):
        text = readable(content.decode("utf-8", errors="replace"))
        return _Shown(name, _address(name), "text", size, _excerpt(text, _EXCERPT_CHARACTERS))
    return _Shown(name, _address(name), "other", size)


def _address(name: str) -> str:
    return f"files/{name}"
