"""Screenshots as small pictures inside the report, each kept once."""

from __future__ import annotations

import base64
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

_QUALITY = 68
_WIDTHS = ((120, 720), (600, 480), (2500, 360))
"""(up to this many pictures, this wide): few pictures can be sharp, many must be small."""
_SMALLEST_WIDTH = 280
_TALLEST = 1.6
"""Height over width beyond which a picture is cut at the bottom."""


@dataclass(frozen=True)
class Thumbnail:
    """A screenshot made small."""

    data: str
    """WebP as base64."""
    width: int
    """Of the screenshot itself, in pixels."""
    height: int


class Pictures:
    """Collects screenshots by content; equal ones get one name and are made small once."""

    def __init__(self, evidence_folder: Path) -> None:
        self._folder = evidence_folder
        self._names: dict[str, str] = {}
        self._files: dict[str, Path] = {}

    def add(self, screenshot: str) -> str:
        """Takes a screenshot in.

        Args:
            screenshot: Path within the evidence folder.

        Returns:
            The picture's name, or nothing when the file is not there.
        """
        if screenshot not in self._names:
            path = self._folder / screenshot
            inside = screenshot and ".." not in path.parts and path.is_relative_to(self._folder)
            try:
                name = hashlib.sha256(path.read_bytes()).hexdigest()[:16] if inside else ""
            except OSError:
                name = ""
            self._names[screenshot] = name
            if name:
                self._files.setdefault(name, path)
        return self._names[screenshot]

    def thumbnails(self) -> dict[str, Thumbnail]:
        """Makes all collected screenshots small, by name; what is no picture is left out."""
        width = thumbnail_width(len(self._files))
        with ThreadPoolExecutor() as pool:
            made = pool.map(lambda path: make_thumbnail(path, width), self._files.values())
            return {name: thumbnail for name, thumbnail in zip(self._files, made, strict=True) if thumbnail}


def thumbnail_width(pictures: int) -> int:
    """How wide thumbnails may be so that a report with so many stays small, in pixels."""
    return next((width for most, width in _WIDTHS if pictures <= most), _SMALLEST_WIDTH)


def make_thumbnail(path: Path, width: int) -> Thumbnail | None:
    """Makes one screenshot small; ``None`` when the file is not a whole picture."""
    try:
        with Image.open(path) as picture:
            size = picture.size
            small = _shrunk(picture, width)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return None
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=_QUALITY, method=2)
    return Thumbnail(base64.b64encode(buffer.getvalue()).decode("ascii"), *size)


def _shrunk(picture: Image.Image, width: int) -> Image.Image:
    """Shrinks before it converts: copying whole screenshots costs more than all else."""
    shown = picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGBA")
    whole_width, whole_height = shown.size
    height = min(whole_height, round(whole_width * _TALLEST))
    if height < whole_height:
        shown = shown.crop((0, 0, whole_width, height))
    if whole_width > width:
        size = (width, max(1, round(height * width / whole_width)))
        shown = shown.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    return shown.convert("RGB")
