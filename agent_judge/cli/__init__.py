"""The commands: thin, over :mod:`agent_judge.api`, :mod:`agent_judge.run` and :mod:`agent_judge.rank`."""

import sys


def main() -> None:
    """Runs the program and exits; being asked to stop while it is still being loaded ends in one line, too."""
    try:
        from agent_judge.cli.app import run
    except KeyboardInterrupt:
        sys.stderr.write("\nagent-judge: stopped before anything was begun\n")
        sys.exit(130)
    sys.exit(run())


__all__ = ["main"]
