"""The commands: thin, over :mod:`agent_judge.api`, :mod:`agent_judge.run` and :mod:`agent_judge.rank`."""

from agent_judge.cli.app import main

__all__ = ["main"]
