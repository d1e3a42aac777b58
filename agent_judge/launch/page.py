"""Launches environments of kind ``page``: the browser is the sandbox, the files are answered from memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agent_judge.launch.esbuild import BuildFailed
from agent_judge.launch.launching import Launching
from agent_judge.launch.page_bundle import bundled_page
from agent_judge.launch.page_files import files_page
from agent_judge.launch.page_parts import BuiltPage
from agent_judge.launch.page_settings import PageSettings, page_settings
from agent_judge.launch.session import BrowserSession
from agent_judge.read.environment import Environment
from agent_judge.schema import Solution

Builder = Callable[[Environment, PageSettings, Solution], Awaitable[BuiltPage]]
_BUILDERS: dict[str, Builder] = {"files": files_page, "bundle": bundled_page}


async def launch_page(launching: Launching, environment: Environment, solution: Solution) -> BrowserSession:
    """Shows a solution that needs nothing but a browser."""
    settings = page_settings(environment)
    try:
        page = await _BUILDERS[settings.builder](environment, settings, solution)
    except BuildFailed as failed:
        return BrowserSession.failed("build_failed", str(failed), build_log=failed.log)
    session = await launching.show_files(page.files, page.entry, any_path=page.any_path)
    session.report = session.report.model_copy(update={"build_log": page.log})
    return session
