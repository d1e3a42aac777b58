"""Launches environments of kind ``page``: the browser is the sandbox, the files are answered from memory."""

from __future__ import annotations

from agent_judge.launch.launching import Launching
from agent_judge.launch.session import BrowserSession
from agent_judge.read.environment import Environment
from agent_judge.schema import Solution


async def launch_page(launching: Launching, environment: Environment, solution: Solution) -> BrowserSession:
    """Shows a solution that needs nothing but a browser."""
    return await launching.show_files(solution.files, solution.entry)
