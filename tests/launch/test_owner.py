"""Who left something behind: only processes that can be seen to be no more."""

from __future__ import annotations

import subprocess
import sys

from agent_judge.launch.owner import is_left_behind, this_machine, this_process

_NAMES_ITSELF = "from agent_judge.launch.owner import this_process; print(this_process())"


def test_this_process_has_left_nothing_behind() -> None:
    assert not is_left_behind(this_process())


def test_a_process_that_has_ended_has() -> None:
    ended = subprocess.run([sys.executable, "-c", _NAMES_ITSELF], capture_output=True, text=True, check=True)
    assert is_left_behind(ended.stdout)


def test_who_sees_other_processes_than_this_one_may_live() -> None:
    machine, pid, began = this_process().split()
    booted = this_machine().rpartition("-")[0].rpartition("-")[0]
    assert machine == this_machine()
    assert not is_left_behind(f"{booted}-4026531835-0 999999999 {began}"), "in another container"
    assert not is_left_behind(f"elsewhere {pid} {began}")
