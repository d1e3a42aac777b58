"""Progress of a run on standard error: bars on a terminal, a line per task elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from agent_judge.graph import Pair
from agent_judge.plan import Plan


class RunProgress:
    """Bars for tasks, launches and battles, with the time left."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._console = Console(stderr=True, highlight=False)
        self._examined: set[tuple[str, str, int]] = set()
        self._compared: set[tuple[str, Pair, str]] = set()
        self._done: set[str] = set()
        self._reused = 0
        self._bars = Progress(
            TextColumn("{task.description:>8}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("[dim]{task.fields[note]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._tasks = self._bars.add_task("tasks", total=plan.tasks, note="")
        self._launches = self._bars.add_task("launches", total=plan.launches, note="")
        self._battles = self._bars.add_task("battles", total=plan.battles, note="")

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bars.stop()

    def examined(self, task_id: str, model: str, scenario: int, *, reused: bool) -> None:
        """Moves the launches' bar."""
        self._examined.add((task_id, model, scenario))
        self._reused += reused
        note = f"{self._reused} known already" if self._reused else ""
        self._bars.update(self._launches, completed=len(self._examined), note=note)

    def compared(self, task_id: str, pair: Pair, judge: str) -> None:
        """Moves the battles' bar."""
        self._compared.add((task_id, pair, judge))
        self._bars.update(self._battles, completed=len(self._compared))

    def task_done(self, task_id: str) -> None:
        """Moves the tasks' bar; where there are no bars, says so in a line."""
        self._done.add(task_id)
        self._bars.update(self._tasks, completed=len(self._done), note=task_id)
        if not self._console.is_terminal:
            self._console.print(
                f"{len(self._done)}/{self._plan.tasks} tasks, {len(self._examined)}/{self._plan.launches} launches, "
                f"{len(self._compared)}/{self._plan.battles} battles: {task_id} done",
                soft_wrap=True,
                markup=False,
            )
