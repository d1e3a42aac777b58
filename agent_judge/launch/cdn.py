"""Answers requests to public CDNs from the npm packages that they serve, fetched by us and cached by version."""

from __future__ import annotations

import asyncio
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from playwright.async_api import Request

from agent_judge.errors import DriverError
from agent_judge.launch.bundle import usual_versions
from agent_judge.launch.cdn_fonts import Font, font_style, fonts_of
from agent_judge.launch.cdn_module import module, version_of_module
from agent_judge.launch.content_type import content_type
from agent_judge.launch.esbuild import BuildFailed
from agent_judge.launch.hardened import Served
from agent_judge.launch.npm import PackageProblem, fetch_package, packed_version
from agent_judge.places import environments_folder
from agent_judge.schema import Model

_PREPARE_SECONDS = 120
_MOST_PREPARED = 60
_ADDRESS = re.compile(r"""https?://[^\s"'`<>)\\]+|(?<=["'(])//[a-z0-9.-]+/[^\s"'`<>)\\]+""")


class Rule(Model):
    """Which package answers addresses of one form."""

    pattern: str
    kind: Literal["file", "module", "fonts"] = "file"
    package: str = ""
    version: str = ""
    file: str = ""


class Rules(Model):
    """``cdn.toml``."""

    rules: tuple[Rule, ...]
    libraries: dict[str, str]
    versions: dict[str, str]
    icon_fonts: dict[str, Font]


@dataclass(frozen=True)
class Wanted:
    """What an address asks for."""

    kind: Literal["file", "module", "fonts"]
    package: str
    version: str
    file: str
    query: Mapping[str, str]


@cache
def cdn_rules() -> Rules:
    """Reads ``cdn.toml``."""
    text = (environments_folder() / "html" / "cdn.toml").read_text(encoding="utf-8")
    return Rules.model_validate(tomllib.loads(text))


def wanted_by(url: str) -> Wanted | None:
    """What npm package, version and file an address of a CDN means; ``None`` for any other address."""
    parts = urlsplit(url)
    address = parts.netloc.lower() + unquote(parts.path) + (f"?{parts.query}" if parts.query else "")
    query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    for rule in cdn_rules().rules:
        for tried in (address, address.partition("?")[0]):
            if found := re.fullmatch(rule.pattern, tried):
                return _filled(rule, {name: value or "" for name, value in found.groupdict().items()}, query)
    return None


def _filled(rule: Rule, groups: Mapping[str, str], query: Mapping[str, str]) -> Wanted:
    package = rule.package or groups.get("package", "")
    if library := groups.get("library"):
        package = cdn_rules().libraries.get(library, library)
        if library == "font-awesome" and groups["version"].startswith("4"):
            package = "font-awesome"
    version = rule.version or groups.get("version", "")
    if package == "three" and (release := re.fullmatch(r"r(\d+)", version)):
        version = f"0.{release[1]}.0"
    file = rule.file.format(**groups) if rule.file else groups.get("file", "")
    return Wanted(rule.kind, package.lower(), version or _usual(package), file, query)


def _usual(package: str) -> str:
    return cdn_rules().versions.get(package) or usual_versions().get(package, "latest")


