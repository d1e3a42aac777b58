"""Bounds the memory of pages: a renderer that takes too much is ended before the machine suffers."""

from __future__ import annotations

import asyncio
import contextlib
import time

import psutil

PAGE_MEMORY_MIB = 2048
_LOOK_SECONDS = 0.5
_FRESH_SECONDS = 5.0


class RendererWatch:
    """Looks at the renderers of one browser, which is found by its mark among our descendants."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._limit_mib = PAGE_MEMORY_MIB
        self._browser: psutil.Process | None = None
        self._overrun_at = -_FRESH_SECONDS
        self._task = asyncio.create_task(self._look())

    def allow(self, memory_mib: int) -> None:
        """Lets one page take this much; of pages that share the browser the most generous limit counts."""
        self._limit_mib = max(self._limit_mib, memory_mib)

    def overrun(self) -> str:
        """What a renderer was ended for a moment ago, or nothing."""
        fresh = time.monotonic() - self._overrun_at < _FRESH_SECONDS
        return f"used more than {self._limit_mib} MiB of memory" if fresh else ""

    def stop(self) -> None:
        """Looks no more."""
        self._task.cancel()

    async def _look(self) -> None:
        while True:
            for process in await asyncio.to_thread(self._too_large):
                self._overrun_at = time.monotonic()
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
