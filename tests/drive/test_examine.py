"""From a solution to its evidence, whatever happens on the way."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from agent_judge.drive import DRIVER_VERSION, Look, Replay, examine
from agent_judge.errors import DriverError
from agent_judge.launch.local import LocalBackend
from agent_judge.protocols import Backend, Session
from agent_judge.schema import Evidence, Scenario, Solution, Task, Viewport

TASK = Task(id="notes", instruction="Build a page with notebooks, a calendar, reminders, colours, tags and a notebook")
SCENARIO = Scenario.model_validate(
    {"id": "open", "steps": [{"do": "click", "target": {"role": "button", "name": "Open"}}]}
)


def solution(page: str, problem: str = "") -> Solution:
    files = {"index.html": page.encode()}
    return Solution(environment="html", language="html", entry="index.html", files=files, problem=problem)


async def gather(backend: LocalBackend, folder: Path, page: str, problem: str = "") -> Evidence:
    made = solution(page, problem)
    return await examine(backend, TASK, made, SCENARIO, Replay(), folder, key="k", seed=1)


async def test_evidence_tells_launch_steps_probes_and_versions(backend: LocalBackend, tmp_path: Path) -> None:
    page = """<html lang="en"><title>Notes</title><h1>My notebook</h1><img src="data:,"><button>Open</button>
      <div style="width: 2000px; background: navy; color: white">wide</div>"""
    evidence = await gather(backend, tmp_path, page)
    assert (evidence.key, evidence.launch.outcome) == ("k", "ready")
    assert evidence.trajectories[0].steps[0].outcome == "done"
    assert evidence.versions["driver"] == DRIVER_VERSION
    probes = evidence.probes
    assert probes.accessibility is not None
    assert "image-alt" in {violation.rule for violation in probes.accessibility}
    assert probes.overflow is not None
    assert probes.overflow > 500
    assert probes.coverage == 0.2
    assert probes.blank is False
    assert probes.substance is not None
    assert 0 < probes.substance < 1
    assert probes.frame_rate is not None
    assert probes.frame_rate > 5


async def test_a_blank_page_is_seen_to_be_blank(backend: LocalBackend, tmp_path: Path) -> None:
    evidence = await examine(backend, TASK, solution("<p></p>"), None, Look(), tmp_path, key="k", seed=1)
    assert (evidence.probes.blank, evidence.probes.substance, evidence.probes.coverage) == (True, 0.0, 0.0)


async def test_what_does_not_launch_still_has_evidence(backend: LocalBackend, tmp_path: Path) -> None:
    evidence = await gather(backend, tmp_path, "", problem="the answer holds no code")
    assert (evidence.launch.outcome, evidence.launch.reason) == ("build_failed", "the answer holds no code")
    assert evidence.trajectories[0].observations == ()
    assert not evidence.driver_error


class Flaky:
    """A backend that fails so many times before it works."""

    name = "flaky"

    def __init__(self, backend: LocalBackend, failures: int) -> None:
        self._backend = backend
        self.failures = failures

    def versions(self, environment: str) -> dict[str, str]:
        return dict(self._backend.versions(environment))

    async def launch(self, made: Solution, viewport: Viewport, seed: int) -> Session:
        if self.failures:
            self.failures -= 1
            raise DriverError("no sandbox today")
        return await self._backend.launch(made, viewport, seed)


@pytest.mark.parametrize(("failures", "message"), [(2, ""), (3, "no sandbox today")])
async def test_our_own_failures_are_tried_again_and_then_told(
    backend: LocalBackend, tmp_path: Path, failures: int, message: str
) -> None:
    flaky = cast(Backend, Flaky(backend, failures))
    made = solution("<button>Open</button>")
    evidence = await examine(flaky, TASK, made, SCENARIO, Replay(), tmp_path, key="k", seed=1, retries=2)
    assert evidence.driver_error == message


async def test_half_a_character_in_what_a_page_says_is_replaced(backend: LocalBackend, tmp_path: Path) -> None:
    page = """<button onclick="const half = '😀 Ann'[0]; document.title = half; this.textContent = half + 'nn';
      console.log(half); console.error(half); throw new Error(half)">Open</button>"""
    evidence = await gather(backend, tmp_path, page)
    assert Evidence.model_validate_json(evidence.model_dump_json()) == evidence
    assert "\N{REPLACEMENT CHARACTER}nn" in evidence.trajectories[0].observations[-1].text


async def test_a_page_that_hides_what_looking_needs_is_used_all_the_same(backend: LocalBackend, tmp_path: Path) -> None:
    evidence = await gather(backend, tmp_path, "<button>Open</button><script>const Map = [[0, 1], [1, 0]]</script>")
    assert evidence.driver_error == ""
    assert [step.outcome for step in evidence.trajectories[0].steps] == ["done"]
