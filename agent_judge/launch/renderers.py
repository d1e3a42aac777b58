"""Bounds the memory of pages: a renderer that takes too much is ended before the machine suffers."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Protocol

import psutil

PAGE_MEMORY_MIB = 2048
_LOOK_SECONDS = 0.5
_FRESH_SECONDS = 5.0


class PageWatch(Protocol):
    """What bounds the memory of one browser's pages."""

    def overrun(self) -> str:
        """What the renderer of a page that has just crashed was ended for, or nothing; each is told once."""
        ...

    def stop(self) -> None:
        """Looks no more."""
        ...


class Overruns:
    """Renderers that were ended just now, each to be told once, with the page that crashes for it."""

    def __init__(self, limit_mib: int) -> None:
        self._limit_mib = limit_mib
        self._at: list[float] = []

    def add(self) -> None:
        """One is ended now."""
        self._at.append(time.monotonic())

    def next(self) -> str:
        """What the oldest was ended for, or nothing."""
        oldest = time.monotonic() - _FRESH_SECONDS
        self._at = [at for at in self._at if at > oldest]
        if not self._at:
            return ""
        self._at.pop(0)
        return f"used more than {self._limit_mib} MiB of memory"


class RendererWatch:
    """Looks at the renderers of one browser, which is found by its mark among our descendants.

    Its limit never changes: what happens to a page must not depend on those that were there before.
    """

    def __init__(self, mark: str, limit_mib: int) -> None:
        self._mark = mark
        self._limit_mib = limit_mib
        self._browser: psutil.Process | None = None
        self._ended = Overruns(limit_mib)
        self._task = asyncio.create_task(self._look())

    def overrun(self) -> str:
        """What the renderer of a page that has just crashed was ended for, or nothing; each is told once."""
        return self._ended.next()

    def stop(self) -> None:
        """Looks no more."""
        self._task.cancel()

    async def _look(self) -> None:
        while True:
            for process in await asyncio.to_thread(self._too_large):
                self._ended.add()
                with contextlib.suppress(psutil.Error):
                    process.kill()
            await asyncio.sleep(_LOOK_SECONDS)

    def _too_large(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            if self._browser is None:
                self._browser = _marked(self._mark)
            if self._browser is not None:
                return [one for one in self._browser.children(recursive=True) if self._overruns(one)]
        return []

    def _overruns(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error):
            large = process.memory_info().rss > self._limit_mib * 2**20
            return large and "--type=renderer" in process.cmdline()
        return False


def _marked(mark: str) -> psutil.Process | None:
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            words = process.cmdline()
            if mark in words and not words[0].endswith("bwrap") and "--type=renderer" not in words:
                return process
    return None
