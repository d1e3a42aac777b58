"""The limits of a box that the kernel does not keep by itself, kept by looking at it ten times a second."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from pathlib import Path

from agent_judge.launch.box_command import WORK
from agent_judge.read.environment import Limits

_INTERVAL = 0.1
_FILES = 100_000
"""Each file takes kernel memory that no folder's size counts."""
_OWN_PROCESSES = 2
"""Bubblewrap's and the script's, which are not the solution's."""
_STATE = re.compile(r"^State:\s+(\w)", re.MULTILINE)
_THREADS = re.compile(r"^Threads:\s+(\d+)", re.MULTILINE)
_MEMORY = re.compile(r"^(?:RssAnon|RssShmem):\s+(\d+)", re.MULTILINE)
_FAIR_MEMORY = re.compile(r"^(?:Pss_Anon|Pss_Shmem):\s+(\d+)", re.MULTILINE)


def watch(init: int, limits: Limits, kill: Callable[[str], None], over: threading.Event) -> None:
    """Watches a box in a thread of its own, so that a busy program of ours does not make it blind.

    Args:
        init: The first process, as the host numbers it, of a box that is up: before, it still sees the host's files.
        limits: What it may use.
        kill: Called at most once, in that thread, with what the box did.
        over: Ends the watch when set.
    """
    threading.Thread(target=_watch, args=(Path(f"/proc/{init}"), limits, kill, over), daemon=True).start()


def _watch(init: Path, limits: Limits, kill: Callable[[str], None], over: threading.Event) -> None:
    while not over.wait(_INTERVAL):
        try:
            reason = _excess(init / "root", limits)
        except OSError:
            if _gone(init):
                return
            continue
        if reason:
            kill(reason)
            return


def _gone(init: Path) -> bool:
    state = _STATE.search(_read(init / "status"))
    return state is None or state[1] in "ZX"


def _excess(root: Path, limits: Limits) -> str:
    processes = _processes(root)
    if sum(_threads(process) for process in processes) - _OWN_PROCESSES > limits.processes:
        return f"ran more than {limits.processes} processes and threads"
    bound = limits.memory_mib * 1024
    if sum(map(_memory, processes)) > bound and sum(map(_fair_memory, processes)) > bound:
        return f"used more than {limits.memory_mib} MiB of memory"
    for folder in (WORK, "/tmp"):
        room = os.statvfs(root / folder.lstrip("/"))
        if room.f_bavail == 0:
            return f"used more than {limits.disk_mib} MiB of disk"
        if room.f_files - room.f_ffree > _FILES:
            return f"made more than {_FILES} files"
    return ""


def _processes(root: Path) -> list[Path]:
    """The box's own process table: nothing that it runs can leave it."""
    return [entry for entry in (root / "proc").iterdir() if entry.name.isdigit()]


def _threads(process: Path) -> int:
    return sum(int(count) for count in _THREADS.findall(_read(process / "status")))


def _memory(process: Path) -> int:
    """Anonymous and shared memory in KiB; pages that several processes share count whole for each."""
    return sum(int(size) for size in _MEMORY.findall(_read(process / "status")))


def _fair_memory(process: Path) -> int:
    """The same, where a page that n processes share counts one nth for each."""
    sizes = _FAIR_MEMORY.findall(_read(process / "smaps_rollup"))
    return sum(int(size) for size in sizes) if sizes else _memory(process)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:  # The process has just ended, or hides this from us.
        return ""
