"""Runs programs that models wrote, uses them as people did, and says which answer is better."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent_judge.api import audit, compare, replay
    from agent_judge.rank import rank
    from agent_judge.run import run_suite

__all__ = ["audit", "compare", "rank", "replay", "run_suite"]

_HOMES = {"audit": "api", "compare": "api", "rank": "rank", "replay": "api", "run_suite": "run"}


def __getattr__(name: str) -> Any:
    """Loads a function when it is first asked for: browsers and statistics are no business of who reads the schema."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """Lets ``agent_judge.rank`` be the function, although importing the package of that name binds it here."""

    def _function(self) -> Any:
        return __getattr__("rank")

    def _not_the_package(self, _: object) -> None:
        """Leaves the function where it is."""

    if not TYPE_CHECKING:
        rank = property(_function, _not_the_package)


sys.modules[__name__].__class__ = _Package
