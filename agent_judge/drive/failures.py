"""Whose fault it is when the page does not do what the driver asks: the app died or hung, or our own side failed."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import TypeVar

from playwright.async_api import Error, Frame, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from agent_judge.errors import DriverError
from agent_judge.launch.hardened import HAS_BODY
from agent_judge.launch.liveness import browser_answers
from agent_judge.launch.own_world import ask, has_answered
from agent_judge.launch.patience import patiently
from agent_judge.protocols import Session

T = TypeVar("T")
_CRASHED = re.compile(r"(?:Page|Target) crashed")
"""What Playwright says first where the page did; what follows may quote the page."""
_PING_SECONDS = 1


class Crash(Exception):
    """The app died or hung; the message says how."""


async def guard(session: Session, page: Page, doing: Awaitable[T], seconds: float) -> T:
    """Bounds what is done with a page, and tells the app's failures from our own.

    Raises:
        Crash: The app died, or did not answer for so long.
        DriverError: Our own side failed.
    """
    try:
        async with patiently(seconds):
            return await doing
    except (Error, TimeoutError) as error:
        message = error.message if isinstance(error, Error) else "it took too long"
        waited = isinstance(error, (TimeoutError, PlaywrightTimeout))
        raise await _diagnose(session, page, message, waited=waited) from error


async def _diagnose(session: Session, page: Page, message: str, *, waited: bool) -> Crash | DriverError:
    if reason := session.death():
        return Crash(reason)
    if page.is_closed() and not await browser_answers(page.context.browser):
        return DriverError(f"the browser is gone: {first_line(message)}")
    if _CRASHED.search(first_line(message)):
        return Crash("the page crashed")
    if page.is_closed():
        return Crash("the page closed itself")
    try:
        whole = await _has_body(page)
        if whole is None and not await browser_answers(page.context.browser):
            return DriverError(f"the browser does not answer: {first_line(message)}")
        whole = await _has_body(page) if whole is None else whole  # A sandbox may have stood still for a while.
        if whole is None:
            return Crash("the page stopped responding")
    except Error as error:
        return DriverError(first_line(error.message))
    if not whole:
        return Crash("the page removed its own body: nothing is left of it")
    if waited and await _has_hung_frame(page):
        return Crash("a frame in the page stopped responding")
    return DriverError(first_line(message))


async def _has_body(where: Page | Frame) -> bool | None:
    """Whether anything of a page or a frame is left; nothing where it does not answer."""
    try:
        async with patiently(_PING_SECONDS):
            return bool(await ask(where, HAS_BODY))
    except TimeoutError:
        return None


async def _has_hung_frame(page: Page) -> bool:
    """Whether a frame that answered before does not any more: one of another origin has a process of its own."""
    inner = [frame for frame in page.frames if frame is not page.main_frame and has_answered(frame)]
    silent = [frame for frame in inner if not await _answers(frame)]
    if not silent or not await browser_answers(page.context.browser):
        return False
    return not all([await _answers(frame) for frame in silent])


async def _answers(frame: Frame) -> bool:
    try:
        return await _has_body(frame) is not None
    except Error:
        return True  # It went away, or is not there yet.


def first_line(message: str) -> str:
    """The first line of a message."""
    return message.strip().splitlines()[0] if message.strip() else "unknown failure"
