"""Makes Tailwind's classes work: by a style sheet made ahead, or by Tailwind itself in the page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TypedDict, cast

from agent_judge.launch.bundle import esbuild_options
from agent_judge.launch.chromium import SandboxedBrowser
from agent_judge.launch.esbuild import BuildFailed, esbuild, tools
from agent_judge.launch.page_parts import OURS, into_head, tailwind_style, text_of
from agent_judge.launch.page_settings import PageSettings
from agent_judge.launch.workbench import Tool
from agent_judge.places import environments_folder
from agent_judge.read.environment import Environment

_CONFIG = re.compile(r"tailwind\.config\.[cm]?[jt]s")
_ENTRY = ".agent-judge/tailwind-config.js"
_IMPORTED = "agent-judge/tailwind-config"
_HERE = Path(__file__).parent
_BROUGHT = re.compile(r"text/tailwindcss|@tailwindcss/browser|cdn\.tailwindcss")
"""A page that brings Tailwind along, or what Tailwind is to read in it."""
_UTILITY = re.compile(r"@utility\s+([a-z]+)")


class Sheet(TypedDict):
    """What Tailwind made of the classes that sources may mean."""

    known: list[str]
    """These classes."""
    sheet: str | None
    """The style sheet; nothing where Tailwind refuses what it was to read."""


class Tailwind:
    """Makes Tailwind's classes work in one page.

    Its style sheet is made ahead where it can be, which spares the page most of the time until it shows something.
    Tailwind itself is loaded by the page once a class turns up that no source names whole.
    """

    def __init__(self, opened: SandboxedBrowser, usual: str, sources: Mapping[str, bytes], page: str) -> None:
        """Prepares it.

        Args:
            opened: Where the style sheet is made.
            usual: What Tailwind is to read where the sources say nothing.
            sources: They name the classes.
            page: The page's text.
        """
        self._opened = opened
        self._usual = usual
        self._sources = sources
        self._config = tailwind_config_in(sources)
        self._ahead = not self._config and not _BROUGHT.search(page)

    async def usual_sheet(self, seconds: float) -> Sheet | None:
        """Makes the style sheet of sources that say nothing to Tailwind, if it can be made ahead.

        Raises:
            BuildFailed: It takes more than ``seconds``.
        """
        return await self._sheet(self._usual, seconds) if self._ahead else None

    async def into(
        self, page: str, files: dict[str, bytes], source: str, usual_sheet: Sheet | None, seconds: float
    ) -> tuple[str, str]:
        """Adds to a page, and to the files that go with it.

        Args:
            page: The page's text.
            files: What goes with it; what is made is added.
            source: What the sources say to Tailwind, if anything.
            usual_sheet: What :meth:`usual_sheet` gave.
            seconds: How long each step may take.

        Returns:
            The page, and what to say about a configuration that cannot be used.
        """
        text, script = source or self._usual, f"{OURS}/tailwind.js"
        files[script] = await _tailwind()
        made = await self._sheet(source, seconds) if source and self._ahead else usual_sheet
        if made and made["sheet"] is not None:
            return into_head(page, _style(made["sheet"]) + _late(made["known"], text, f"/{script}")), ""
        if source or "text/tailwindcss" not in page:
            page = into_head(page, tailwind_style(text))
        page, unused = await _with_config(page, files, self._sources, self._config, seconds)
        return into_head(page, f'<script src="/{script}"></script>'), unused

    async def _sheet(self, text: str, seconds: float) -> Sheet:
        argument = {"source": text, "texts": [*map(text_of, self._sources.values())], "words": _words(text)}
        bench, tool = self._opened.bench, await tailwind_tool(self._usual)
        try:
            made = cast(Sheet, await bench.use(self._opened.browser, tool, "tailwindSheet", argument, seconds))
        except TimeoutError:
            raise BuildFailed(f"Tailwind took more than {seconds:.0f} seconds", "") from None
        if made["sheet"] is None:
            bench.drop(tool)  # Tailwind does nothing more once it has refused something.
        return made


def usual_tailwind(environment: Environment, settings: PageSettings) -> str:
    """What Tailwind is to read for an answer that says nothing: itself, and colours that templates define."""
    theme = (environment.folder / settings.theme).read_text(encoding="utf-8") if settings.theme else ""
    return f'@import "tailwindcss";\n{theme}'


async def tailwind_tool(usual: str) -> Tool:
    """The page that makes style sheets, where Tailwind has read already what it usually is to read."""
    page = f'<!doctype html><head>{tailwind_style(usual)}<script src="/tailwind.js"></script></head><body></body>'
    page += '<script src="/names.js"></script><script src="/sheet.js"></script>'
    scripts = {"/tailwind.js": await _tailwind(), "/names.js": _ours("names"), "/sheet.js": _ours("sheet")}
    files = {path: ("text/javascript", script) for path, script in scripts.items()}
    return Tool("Tailwind", {"/": ("text/html", page.encode()), **files}, afresh="tailwindAfresh()")


async def _tailwind() -> bytes:
    return ((await tools()) / "node_modules" / "@tailwindcss" / "browser" / "dist" / "index.global.js").read_bytes()


def _ours(part: str) -> bytes:
    return (_HERE / f"tailwind_{part}.js").read_bytes()


def _words(text: str) -> list[str]:
    """What the classes begin with that Tailwind knows: its own, and those that its source defines."""
    usual = (environments_folder() / "react" / "tailwind-roots.txt").read_text(encoding="utf-8").split()
    return [*usual, *_UTILITY.findall(text)]


def _style(sheet: str) -> str:
    return "<style>" + sheet.replace("</", "<\\/") + "</style>"


def _late(known: list[str], text: str, address: str) -> str:
    given = ", ".join(json.dumps(one) for one in (known, text, address)).replace("<", "\\u003c")
    code = f"{text_of(_ours('names'))}{text_of(_ours('late'))}"
    return f"<script>{{\n{code}tailwindLate(tailwindNames({json.dumps(_words(text))}), {given});\n}}</script>"


def tailwind_config_in(sources: Mapping[str, bytes]) -> str:
    """The path of an answer's configuration of Tailwind; nothing where it has none."""
    return next((path for path in sorted(sources) if _CONFIG.fullmatch(PurePosixPath(path).name)), "")


async def _with_config(
    page: str, files: dict[str, bytes], sources: Mapping[str, bytes], config: str, seconds: float
) -> tuple[str, str]:
    """Adds the script that tells Tailwind what an answer's configuration says, where there is one."""
    if not config:
        return page, ""
    given = {
        **sources,
        _ENTRY: (environments_folder() / "react" / "tailwind-config.js").read_bytes(),
        ".agent-judge/tsconfig.json": json.dumps(
            {"compilerOptions": {"paths": {_IMPORTED: [f"../{config}"]}}}
        ).encode(),
    }
    options = [*esbuild_options("iife"), "--packages=external", "--tsconfig=.agent-judge/tsconfig.json"]
    try:
        built = await esbuild(given, _ENTRY, options, seconds=seconds)
    except BuildFailed as failed:
        return page, f"{config} is not used: {failed}"
    code = b"".join(built.outputs.values())
    # Plugins are not there: asked for, they are functions that do nothing.
    files[f"{OURS}/tailwind-config.js"] = b"{ const require = () => () => ({});\n" + code + b"\n}"
    return into_head(page, f'<script src="/{OURS}/tailwind-config.js"></script>'), ""
