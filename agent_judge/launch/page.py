"""Launches environments of kind ``page``: the browser is the sandbox, the files are answered from memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agent_judge.errors import MissingRequirement
from agent_judge.launch.bundle import packages_together
from agent_judge.launch.esbuild import BuildFailed, tools
from agent_judge.launch.launching import Launching
from agent_judge.launch.npm import find_npm, locked_is_there, npm_command
from agent_judge.launch.page_bundle import bundled_page
from agent_judge.launch.page_document import document_page, renderers
from agent_judge.launch.page_files import files_page
from agent_judge.launch.page_parts import BuiltPage
from agent_judge.launch.page_settings import PageSettings, page_settings
from agent_judge.launch.page_tailwind import tailwind_tool, usual_tailwind
from agent_judge.launch.session import BrowserSession
from agent_judge.launch.vue_components import compiler_of_components
from agent_judge.launch.workbench import Tool
from agent_judge.places import environments_folder
from agent_judge.protocols import Missing
from agent_judge.read.environment import Environment
from agent_judge.schema import Solution

Builder = Callable[[Launching, Environment, PageSettings, Solution], Awaitable[BuiltPage]]
_BUILDERS: dict[str, Builder] = {"files": files_page, "bundle": bundled_page, "document": document_page}


async def launch_page(launching: Launching, environment: Environment, solution: Solution) -> BrowserSession:
    """Shows a solution that needs nothing but a browser."""
    settings = page_settings(environment)
    if solution.entry not in solution.files:
        return BrowserSession.failed("build_failed", f"the solution has no file {solution.entry!r} to start from")
    try:
        page = await _BUILDERS[settings.builder](launching, environment, settings, solution)
    except BuildFailed as failed:
        return BrowserSession.failed("build_failed", str(failed), build_log=failed.log)
    session = await launching.show_files(page.files, page.entry, any_path=page.any_path)
    packages = {**session.report.packages, **page.packages}
    session.report = session.report.model_copy(update={"build_log": page.log, "packages": packages})
    return session


async def tools_of_pages(environment: Environment) -> list[Tool]:
    """The tools that pages of an environment are made with in the browser.

    Raises:
        MissingRequirement: npm is not there, or its registry does not answer.
        DriverError: One cannot be had.
    """
    settings = page_settings(environment)
    found = [await tailwind_tool(usual_tailwind(environment, settings))] if settings.tailwind else []
    return [*found, await compiler_of_components()] if settings.compile == "vue" else found


async def prepare_page(environment: Environment) -> None:
    """Fetches what pages of an environment have in common.

    Raises:
        MissingRequirement: npm is not there, or its registry does not answer.
    """
    settings = page_settings(environment)
    await tools()
    await tools_of_pages(environment)
    if settings.builder == "document":
        await renderers()
    if settings.prepared:
        await packages_together(settings.prepared, (), environment.limits.build_seconds)


def missing_for_page(environment: Environment) -> list[Missing]:
    """What this machine lacks to make pages of an environment, besides the browser."""
    needs_npm = page_settings(environment).builder != "files" and not locked_is_there(environments_folder() / "react")
    if not needs_npm:
        return []
    try:
        find_npm()
    except MissingRequirement:
        return [Missing("npm", npm_command())]
    return []
