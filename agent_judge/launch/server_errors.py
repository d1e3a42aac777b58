"""The uncaught exceptions of a program's own code that its server tells of, since the browser never hears of them."""

from __future__ import annotations

import re
from collections.abc import Callable

_PYTHON = re.compile(r"^Traceback \(most recent call last\):\r?\n((?:[ \t].*\n|\r?\n)+)(\S.*)$", re.MULTILINE)
_NODE = re.compile(r"^(?:Uncaught )?(\w*(?:Error|Exception): .*)\n((?:[ \t]+at .*(?:\n|$))+)", re.MULTILINE)
_OWN = "/work/"
"""Where the program's own files lie: what passes through none of them is the framework's business."""
_CHARACTERS = 500


class ServerErrors:
    """Takes from what a server writes the exceptions that have come since the last look."""

    def __init__(self, written: Callable[[], str]) -> None:
        """Prepares to look.

        Args:
            written: All that the server has written so far; it only grows.
        """
        self._written = written
        self._looked_at = 0

    def take(self) -> list[str]:
        """The new ones, each in one line: ``ZeroDivisionError: division by zero``."""
        fresh = self._written()[self._looked_at :]
        found = [(told.end(), told[2]) for told in _PYTHON.finditer(fresh) if _OWN in told[1]]
        found += [(told.end(), told[1]) for told in _NODE.finditer(fresh) if _OWN in told[2]]
        found.sort()
        if found:
            self._looked_at += found[-1][0]
        return [" ".join(line.split())[:_CHARACTERS] for _, line in found]
