"""Makes pages from web files as they are: HTML with what lies beside it, or bare code that gets a page."""

from __future__ import annotations

from agent_judge.launch.page_parts import BuiltPage
from agent_judge.launch.page_settings import PageSettings
from agent_judge.read.environment import Environment
from agent_judge.schema import Solution


async def files_page(environment: Environment, settings: PageSettings, solution: Solution) -> BuiltPage:
    """Serves a solution as a static server would."""
    return BuiltPage(solution.files, solution.entry)
