"""What differs between two looks at a page."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from agent_judge.drive.observe import View
from agent_judge.drive.snapshot import Rect
from agent_judge.schema import Change

_TOLERANCE = 8
"""Greatest difference of a colour channel (of 255) that is taken for the same."""
_LINES_KEPT = 60


@dataclass(frozen=True)
class PixelChange:
    """Where two pictures of the same size differ."""

    share: float
    """Of all pixels, 0 to 1."""
    region: Rect | None
    """The smallest rectangle with all that differs."""


def pixel_change(before: bytes, after: bytes, ignoring: Iterable[Rect] = ()) -> PixelChange:
    """Compares two PNGs. Pictures of different sizes differ everywhere; a missing one differs nowhere.

    Args:
        before: The first picture.
        after: The second picture.
        ignoring: Places that are taken for the same.
    """
    if not before or not after or before == after:
        return PixelChange(0.0, None)
    first, second = _pixels(before), _pixels(after)
    if first.shape != second.shape:
        return PixelChange(1.0, Rect(0, 0, second.shape[1], second.shape[0]))
    distance = np.maximum(first, second) - np.minimum(first, second)
    differs = np.asarray((distance > _TOLERANCE).any(axis=2))
    for place in ignoring:
        left, top = max(int(place.x), 0), max(int(place.y), 0)
        differs[top : int(place.y + place.height) + 1, left : int(place.x + place.width) + 1] = False
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not rows.size:
        return PixelChange(0.0, None)
    region = Rect(float(columns[0]), float(rows[0]), float(columns[-1] - columns[0] + 1), float(rows[-1] - rows[0] + 1))
    return PixelChange(float(differs.mean()), region)


def reading_change(before: View, after: View) -> Change:
    """What differs in address and accessibility snapshot; pixels are left at 0."""
    if before.snapshot == after.snapshot and before.url == after.url:
        return Change()
    old, new = Counter(before.lines), Counter(after.lines)
    added, removed = (tuple((more - less).elements())[:_LINES_KEPT] for more, less in ((new, old), (old, new)))
    return Change(added=added, removed=removed, url=before.url != after.url)


def _pixels(png: bytes) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))
