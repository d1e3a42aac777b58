"""Compiles Vue's single-file components, in a page of the browser that has no network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict, cast

from agent_judge.errors import DriverError
from agent_judge.launch.bundle import usual_versions
from agent_judge.launch.chromium import SandboxedBrowser
from agent_judge.launch.esbuild import BuildFailed
from agent_judge.launch.npm import PackageProblem, fetch_package
from agent_judge.launch.workbench import Tool

_SCRIPT = Path(__file__).parent / "vue_components.js"
_PAGE = '<!doctype html><script type="module" src="/compile.js"></script>'


class _Made(TypedDict):
    error: str
    files: dict[str, str]


async def compiled_components(opened: SandboxedBrowser, files: Mapping[str, bytes], seconds: float) -> dict[str, bytes]:
    """Replaces every ``.vue`` file by a module, and adds the styles that it imports.

    Raises:
        BuildFailed: A component does not compile, or takes too long.
        DriverError: The compiler cannot be had.
    """
    components = {path: content.decode("utf-8", "replace") for path, content in files.items() if path.endswith(".vue")}
    if not components:
        return dict(files)
    made = await _compile(opened, components, seconds)
    if made["error"]:
        raise BuildFailed(made["error"], made["error"])
    return {**files, **{path: text.encode() for path, text in made["files"].items()}}


async def _compile(opened: SandboxedBrowser, components: Mapping[str, str], seconds: float) -> _Made:
    try:
        made = await opened.bench.use(
            opened.browser, await compiler_of_components(), "compileComponents", components, seconds
        )
    except TimeoutError:
        raise BuildFailed(f"compiling the components took more than {seconds:.0f} seconds", "") from None
    return cast(_Made, made)


async def compiler_of_components() -> Tool:
    """The page that compiles components.

    Raises:
        DriverError: The compiler cannot be had.
    """
    files = {"/": ("text/html", _PAGE.encode()), "/compile.js": ("text/javascript", _SCRIPT.read_bytes()),
             "/compiler.js": ("text/javascript", await _compiler())}  # fmt: skip
    return Tool("the compiler of Vue's components", files)


async def _compiler() -> bytes:
    version = usual_versions()["@vue/compiler-sfc"]
    try:
        folder = await fetch_package("@vue/compiler-sfc", version)
    except PackageProblem as problem:
        raise DriverError(f"the compiler of Vue's components cannot be had: {problem}") from problem
    return (folder / "dist" / "compiler-sfc.esm-browser.js").read_bytes()
