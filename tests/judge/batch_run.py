"""A run of battles in batches, as a process that a test can kill: ``batch_run.py FOLDER BATTLES``."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from agent_judge.judge.asker import Asker, purchase
from agent_judge.judge.batches import BatchTransport
from agent_judge.judge.messages import connect
from agent_judge.judge.model_judge import ModelJudge, Sight
from agent_judge.judge.records import Records
from agent_judge.schema import Task, Verdict
from tests.judge.voters import of_quality

TASK = Task(id="list", instruction="Build a shopping list")


async def run(folder: Path, battles: int) -> list[Verdict]:
    """Judges each of so many pages against the next."""
    transport = BatchTransport("claude-sonnet-5-5", connect(), folder / "batches", linger=0.2, poll=0.05)
    judge = ModelJudge("claude", Asker(transport, purchase(Records(folder / "records"))), Sight())
    pairs = [(of_quality(i), of_quality(i + 1)) for i in range(battles)]
    return list(await asyncio.gather(*(judge.judge(TASK, a, b) for a, b in pairs)))


if __name__ == "__main__":
    verdicts = asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2])))
    sys.stdout.write(json.dumps([verdict.winner for verdict in verdicts]))
