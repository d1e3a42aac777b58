"""Programs that serve a page: started in a box, whose network only a browser of their own joins."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass

from agent_judge.launch.box_account import account_of, build_failure, death_of, last_error
from agent_judge.launch.box_command import Plan
from agent_judge.launch.launching import Launching, OpenBox
from agent_judge.launch.own_world import ask
from agent_judge.launch.patience import Alarm, patiently
from agent_judge.launch.pip import Unavailable
from agent_judge.launch.server_errors import ServerErrors
from agent_judge.launch.session import BrowserSession
from agent_judge.launch.toolchain_plan import plan_for, recipe_for
from agent_judge.read.environment import Environment, Limits
from agent_judge.read.recipe import Recipe
from agent_judge.schema import Solution

_POLL_SECONDS = 0.05
_NAMED_PORT = re.compile(r"https?://[\w.\[\]:-]*?:(\d{2,5})\b")
_RENDER_SECONDS = 20
_EXISTS = "(selector) => document.querySelector(selector) !== null"
_STATUS = "() => performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0"
_FAILED_INSIDE = 500


@dataclass(frozen=True)
class _Boxed:
    """A server in its box."""

    box: OpenBox
    recipe: Recipe
    limits: Limits
    must_render: str


async def launch_server(launching: Launching, environment: Environment, solution: Solution) -> BrowserSession:
    """Starts a server, finds the port that it listens on, and opens its first page."""
    try:
        plan = await plan_for(environment, solution, launching.toolchain)
        recipe = recipe_for(environment, solution)
    except Unavailable as fault:
        return BrowserSession.failed("build_failed", str(fault), build_log=fault.log)
    return await serve(launching, plan, recipe)


async def serve(launching: Launching, plan: Plan, recipe: Recipe, *, must_render: str = "") -> BrowserSession:
    """Runs a plan that serves a page, and opens it.

    Args:
        launching: Where the page is opened.
        plan: What to run in a box.
        recipe: What the plan was made from.
        must_render: Why it is ``never_ready`` when the page does not come to what the recipe calls rendered; if not
            given, such a page is taken as it is.
    """
    box = await launching.open_box(plan)
    try:
        built = await box.built()
        if failure := build_failure(built, box.build_log, recipe, plan.limits):
            session = BrowserSession.failed(failure.outcome, failure.reason, build_log=box.build_log)
        else:
            session = await _first_page(launching, _Boxed(box, recipe, plan.limits, must_render))
    except BaseException:
        await box.close()
        raise
    _keep_words(session, box)
    packages = {**session.report.packages, **plan.packages}
    session.report = session.report.model_copy(update={"packages": packages})
    if session.page is None:
        await box.close()
        return session
    session.watch(lambda: death_of(box, recipe, plan.limits))
    session.hear(ServerErrors(lambda: box.stderr).take)

    async def end() -> None:
        _keep_words(session, box)
        await box.close()

    session.on_close(end)
    return session


async def _first_page(launching: Launching, boxed: _Boxed) -> BrowserSession:
    """Opens the first port that answers with a page, in a time that is bounded."""
    patience = Alarm(boxed.limits.start_seconds)
    try:
        return await _first_answer(launching, boxed, patience)
    finally:
        patience.cancel()


async def _first_answer(launching: Launching, boxed: _Boxed, patience: Alarm) -> BrowserSession:
    tried: set[int] = set()
    unready = BrowserSession.failed(
        "never_ready", f"nothing listened on any port within {boxed.limits.start_seconds:g} s"
    )
    while patience.left:
        if boxed.box.end() is not None:
            await unready.close()
            return _ended(boxed)
        fresh = [port for port in _ports(boxed.box) if port not in tried and boxed.recipe.port in (0, port)]
        if not fresh:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(boxed.box.ended(), _POLL_SECONDS)
            continue
        tried.add(fresh[0])
        session = await launching.show_server(boxed.box.pid, f"http://localhost:{fresh[0]}/")
        if session.report.outcome == "ready":
            return await _sound(await _rendered(session, boxed, max(1.0, patience.left)), boxed)
        await unready.close()
        unready = session
    return unready


def _ended(boxed: _Boxed) -> BrowserSession:
    end = boxed.box.end()
    assert end is not None
    account = account_of(end, boxed.box.stderr or boxed.box.stdout, boxed.recipe, boxed.limits)
    if account.outcome == "finished":
        what = "opening a window" if boxed.must_render else "serving a page"
        return BrowserSession.failed("never_ready", f"the program ended without {what}")
    return BrowserSession.failed(account.outcome, account.reason)


async def _rendered(session: BrowserSession, boxed: _Boxed, seconds: float) -> BrowserSession:
    """Waits until the page shows what the recipe says, as long as its program lives."""
    if not boxed.recipe.rendered or session.page is None:
        return session
    timeout = seconds if boxed.must_render else min(seconds, _RENDER_SECONDS)
    rendered = session.page.locator(boxed.recipe.rendered).first
    waiting = asyncio.ensure_future(rendered.wait_for(state="attached", timeout=0))
    end = asyncio.ensure_future(boxed.box.ended())
    try:
        with contextlib.suppress(TimeoutError):
            async with patiently(timeout):
                await asyncio.wait([waiting, end], return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        end.cancel()
    shown = waiting.done() and not waiting.cancelled() and waiting.exception() is None
    if boxed.box.end() is None and (shown or not boxed.must_render):
        return session
    await session.close()
    return BrowserSession.failed("never_ready", boxed.must_render) if boxed.box.end() is None else _ended(boxed)


async def _sound(session: BrowserSession, boxed: _Boxed) -> BrowserSession:
    """Calls a program crashed whose first page is nothing but word of its failure; it is shown all the same."""
    if session.page is None:
        return session
    if await ask(session.page, _STATUS) == _FAILED_INSIDE:
        words = f"its first page answers with status {_FAILED_INSIDE}"
    elif boxed.recipe.failed and await ask(session.page, _EXISTS, boxed.recipe.failed):
        words = "its first page shows nothing but an error"
    else:
        return session
    reason = last_error(boxed.box.stderr) or last_error(boxed.box.stdout)
    words += f": {reason}" if reason else ""
    session.report = session.report.model_copy(update={"outcome": "crashed", "reason": words})
    return session


def _keep_words(session: BrowserSession, box: OpenBox) -> None:
    words = {"build_log": box.build_log, "stdout": box.stdout, "stderr": box.stderr}
    session.report = session.report.model_copy(update=words)


def _ports(box: OpenBox) -> list[int]:
    """Ports that something in the box listens on, likeliest first: those that the program named, then the lowest."""
    found = box.listening()
    named = [int(port) for port in _NAMED_PORT.findall(box.stdout + box.stderr)]
    return sorted(found, key=lambda port: (named.index(port) if port in named else len(named), port))
