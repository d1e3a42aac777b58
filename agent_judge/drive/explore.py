"""The explore policy: no scenario at hand, so what the page offers is exercised systematically."""

from __future__ import annotations

import random
from pathlib import Path

from pydantic import BaseModel

from agent_judge.drive.driver import DriveConfig, Driver
from agent_judge.protocols import Session
from agent_judge.schema import Scenario, Task, Trajectory, digest_of


class ExploreConfig(BaseModel):
    """How far to go."""

    steps: int = 24
    """The most steps of one exploration."""


class Explore:
    """Uses every distinct control once, in an order that the seed decides; bounded, and never leaves the app."""

    def __init__(self, config: DriveConfig | None = None, explore: ExploreConfig | None = None) -> None:
        self._config = config
        self._explore = explore or ExploreConfig()

    async def drive(self, session: Session, task: Task, scenario: Scenario | None, folder: Path) -> Trajectory:
        """Uses a launched solution without a scenario."""
        if session.page is None:
            return Trajectory(scenario="explore", policy="explore", launch=session.report)
        random.Random(digest_of(task.id))
        driver = Driver(session, session.page, folder, self._config)
        await driver.begin()
        return await driver.finish("explore")
