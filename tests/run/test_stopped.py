"""A run that stops just before a checkpoint is written goes on from there, with nothing lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agent_judge import run_suite
from agent_judge.errors import DriverError
from tests.run.counters import write_suite


@pytest.mark.parametrize("checkpoint", [2, 3, 4, 5])
async def test_a_run_that_stops_before_any_checkpoint_loses_no_battle(
    checkpoint: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = write_suite(tmp_path / "suite", tasks=1, models=("counts", "throws"))
    put, puts = AsyncSqliteSaver.aput, 0

    async def stopping(self: AsyncSqliteSaver, *given: Any) -> Any:
        nonlocal puts
        puts += 1
        if puts == checkpoint:
            raise DriverError("stopped here")
        return await put(self, *given)

    monkeypatch.setattr(AsyncSqliteSaver, "aput", stopping)
    with pytest.raises(DriverError, match="stopped here"):
        await run_suite(suite, tmp_path / "run")
    assert puts >= checkpoint
    await run_suite(suite, tmp_path / "run", resume=True)

    battles = [json.loads(line) for line in (tmp_path / "run" / "battles.jsonl").read_text().splitlines()]
    assert [(one["model_a"], one["model_b"], one["winner"]) for one in battles] == [("counts", "throws", "model_a")]
