"""Takes leave of sandboxes' first processes where the machine's own first process does not.

Bubblewrap ends before the first process of its namespace does, and a browser's driver may end before bubblewrap does:
what they leave belongs to whoever adopts orphans. In a container that is often a process that never reaps, and every
sandbox would leave a dead entry in the table of processes for ever. So we adopt them ourselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import select
import sys
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Makes this process the one that orphans of its sandboxes come to (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans() -> None:
    """Removes what is left of dead sandboxes; never a process that we started ourselves."""
    for pid in _orphans():
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


async def see_orphans_off(seconds: float) -> None:
    """The same once all of them are dead, which takes the kernel a moment where a namespace was full."""
    if sys.platform == "linux":
        until = time.monotonic() + seconds
        for pid in _orphans():
            with contextlib.suppress(OSError):
                handle = os.pidfd_open(pid)
                try:
                    await asyncio.to_thread(_wait, handle, until)
                finally:
                    os.close(handle)
    reap_orphans()


def _wait(handle: int, until: float) -> None:
    ended = select.poll()
    ended.register(handle, select.POLLIN)
    ended.poll(max(0.0, until - time.monotonic()) * 1000)


def _orphans() -> list[int]:
    """Processes that came to us when those that had started them ended: they are dead, or about to be."""
    if sys.platform != "linux":
        return []
    found = []
    for listing in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [pid for pid in map(int, listing.read_text().split()) if _is_orphan(pid)]
    return found


def _is_orphan(pid: int) -> bool:
    """Whether it is a sandbox's process that somebody else started.

    Those in inner namespaces are, and so are those in another session than ours: a browser's driver gives the browser
    one of its own, and nothing that we start here has one.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        return _field(status, "Name") == ["bwrap"] and (
            len(_field(status, "NSpid")) > 1 or os.getsid(pid) != os.getsid(0)
        )
    except OSError:
        return False


def _field(status: str, name: str) -> list[str]:
    return next((line.split()[1:] for line in status.splitlines() if line.startswith(f"{name}:")), [])
