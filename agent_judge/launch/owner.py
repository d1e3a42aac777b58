"""Names this process among all that ever run, so that what it leaves behind elsewhere can be told from what lives."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

import psutil


def this_process() -> str:
    """Names this process among all that this machine ever runs."""
    return f"{this_machine()} {os.getpid()} {psutil.Process().create_time():.2f}"


def this_machine() -> str:
    """Names this machine, anew whenever it is started, as far as this process sees it.

    A container sees no processes but its own, and what it does not see may live all the same.
    """
    with contextlib.suppress(OSError):
        booted = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{booted}-{Path('/proc/self/ns/pid').stat().st_ino}-{os.getuid()}"
    return socket.gethostname()


def is_left_behind(owner: str) -> bool:
    """Whether a process that named itself is one of this machine's that is no more."""
    machine, pid, began = owner.split()
    if machine != this_machine():
        # Another machine's, or this one's before it was started anew; only the latter is certain to be dead.
        return False
    try:
        return f"{psutil.Process(int(pid)).create_time():.2f}" != began
    except psutil.NoSuchProcess:
        return True
