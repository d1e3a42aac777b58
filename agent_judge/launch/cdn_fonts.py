"""Style sheets of Google Fonts, from fontsource's packages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from agent_judge.launch.npm import PackageProblem, fetch_package, packed_version
from agent_judge.schema import Model

_FILE = re.compile(r"""url\(["']?\./([^)"']+)["']?\)""")
_MOST_FAMILIES = 12


class Font(Model):
    """A font that is a package of its own."""

    package: str
    file: str


@dataclass(frozen=True)
class Family:
    """What is asked of one family."""

    name: str
    weights: tuple[int, ...]
    italic: bool


def fonts_of(url: str) -> list[Family]:
    """The families that an address of Google Fonts asks for, in either of its two notations."""
    asked = parse_qs(urlsplit(url).query).get("family", [])
    return [_family(one) for spec in asked for one in spec.split("|")][:_MOST_FAMILIES]


def _family(spec: str) -> Family:
    name, _, rest = spec.partition(":")
    weights = {int(weight) for weight in re.findall(r"(?<!\d)([1-9]00)(?!\d)", rest)}
    for low, high in re.findall(r"([1-9]00)\.\.([1-9]00)", rest):
        weights.update(range(int(low), int(high) + 1, 100))
    italic = ("ital" in rest and bool(re.search(r"(?<!\d)1,", rest))) or bool(re.search(r"\d(?:i|italic)\b", rest))
    return Family(name.strip(), tuple(sorted(weights or {400})), italic)


@dataclass
class Style:
    """A style sheet, and the packages that it is from, by name, with their versions."""

    text: bytes = b""
    packages: dict[str, str] = field(default_factory=dict)


async def font_style(families: Sequence[Family], icons: Mapping[str, Font]) -> Style:
    """The style sheet for these families; one that no package has is left out, and the page falls back."""
    style = Style()
    style.text = "\n".join([await _style(family, icons, style.packages) for family in families]).encode()
    return style


async def _style(family: Family, icons: Mapping[str, Font], packages: dict[str, str]) -> str:
    if icon := icons.get(family.name):
        return await _sheet(icon.package, icon.file, packages)
    package = f"@fontsource/{re.sub(r'[^a-z0-9]+', '-', family.name.lower()).strip('-')}"
    sheets = [f"/{weight}{slope}.css" for weight in family.weights for slope in ("", "-italic")[: 1 + family.italic]]
    return "\n".join([await _sheet(package, sheet, packages) for sheet in sheets])


async def _sheet(package: str, file: str, packages: dict[str, str]) -> str:
    try:
        folder = await fetch_package(package, "latest")
    except PackageProblem:
        return f"/* there is no package {package} */"
    packages[package] = packed_version(folder)
    sheet = folder / file.lstrip("/")
    if not sheet.is_file():
        return ""
    place = f"https://fonts.gstatic.com/npm/{package}@{packages[package]}"
    inner = file.lstrip("/").rpartition("/")[0]
    base = f"{place}/{inner}" if inner else place
    return _FILE.sub(lambda found: f"url({base}/{found[1]})", sheet.read_text(encoding="utf-8"))
