"""Makes pages from web files as they are: HTML with what lies beside it, or bare code that gets a page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from agent_judge.launch.bundle import PACKAGES, Together, bundle, packages_together
from agent_judge.launch.esbuild import esbuild
from agent_judge.launch.launching import Launching
from agent_judge.launch.page_parts import OURS, BuiltPage, into_body, into_head, text_of, titled, with_bundle
from agent_judge.launch.page_settings import PageSettings
from agent_judge.read.environment import Environment
from agent_judge.schema import Solution

_COMPILED = (".ts", ".tsx", ".jsx", ".mts")
_IS_MODULE = re.compile(
    r"^\s*(?:import\s*[\w{*\"']|export\s+(?:default|const|let|var|function|class|async|\{|\*))", re.MULTILINE
)
_BARE_IMPORT = re.compile(r"""^\s*import\s*(?:[^"';]*?\bfrom\s*)?["'](?![./]|https?:)[^"']+["']""", re.MULTILINE)
_SCRIPT_SOURCE = re.compile(r"""(<script\b[^>]*\bsrc\s*=\s*["'])([^"']+)(["'])""", re.IGNORECASE)
_EXTERNAL = re.compile(r"^(?:[a-z]+:)?//|^(?:data|blob):", re.IGNORECASE)


async def files_page(
    launching: Launching, environment: Environment, settings: PageSettings, solution: Solution
) -> BuiltPage:
    """Serves a solution as a static server would; what browsers do not run is compiled.

    Raises:
        BuildFailed: TypeScript or JSX that does not compile.
    """
    kind = PurePosixPath(solution.entry).suffix.lower()
    if kind in (".html", ".htm", ".xhtml"):
        return await _whole_page(environment, solution)
    template = "style.html" if kind == ".css" else "script.html"
    page = (environment.folder / template).read_text(encoding="utf-8")
    files = dict(solution.files)
    packages: Mapping[str, str] = {}
    if kind == ".svg":
        page = into_body(titled(page, "Picture"), text_of(files[solution.entry]).partition("?>")[2]
                         or text_of(files[solution.entry]))  # fmt: skip
    elif kind == ".css":
        page = into_head(page, f'<link rel="stylesheet" href="/{solution.entry}">')
    else:
        page, packages = await _script_page(environment, settings, solution, page, files)
    files["index.html"] = page.encode()
    return BuiltPage(files, "index.html", packages=packages)


# --- Bare code --------------------------------------------------------------------------------


async def _script_page(
    environment: Environment, settings: PageSettings, solution: Solution, page: str, files: dict[str, bytes]
) -> tuple[str, Mapping[str, str]]:
    seconds = environment.limits.build_seconds
    source = text_of(files[solution.entry])
    for path in files:
        if path.endswith(".css"):
            page = into_head(page, f'<link rel="stylesheet" href="/{path}">')
    if _IS_MODULE.search(source):
        built = await bundle(files, solution.entry, dependencies=solution.dependencies, seconds=seconds)
        return with_bundle(page, built, files), built.packages
    used = {one.name: one.package for one in settings.libraries if re.search(one.sign, source)}
    together = Together()
    if used:
        together = await packages_together(sorted(used.values()), solution.dependencies, seconds)
        files[f"{OURS}/packages.js"], files[f"{OURS}/packages.css"] = together.script, together.style
        page = into_head(page, f'<link rel="stylesheet" href="/{OURS}/packages.css">')
        page = into_body(page, f'<script src="/{OURS}/packages.js"></script><script>{_as_globals(used)}</script>')
    script_path = f"{OURS}/script.js"
    files[script_path] = await _transformed(files, solution.entry, seconds)
    return into_body(page, f'<script src="/{script_path}"></script>'), together.versions


def _as_globals(used: Mapping[str, str]) -> str:
    """Puts packages under the names that scripts know them by."""
    return f"""for (const [name, path] of Object.entries({json.dumps(used)})) {{
  const all = globalThis.{PACKAGES}[path]();
  globalThis[name] = all[name] ?? all.default ?? all;
}}"""


async def _transformed(files: Mapping[str, bytes], path: str, seconds: float) -> bytes:
    """A script in the language of browsers, its names still those of the page."""
    if not path.endswith(_COMPILED):
        return files[path]
    built = await esbuild({path: files[path]}, path, ["--log-level=warning"], seconds=seconds)
    return next(iter(built.outputs.values()))


# --- Pages of their own -----------------------------------------------------------------------


async def _whole_page(environment: Environment, solution: Solution) -> BuiltPage:
    files, page, log = dict(solution.files), text_of(solution.files[solution.entry]), ""
    if "importmap" in page:
        return BuiltPage(files, solution.entry)
    packages: dict[str, str] = {}
    sources = [source for _, source, _ in _SCRIPT_SOURCE.findall(page) if not _EXTERNAL.match(source)]
    for number, source in enumerate(dict.fromkeys(sources)):
        path = _file_for(solution.files, solution.entry, source.split("?")[0])
        if not path or not _must_compile(path, text_of(solution.files[path])):
            continue
        page, told = await _with_compiled(environment, solution, files, page, (source, path), number, packages)
        log = f"{log}\n{told}".strip()
    files[solution.entry] = page.encode()
    return BuiltPage(files, solution.entry, log=log, packages=packages)


def _file_for(files: Mapping[str, bytes], entry: str, source: str) -> str:
    """The file that a script tag means: as named, or the TypeScript that would become it."""
    folder = "" if source.startswith("/") else PurePosixPath(entry).parent.as_posix()
    path = PurePosixPath(folder, source.lstrip("/").removeprefix("./")).as_posix()
    for candidate in (path, source.lstrip("./"), *(str(PurePosixPath(path).with_suffix(end)) for end in _COMPILED)):
        if candidate in files:
            return candidate
    stem = PurePosixPath(path).stem
    return next((one for one in files if PurePosixPath(one).stem == stem and one.endswith(_COMPILED)), "")


def _must_compile(path: str, source: str) -> bool:
    return path.endswith(_COMPILED) or (path.endswith((".js", ".mjs")) and bool(_BARE_IMPORT.search(source)))


async def _with_compiled(
    environment: Environment,
    solution: Solution,
    files: dict[str, bytes],
    page: str,
    script: tuple[str, str],
    number: int,
    packages: dict[str, str],
) -> tuple[str, str]:
    source, path = script
    seconds = environment.limits.build_seconds
    place = f"{OURS}/{number}.js"
    if _IS_MODULE.search(text_of(solution.files[path])):
        built = await bundle(solution.files, path, dependencies=solution.dependencies, seconds=seconds)
        files[place] = built.packages_script + b"\n;" + built.script
        if built.style:
            files[f"{OURS}/{number}.css"] = built.style
            page = into_head(page, f'<link rel="stylesheet" href="/{OURS}/{number}.css">')
        log = built.log
        packages |= built.packages
    else:
        files[place] = await _transformed(solution.files, path, seconds)
        log = ""
    return _SCRIPT_SOURCE.sub(lambda tag: tag[1] + f"/{place}" + tag[3] if tag[2] == source else tag[0], page), log
