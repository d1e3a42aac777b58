"""Makes pages from sources that must be compiled: React, Vue and their like."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from agent_judge.launch.bundle import Bundle, bundle
from agent_judge.launch.esbuild import BuildFailed
from agent_judge.launch.launching import Launching
from agent_judge.launch.page_parts import BuiltPage, tailwind_source, text_of, wants_tailwind, with_bundle
from agent_judge.launch.page_settings import PageSettings
from agent_judge.launch.page_tailwind import Sheet, Tailwind, tailwind_config_in, usual_tailwind
from agent_judge.launch.vue_components import compiled_components
from agent_judge.read.environment import Environment
from agent_judge.schema import Solution

_OURS = ".agent-judge"
_SOURCE = re.compile(r"\.(?:[mc]?[jt]sx?|vue)$")
_SCRIPT_TAG = re.compile(r"""<script\b[^>]*\bsrc\s*=\s*["']([^"']+)["'][^>]*>\s*</script\s*>""", re.IGNORECASE)
_ELEMENT_ID = re.compile(r"""(?:getElementById\(\s*["']|querySelector\(\s*["']\#|\bmount\(\s*["']\#)([\w-]+)["']""")


async def bundled_page(
    launching: Launching, environment: Environment, settings: PageSettings, solution: Solution
) -> BuiltPage:
    """Compiles a solution into a page.

    Raises:
        BuildFailed: The sources do not compile.
    """
    sources = {path: content for path, content in solution.files.items() if not path.startswith(_OURS)}
    page, start = _own_page(sources, solution.entry)
    start = start or _start(sources, solution.entry, settings)
    shows_itself = not settings.mount or _shows_itself(sources.get(start, b""), settings)
    mount = _mount(settings, sources)
    given = {**sources, **_added(environment, settings, sources, start, mount)}
    if settings.compile == "vue":
        given = await compiled_components(await launching.warm_browser(), given, environment.limits.build_seconds)
    options = [*settings.options, f"--tsconfig={_OURS}/tsconfig.json", *_injected(settings, sources)]
    page = page or _template(environment, settings, text_of(sources.get(start, b"")))
    tailwind = None
    if settings.tailwind and _wants_tailwind(settings, sources):
        named = given if _styled_by_modules(settings, sources) else sources
        tailwind = Tailwind(await launching.warm_browser(), usual_tailwind(environment, settings), named, page)
    seconds = environment.limits.build_seconds
    begin = start if shows_itself else f"{_OURS}/{mount}"
    bundling = bundle(given, begin, dependencies=solution.dependencies, options=options, seconds=seconds)
    built, sheet = await _both(bundling, tailwind.usual_sheet(seconds) if tailwind else _nothing())
    files, notes = _public(sources), list(built.notes)
    source = tailwind_source(text_of(built.style)) if tailwind else ""
    page = with_bundle(page, replace(built, style=b"") if source else built, files)
    if tailwind:
        page, unused = await tailwind.into(page, files, source, sheet, seconds)
        notes += [unused] if unused else []
    files["index.html"] = page.encode()
    log = "\n".join([*notes, built.log]).strip()
    return BuiltPage(files, "index.html", log=log, any_path=True, packages=built.packages)


async def _nothing() -> None:
    return None


async def _both(
    bundling: Coroutine[None, None, Bundle], styling: Coroutine[None, None, Sheet | None]
) -> tuple[Bundle, Sheet | None]:
    try:
        async with asyncio.TaskGroup() as group:
            bundled, styled = group.create_task(bundling), group.create_task(styling)
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return bundled.result(), styled.result()


def _wants_tailwind(settings: PageSettings, sources: Mapping[str, bytes]) -> bool:
    asked = _styled_by_modules(settings, sources) or bool(tailwind_config_in(sources))
    return asked or wants_tailwind(text_of(content) for content in sources.values())


def _styled_by_modules(settings: PageSettings, sources: Mapping[str, bytes]) -> bool:
    """Whether what is imported from our own modules is styled by Tailwind."""
    sign = settings.tailwind_sign.encode()
    return bool(sign) and any(sign in content for content in sources.values())


def _own_page(sources: Mapping[str, bytes], entry: str) -> tuple[str, str]:
    """The solution's own HTML without the scripts that are bundled, and the first of these."""
    for path in (entry, "index.html", "public/index.html"):
        if not path.endswith((".html", ".htm")) or path not in sources:
            continue
        page, start = text_of(sources[path]).replace("%PUBLIC_URL%", ""), ""
        for found in _SCRIPT_TAG.finditer(page):
            source = found[1].split("?")[0].lstrip("./")
            if source in sources and _SOURCE.search(source):
                start = start or source
                page = page.replace(found[0], "")
        return page, start
    return "", ""


def _start(sources: Mapping[str, bytes], entry: str, settings: PageSettings) -> str:
    """The module to start from: one that shows the entry, where the entry does not show itself."""
    if not _SOURCE.search(entry):
        candidates = [path for path in sources if _SOURCE.search(path)]
        if not candidates:
            raise BuildFailed("there is no code to compile", "")
        entry = candidates[0]
    if _shows_itself(sources.get(entry, b""), settings):
        return entry
    showing = [path for path in sources if _SOURCE.search(path) and _shows_itself(sources[path], settings)]
    starts = [path for path in showing if PurePosixPath(path).stem in ("main", "index")]
    return starts[0] if starts else entry


def _shows_itself(source: bytes, settings: PageSettings) -> bool:
    return bool(settings.mounts_itself and re.search(settings.mounts_itself, text_of(source)))


def _aliases(path: str) -> dict[str, list[str]]:
    """Where the sources may have what an import from the project's root means."""
    rest = path.removeprefix("@/").removeprefix("~/")
    return {path: [f"../{folder}{rest}" for folder in ("src/", "", "app/")]}


def _mount(settings: PageSettings, sources: Mapping[str, bytes]) -> str:
    for package, mount in settings.mounts.items():
        imports = re.compile(rf"""\bfrom\s*["']{re.escape(package)}["']""")
        if any(imports.search(text_of(content)) for path, content in sources.items() if _SOURCE.search(path)):
            return mount
    return settings.mount


def _added(
    environment: Environment, settings: PageSettings, sources: Mapping[str, bytes], start: str, mount: str
) -> dict[str, bytes]:
    """Our own files beside the sources: settings of the compiler, the mount, modules that templates bring."""
    added = {}
    if settings.modules:
        folder = environment.folder / settings.modules
        for file in folder.rglob("*"):
            if file.is_file():
                added[f"{_OURS}/modules/{file.relative_to(folder).as_posix()}"] = file.read_bytes()
    if mount:
        added[f"{_OURS}/{mount}"] = (environment.folder / mount).read_bytes()
    if mount and not start.endswith(".vue"):
        added[start] = _exporting(text_of(sources.get(start, b""))).encode()
    for name, package in settings.globals.items():
        added[f"{_OURS}/global-{name}.js"] = f'import * as {name} from "{package}";\nexport {{ {name} }};'.encode()
    paths = {"agent-judge/solution": [f"../{start}"], **_aliases("@/*"), **_aliases("~/*")}
    paths |= {path: [*_aliases(path)[path], f"./{place}"] for path, place in settings.paths.items()}
    added[f"{_OURS}/tsconfig.json"] = json.dumps({"compilerOptions": {"paths": paths}}).encode()
    return added


_DEFAULT_EXPORT = re.compile(r"^\s*export\s+default\b|\bas\s+default\b|\bmodule\.exports\b", re.MULTILINE)
_ANY_EXPORT = re.compile(r"^\s*export\s+(?:const|let|function|class|\{|async)", re.MULTILINE)
_COMPONENT = re.compile(r"(?:^|;[ \t]*)(?:async\s+)?(?:function|class|const|let|var)\s+([A-Z]\w*)", re.MULTILINE)


def _exporting(source: str) -> str:
    """Sees to a default export: the component called App, else the one that is defined last."""
    if _DEFAULT_EXPORT.search(source):
        return source
    names = _COMPONENT.findall(source)
    if not names or (_ANY_EXPORT.search(source) and "App" not in names):
        return source
    return f"{source}\nexport default {'App' if 'App' in names else names[-1]};\n"


def _injected(settings: PageSettings, sources: Mapping[str, bytes]) -> list[str]:
    """Names that some file uses without importing them."""
    injected = []
    for name in settings.globals:
        uses = re.compile(rf"(?<![\w.'\"/-]){name}(?=\s*[.;,)\]])")
        imports = re.compile(rf"\bimport\b[^;'\"]*\b{name}\b[^;'\"]*\bfrom\b|\b(?:const|let|var)\s+{name}\s*=")
        texts = [text_of(content) for path, content in sources.items() if _SOURCE.search(path)]
        if any(uses.search(text) and not imports.search(text) for text in texts):
            injected.append(f"--inject:./{_OURS}/global-{name}.js")
    return injected


def _public(sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """What a build would copy: the folder ``public``, and everything else that is not code."""
    others = {path: content for path, content in sources.items() if not _SOURCE.search(path)}
    return {**others, **{path.removeprefix("public/"): content for path, content in others.items()}}


def _template(environment: Environment, settings: PageSettings, start: str) -> str:
    page = (environment.folder / "index.html").read_text(encoding="utf-8")
    ids = _ELEMENT_ID.findall(start)
    return page if not ids or settings.root in ids else page.replace(f'id="{settings.root}"', f'id="{ids[0]}"')
