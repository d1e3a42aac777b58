"""Using a launched solution as a person would, and recording what it does."""

from agent_judge.drive.examine import examine
from agent_judge.drive.explore import Explore
from agent_judge.drive.look import Look
from agent_judge.drive.replay import Replay
from agent_judge.drive.version import DRIVER_VERSION

__all__ = ["DRIVER_VERSION", "Explore", "Look", "Replay", "examine"]
