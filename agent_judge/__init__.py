"""Runs programs that models wrote, uses them as people did, and says which answer is better."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from agent_judge.rank import rank

if TYPE_CHECKING:
    from agent_judge.api import audit, compare, replay
    from agent_judge.run import run_suite

__all__ = ["audit", "compare", "rank", "replay", "run_suite"]

_HOMES = {"audit": "api", "compare": "api", "replay": "api", "run_suite": "run"}


def __getattr__(name: str) -> Any:
    """Loads a function when it is first asked for: browsers and graphs are no business of who reads the schema."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
