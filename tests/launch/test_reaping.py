"""The machine's table of processes after sandboxes that were ended at any moment."""

from __future__ import annotations

import contextlib
import random
import sys

import psutil
import pytest

from agent_judge.launch.esbuild import BuildFailed, esbuild
from agent_judge.launch.reaping import adopt_orphans, see_orphans_off

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sandboxes have namespaces on Linux only")


async def test_builds_ended_at_any_moment_leave_no_process() -> None:
    adopt_orphans()
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    moments = random.Random(7)
    for _ in range(20):
        with contextlib.suppress(BuildFailed):
            await esbuild({"a.js": b"export default 1"}, "a.js", [], seconds=moments.uniform(0, 0.002))
    await see_orphans_off(10)
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    assert [child.name() for child in left if child.name() in ("bwrap", "esbuild", "sh")] == []
