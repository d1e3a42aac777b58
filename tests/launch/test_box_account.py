"""How a build's end is told: by the limit that it ran into, or by the compiler's words."""

from __future__ import annotations

import pytest

from agent_judge.launch.box import Ended
from agent_judge.launch.box_account import build_failure
from agent_judge.read.environment import Limits
from agent_judge.read.recipe import Recipe

_RECIPE = Recipe(languages=("c",), start=("true",))
_LIMITS = Limits(
    memory_mib=256, processes=40, disk_mib=64, output_kib=64, total_seconds=9, build_seconds=9, start_seconds=9
)


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("virtual memory exhausted: Cannot allocate memory", "killed: used more than 256 MiB of memory"),
        ("cc1: out of memory allocating 65536 bytes after a total of 262144 bytes", "used more than 256 MiB of memory"),
        ("memory allocation of 1048576 bytes failed", "used more than 256 MiB of memory"),
        ("/tmp/ccX.s: No space left on device", "used more than 64 MiB of disk"),
    ],
)
def test_a_compiler_that_runs_out_before_the_watch_sees_it_ran_into_the_limit(log: str, reason: str) -> None:
    account = build_failure(Ended("exited", 1), log, _RECIPE, _LIMITS)
    assert account is not None
    assert account.outcome == "killed"
    assert reason in account.reason


def test_code_that_a_compiler_quotes_is_no_complaint_of_its_own() -> None:
    log = 'main.c:3:5: error: expected ";"\n    3 | puts("out of memory")\n'
    account = build_failure(Ended("exited", 1), log, _RECIPE, _LIMITS)
    assert account is not None
    assert account.outcome == "build_failed"
    assert "main.c:3:5" in account.reason