class Cdn:
    """The CDNs as one page sees them: packages that it loads share what they need of each other."""

    def __init__(self) -> None:
        self._versions: dict[str, str] = {}
        self._answers: dict[str, Served | None] = {}
        self.packages: dict[str, str] = {}
        """The packages that it answered from so far, by name, and their versions."""

    async def prepare(self, texts: Iterable[str]) -> None:
        """Fetches what a solution's sources mention, so that its page need not wait; bounded.

        Raises:
            MissingRequirement: npm is not there, or its registry does not answer.
            DriverError: Fetching failed otherwise, or took too long.
        """
        met = [match[0] for text in texts for match in _ADDRESS.finditer(text)]
        urls = [url if url.startswith("http") else f"https:{url}" for url in dict.fromkeys(met)][:_MOST_PREPARED]
        wanted = [(url, one) for url in urls if (one := wanted_by(url))]
        self._versions = {one.package: one.version for _, one in wanted if one.version[:1].isdigit()}
        try:
            async with asyncio.timeout(_PREPARE_SECONDS):
                done = await asyncio.gather(*(self._answered(url) for url, _ in wanted), return_exceptions=True)
        except TimeoutError:
            raise DriverError(f"libraries could not be fetched within {_PREPARE_SECONDS} seconds") from None
        for failure in done:
            if isinstance(failure, BaseException):
                raise failure

    async def answer(self, request: Request) -> Served | None:
        """Answers a request of the page, or gives ``None`` when no package does.

        Raises:
            MissingRequirement: npm is not there, or its registry does not answer: what it has is not known.
            DriverError: Fetching failed otherwise.
        """
        return await self._answered(request.url) if request.method in ("GET", "HEAD", "OPTIONS") else None

    async def _answered(self, url: str) -> Served | None:
        if url not in self._answers:
            self._answers[url] = await self._fresh(url)
        return self._answers[url]

    async def _fresh(self, url: str) -> Served | None:
        wanted = wanted_by(url)
        if wanted is None:
            return None
        try:
            if wanted.kind == "fonts":
                style = await font_style(fonts_of(url), cdn_rules().icon_fonts)
                self.packages |= style.packages
                return Served(style.text, "text/css; charset=utf-8")
            if wanted.kind == "module" and not wanted.file.endswith((".css", ".json", ".wasm")):
                script = await module(wanted.package, wanted.version, wanted.file, wanted.query, self._versions)
                self.packages[wanted.package] = version_of_module(script)
                return Served(script, "text/javascript; charset=utf-8")
            folder = await fetch_package(wanted.package, wanted.version)
            self.packages[wanted.package] = packed_version(folder)
            return await _file(folder, wanted.file)
        except (PackageProblem, BuildFailed):
            return None  # refused and recorded, as every other request that nobody answers
        except OSError as error:
            raise DriverError(f"{url} could not be read from the cache: {error}") from error


async def _file(folder: Path, file: str) -> Served | None:
    found = await asyncio.to_thread(_find, folder, file)
    return Served(found.read_bytes(), content_type(found.name)) if found else None


def _find(folder: Path, file: str) -> Path | None:
    """A file of a package: where it is said to be, else the nearest of that name, whether minified or not."""
    path = PurePosixPath(file.lstrip("/"))
    if path.name in ("", "."):
        return _main(folder)
    exact = folder / path
    if exact.is_file() and exact.resolve().is_relative_to(folder.resolve()):
        return exact
    for name in _names(path.name):
        found = [one for one in folder.rglob(name) if one.is_file()]
        if found:
            return min(found, key=lambda one: (not one.as_posix().endswith(path.as_posix()), len(one.parts), str(one)))
    return None


def _names(name: str) -> list[str]:
    stem, end = name.rsplit(".", 1) if "." in name else (name, "js")
    plain = stem.removesuffix(".min")
    names = [name, f"{plain}.{end}", f"{plain}.min.{end}", f"{plain}.umd.{end}", f"{plain}.umd.min.{end}"]
    return list(dict.fromkeys(re.sub(r"([\[\]*?])", r"[\1]", one) for one in names))


def _main(folder: Path) -> Path | None:
    """The file that a CDN gives for a package's bare address."""
    manifest = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    for key in ("jsdelivr", "unpkg", "browser", "main"):
        value = manifest.get(key)
        if isinstance(value, str) and (found := _existing(folder, value)):
            return found
    return _existing(folder, "index.js")


def _existing(folder: Path, path: str) -> Path | None:
    for end in ("", ".js", "/index.js"):
        file = folder / (path.lstrip("./") + end)
        if file.is_file() and file.resolve().is_relative_to(folder.resolve()):
            return file
    return None
