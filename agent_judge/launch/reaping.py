"""Takes leave of sandboxes' first processes where the machine's own first process does not.

Bubblewrap ends before the first process of its namespace does, which then belongs to whoever adopts orphans.
In a container that is often a process that never reaps, and every sandbox would leave a dead entry in the table
of processes for ever. So we adopt them ourselves.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Makes this process the one that orphans of its sandboxes come to (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans() -> None:
    """Removes dead processes of inner namespaces; never a direct child of ours, which live in our own namespace."""
    if sys.platform != "linux":
        return
    for listing in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for pid in map(int, listing.read_text().split()):
                if _is_dead_inside(pid):
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(pid, os.WNOHANG)


def _is_dead_inside(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    told = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return told.get("State", "").strip().startswith("Z") and len(told.get("NSpid", "").split()) > 1
