"""Compiles Vue's single-file components, in a page of the browser that has no network."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

from playwright.async_api import Browser, Error, Route

from agent_judge.errors import DriverError
from agent_judge.launch.bundle import usual_versions
from agent_judge.launch.esbuild import BuildFailed
from agent_judge.launch.npm import PackageProblem, fetch_package

_SCRIPT = Path(__file__).parent / "vue_components.js"
_PAGE = '<!doctype html><script type="module" src="/compile.js"></script>'


async def compiled_components(browser: Browser, files: Mapping[str, bytes], seconds: float) -> dict[str, bytes]:
    """Replaces every ``.vue`` file by a module, and adds the styles that it imports.

    Raises:
        BuildFailed: A component does not compile, or takes too long.
        DriverError: The compiler cannot be had.
    """
    components = {path: content.decode("utf-8", "replace") for path, content in files.items() if path.endswith(".vue")}
    if not components:
        return dict(files)
    made = await _compile(browser, components, seconds)
    if made["error"]:
        raise BuildFailed(str(made["error"]), str(made["error"]))
    return {**files, **{path: text.encode() for path, text in made["files"].items()}}


async def _compile(browser: Browser, components: Mapping[str, str], seconds: float) -> dict[str, dict[str, str]]:
    answers = {"/": ("text/html", _PAGE.encode()), "/compile.js": ("text/javascript", _SCRIPT.read_bytes()),
               "/compiler.js": ("text/javascript", await component_compiler())}  # fmt: skip
    context = await browser.new_context()

    async def answer(route: Route) -> None:
        kind, body = answers.get(route.request.url.removeprefix("http://localhost"), ("text/plain", b""))
        await route.fulfill(body=body, content_type=kind)

    try:
        async with asyncio.timeout(seconds):
            await context.route("**/*", answer)
            page = await context.new_page()
            await page.goto("http://localhost/")
            await page.wait_for_function("window.ready", timeout=seconds * 1000)
            made: dict[str, dict[str, str]] = await page.evaluate("compileComponents", components)
            return made
    except TimeoutError:
        raise BuildFailed(f"compiling the components took more than {seconds:.0f} seconds", "") from None
    except Error as error:
        raise DriverError(f"the compiler of Vue's components failed: {error.message.splitlines()[0]}") from error
    finally:
        with contextlib.suppress(Error):
            await context.close()


async def component_compiler() -> bytes:
    """The compiler's script.

    Raises:
        DriverError: It cannot be had.
    """
    version = usual_versions()["@vue/compiler-sfc"]
    try:
        folder = await fetch_package("@vue/compiler-sfc", version)
    except PackageProblem as problem:
        raise DriverError(f"the compiler of Vue's components cannot be had: {problem}") from problem
    return (folder / "dist" / "compiler-sfc.esm-browser.js").read_bytes()
