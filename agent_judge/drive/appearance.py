"""What a screenshot says by itself: whether there is anything to see, and how much."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

_TILE = 16
_FLAT = 3.0
"""Standard deviation of brightness (of 255) below which a tile is taken for flat."""
_BLANK_SHARE = 0.0005
_MANY_COLOURS = 48


@dataclass(frozen=True)
class Appearance:
    """How much there is to see in a picture."""

    blank: bool
    """Nothing but one colour."""
    substance: float
    """0 (one flat colour) to 1 (rich): how much of the picture is drawn on, and with how many colours."""


def appearance(png: bytes) -> Appearance:
    """Looks at a screenshot.

    Args:
        png: The picture, at least 16 × 16 pixels.
    """
    with Image.open(io.BytesIO(png)) as image:
        pixels = np.asarray(image.convert("RGB"))
    height, width = (size - size % _TILE for size in pixels.shape[:2])
    brightness = pixels[:height, :width].astype(np.float32).mean(axis=2)
    tiles = brightness.reshape(height // _TILE, _TILE, width // _TILE, _TILE)
    drawn = float((tiles.std(axis=(1, 3)) > _FLAT).mean())
    coarse = (pixels[::2, ::2] >> 4).astype(np.int32)
    colours, counts = np.unique(coarse[..., 0] << 8 | coarse[..., 1] << 4 | coarse[..., 2], return_counts=True)
    common = int((counts >= 8).sum())
    other = 1 - float(counts.max()) / float(counts.sum())
    blank = other < _BLANK_SHARE or len(colours) == 1
    substance = 0.0 if blank else 0.7 * drawn**0.5 + 0.3 * min(1.0, common / _MANY_COLOURS)
    return Appearance(blank, round(substance, 4))
