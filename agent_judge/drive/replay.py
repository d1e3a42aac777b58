"""The replay policy: does a scenario's steps, deterministically, on whatever solution is there."""

from __future__ import annotations

from pathlib import Path

from agent_judge.drive.driver import DriveConfig, Driver
from agent_judge.drive.ground_scenario import plan_of
from agent_judge.errors import DriverError
from agent_judge.protocols import Chooser, Session
from agent_judge.schema import Scenario, Task, Trajectory, digest_of


class Replay:
    """Does every step of a scenario. A step whose target is not there does not keep the later ones from being tried."""

    def __init__(self, config: DriveConfig | None = None, chooser: Chooser | None = None) -> None:
        """Sets up a replay.

        Args:
            config: How patient the driver is.
            chooser: Who says which element a step means where rules do not tell; such steps are not found without.
        """
        self._config = config
        self._chooser = chooser

    def fingerprint(self) -> str:
        """Names all that determines what it does, besides the driver's version."""
        return digest_of(["Replay", self._chooser.fingerprint() if self._chooser else ""])

    async def drive(self, session: Session, task: Task, scenario: Scenario | None, folder: Path) -> Trajectory:
        """Uses a launched solution as the scenario says."""
        if scenario is None:
            raise DriverError("replay needs a scenario")
        if session.page is None:
            return Trajectory(scenario=scenario.id, title=scenario.title, policy="replay", launch=session.report)
        driver = Driver(session, session.page, folder, self._config, self._chooser)
        driver.grounder.memory.plan = plan_of(scenario.steps)
        await driver.begin()
        for step in scenario.steps:
            await driver.perform(step)
        return await driver.finish("replay", scenario)
