"""What a person calls a colour."""

from __future__ import annotations

import colorsys
import re

_HEX = re.compile(r"#([0-9a-f]{3,8})$", re.I)
_NUMBERS = re.compile(r"[\d.]+")
_HUES = (
    (12, "red"), (42, "orange"), (68, "yellow"), (175, "green"), (258, "blue"),
    (292, "purple"), (345, "pink"), (360, "red"),
)  # fmt: skip
"""Upper ends of hues, in degrees."""
_GRAY_SATURATION = 0.12
_DARK, _LIGHT = 0.14, 0.93
_BROWN_LIGHTNESS = 0.38
_DEEP_LIGHTNESS, _DEEP_HUE, _PALE_LIGHTNESS = 0.5, 325, 0.75


def colour_name(colour: str) -> str:
    """The English name of a CSS colour (``#e53935``, ``rgb(229, 57, 53)``); nothing where none can be seen."""
    channels = _channels(colour)
    if channels is None:
        return ""
    hue, lightness, saturation = colorsys.rgb_to_hls(*channels)
    degrees = hue * 360
    if lightness <= _DARK:
        return "black"
    if lightness >= _LIGHT:
        return "white"
    if saturation <= _GRAY_SATURATION:
        return "gray"
    name = next(name for end, name in _HUES if degrees <= end)
    if name == "orange" and lightness < _BROWN_LIGHTNESS:
        return "brown"
    if name == "pink" and lightness < _DEEP_LIGHTNESS:
        return "red" if degrees > _DEEP_HUE else "purple"
    if name == "red" and lightness > _PALE_LIGHTNESS:
        return "pink"
    return name


def _channels(colour: str) -> tuple[float, float, float] | None:
    """Red, green and blue, 0 to 1."""
    digits = _HEX.match(colour.strip())
    if digits:
        text = digits[1]
        if len(text) in (3, 4):
            text = "".join(char * 2 for char in text)
        if len(text) not in (6, 8) or text[6:] == "00":
            return None
        return int(text[0:2], 16) / 255, int(text[2:4], 16) / 255, int(text[4:6], 16) / 255
    numbers = [float(number) for number in _NUMBERS.findall(colour)] if colour.startswith("rgb") else []
    if len(numbers) < 3 or (len(numbers) > 3 and numbers[3] == 0):
        return None
    return numbers[0] / 255, numbers[1] / 255, numbers[2] / 255
