"""Programs with windows: given a screen inside their box, which a page shows and hands mouse and keys to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from agent_judge.launch.box_command import Mount
from agent_judge.launch.launching import Launching
from agent_judge.launch.pip import Unavailable
from agent_judge.launch.server import serve
from agent_judge.launch.session import BrowserSession
from agent_judge.launch.toolchain_plan import plan_for, recipe_for
from agent_judge.places import environments_folder
from agent_judge.read.environment import Environment
from agent_judge.schema import Solution


async def launch_desktop(launching: Launching, environment: Environment, solution: Solution) -> BrowserSession:
    """Starts a program on a screen as large as the page; it is ready once a window is drawn."""
    try:
        plan = await plan_for(environment, solution, launching.toolchain)
        recipe = recipe_for(environment, solution)
    except Unavailable as fault:
        return BrowserSession.failed("build_failed", str(fault), build_log=fault.log)
    size = f"{launching.viewport.width}x{launching.viewport.height}"
    plan = replace(
        plan, mounts=[*plan.mounts, Mount(screen_folder(), "/screen")], variables={**plan.variables, "SCREEN": size}
    )
    unseen = f"no window appeared within {plan.limits.start_seconds:g} s"
    return await serve(launching, plan, recipe, must_render=unseen)


def screen_folder() -> Path:
    """What gives a program its screen; every environment of this kind shares it."""
    return environments_folder() / "desktop" / "screen"
