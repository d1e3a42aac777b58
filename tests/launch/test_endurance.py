"""Many launches in a row, some of them hostile, leave nothing behind."""

from __future__ import annotations

import pytest

from agent_judge.launch.local import LocalBackend
from eval.benchmarks.endurance import endure, samples

_GROWTH_MIB = 50
"""What Python keeps for itself."""


async def test_twenty_launches_leave_processes_files_and_memory_as_they_were() -> None:
    backend = LocalBackend()
    names = [name for name in ("html", "react", "vue", "interpreter", "webserver") if not backend.missing(name)]
    if "interpreter" not in names:
        pytest.skip("this machine cannot box programs")

    endured = await endure(20, samples(names))

    assert endured.after.processes <= endured.before.processes
    assert endured.after.open_files <= endured.before.open_files
    assert endured.after.temporary <= endured.before.temporary
    assert endured.after.memory_mib < endured.before.memory_mib + _GROWTH_MIB
    assert {outcome for (name, outcome) in endured.outcomes if name in names} <= {"ready", "finished"}
    assert ("forks without end", "killed") in endured.outcomes
