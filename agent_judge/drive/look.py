"""The look policy: no interaction, one Observation."""

from __future__ import annotations

from pathlib import Path

from agent_judge.drive.driver import DriveConfig, Driver
from agent_judge.protocols import Session
from agent_judge.schema import Scenario, Task, Trajectory


class Look:
    """Only looks at the first page."""

    def __init__(self, config: DriveConfig | None = None) -> None:
        self._config = config

    async def drive(self, session: Session, task: Task, scenario: Scenario | None, folder: Path) -> Trajectory:
        """Makes one Observation of a launched solution."""
        if session.page is None:
            return Trajectory(scenario="look", policy="look", launch=session.report)
        driver = Driver(session, session.page, folder, self._config)
        await driver.begin()
        return await driver.finish("look")
