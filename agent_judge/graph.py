"""The graph that joins the verbs: read suites are launched, driven, judged; the only place that knows them all.

One thread per task. ``examine`` fans out to the task's solutions and scenarios,
``compare`` fans out to its pairs and judges. The state holds ids only; evidence
and verdicts lie in the store under digests, so a node that runs twice (a run was
killed between its work and its checkpoint) finds its work done.
"""

from __future__ import annotations

import asyncio
import logging
import operator
import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from agent_judge.drive import DRIVER_VERSION, Explore, Look, Replay
from agent_judge.drive.agent import Agent
from agent_judge.drive.examine import examine as gather
from agent_judge.errors import AgentJudgeError, DriverError, JudgeError, MissingRequirement
from agent_judge.protocols import Backend, Chooser, Judge, Policy
from agent_judge.schema import SCHEMA_VERSION, Evidence, Scenario, Solution, Task, Verdict, digest_of
from agent_judge.store import EvidenceStore, VerdictStore, joined

_log = logging.getLogger(__name__)

Pair = tuple[str, str]

LEFT_OUT = "left out: "
"""Begins the problem of a solution that this machine lacks something for; other problems are failures of our own."""


class Progress(Protocol):
    """Is told what a run has done; every item is told at least once, maybe again after a resume."""

    def examined(self, task_id: str, model: str, scenario: int, *, reused: bool) -> None:
        """A solution was used under one of its task's scenarios."""
        ...

    def compared(self, task_id: str, pair: Pair, judge: str) -> None:
        """A judge answered about a pair."""
        ...

    def task_done(self, task_id: str) -> None:
        """Everything about a task is known."""
        ...


@dataclass(frozen=True)
class Contest:
    """One task, the solutions that met it, and how people used such a program."""

    task: Task
    solutions: Mapping[str, Solution]
    """By model."""
    scenarios: Sequence[Scenario]

    def uses(self, interaction: bool) -> list[Scenario | None]:
        """What each solution is used with: the scenarios, or one round without (explored, or only looked at)."""
        return list(self.scenarios) if interaction and self.scenarios else [None]


@dataclass
class Bench:
    """What the nodes work with: LangGraph's run-time context."""

    contests: Mapping[str, Contest]
    """By task id."""
    backend: Backend
    evidence: EvidenceStore
    verdicts: VerdictStore
    judges: Mapping[str, Judge]
    jobs: int
    """How many solutions are used at the same time."""
    progress: Progress
    interaction: bool = True
    driver: Agent | None = None
    """The model that uses the solutions; scenarios and exploration do without one."""
    chooser: Chooser | None = None
    """Who says which element a scenario's step means where rules do not tell."""
    anew: bool = False
    """Whether verdicts that are there already are not used."""
    seed: int = 0
    _launches: asyncio.Semaphore = field(init=False)
    _by_key: defaultdict[str, asyncio.Lock] = field(init=False, default_factory=lambda: defaultdict(asyncio.Lock))

    def __post_init__(self) -> None:
        self._launches = asyncio.Semaphore(self.jobs)

    async def examine(
        self, contest: Contest, solution: Solution, scenario: Scenario | None, *, anew: bool = False
    ) -> tuple[Evidence, bool]:
        """Uses a solution, unless its evidence is there already.

        Args:
            contest: The task that it is an answer to.
            solution: What is used.
            scenario: How; without one, it is explored.
            anew: Whether it is used in any case; what was there is replaced.

        Returns:
            The evidence, and whether it was there.

        Raises:
            MissingRequirement: This machine lacks what the solution's environment needs.
        """
        policy = self._policy(scenario)
        key = self._evidence_key(contest.task, solution, scenario, policy)
        async with self._by_key[key]:  # two models may give the same answer
            found = None if anew else self.evidence.get(key)
            if found is not None and not found.driver_error and not solution.url:
                return found, True
            async with self._launches:
                workplace = self.evidence.workplace()
                seed = int(digest_of([self.seed, contest.task.id])[:8], 16)
                try:
                    evidence = await gather(
                        self.backend, contest.task, solution, scenario, policy, workplace, key=key, seed=seed
                    )
                except BaseException:
                    shutil.rmtree(workplace)
                    raise
                lasting = not evidence.driver_error and not solution.url
                return self.evidence.put(evidence, workplace, share=lasting), False

    async def judge(self, task: Task, a: Sequence[str], b: Sequence[str], judge: Judge) -> tuple[str, Verdict]:
        """Decides between two solutions by the keys of their evidence, unless that is known.

        Returns:
            The verdict's key in the store, and the verdict.

        Raises:
            JudgeError: The judge could not answer.
        """
        key = digest_of([SCHEMA_VERSION, judge.fingerprint(), task.model_dump(), list(a), list(b)])
        found = None if self.anew else self.verdicts.get(key)
        if found is None:
            found = await judge.judge(task, self.evidence_of(a), self.evidence_of(b))
            self.verdicts.put(key, found)
        return key, found

    def _policy(self, scenario: Scenario | None) -> Policy:
        if not self.interaction:
            return Look()
        if self.driver is not None:
            return self.driver
        return Explore() if scenario is None else Replay(chooser=self.chooser)

    def _evidence_key(self, task: Task, solution: Solution, scenario: Scenario | None, policy: Policy) -> str:
        return digest_of(
            {
                "schema": SCHEMA_VERSION,
                "driver": DRIVER_VERSION,
                "policy": policy.fingerprint() if isinstance(policy, (Agent, Replay)) else type(policy).__name__,
                "task": task.model_dump(),
                "solution": solution.digest,
                "scenario": scenario.digest if scenario else None,
                "backend": self.backend.name,
                "versions": dict(self.backend.versions(solution.environment)),
                "seed": self.seed,
            }
        )

    def evidence_of(self, keys: Sequence[str]) -> Evidence:
        """One solution's evidence under all its scenarios, by their keys.

        Raises:
            JudgeError: Some of it is gone.
        """
        parts = [self.evidence.get(key) for key in keys]
        if any(part is None for part in parts):
            raise JudgeError("the evidence that was gathered is no longer in the run folder")
        return joined([part for part in parts if part is not None])


# --- State: ids only ------------------------------------------------------------------------------


class Examined(TypedDict):
    """What became of one solution under one scenario."""

    model: str
    scenario: int
    evidence: str
    problem: str


class Compared(TypedDict):
    """What became of one pair before one judge."""

    model_a: str
    model_b: str
    judge: str
    verdict: str
    problem: str


class TaskState(TypedDict):
    """One thread's state."""

    task_id: str
    pairs: list[Pair]
    examined: Annotated[list[Examined], operator.add]
    compared: Annotated[list[Compared], operator.add]


class ToExamine(TypedDict):
    """What one ``examine`` node is sent."""

    task_id: str
    model: str
    scenario: int


class ToCompare(TypedDict):
    """What one ``compare`` node is sent."""

    task_id: str
    model_a: str
    model_b: str
    evidence_a: list[str]
    evidence_b: list[str]
    judge: str


def evidence_by_model(examined: Sequence[Examined]) -> dict[str, dict[int, str]]:
    """Keys of each model's evidence by scenario, without those under which our own side failed."""
    by_place = {(item["scenario"], item["model"]): item for item in examined}
    keys: dict[str, dict[int, str]] = defaultdict(dict)
    for (scenario, model), item in sorted(by_place.items()):
        if not item["problem"]:
            keys[model][scenario] = item["evidence"]
    return keys


def common_evidence(keys: Mapping[str, Mapping[int, str]], a: str, b: str) -> tuple[list[str], list[str]]:
    """What two models are judged by: the scenarios under which both were used; empty where there is none."""
    shared = sorted(keys.get(a, {}).keys() & keys.get(b, {}).keys())
    return [keys[a][scenario] for scenario in shared], [keys[b][scenario] for scenario in shared]


# --- Nodes ----------------------------------------------------------------------------------------


async def _examine(state: ToExamine, *, runtime: Runtime[Bench]) -> dict[str, list[Examined]]:
    bench = runtime.context
    contest = bench.contests[state["task_id"]]
    scenario = contest.uses(bench.interaction)[state["scenario"]]
    key, problem, reused = "", "", False
    try:
        evidence, reused = await bench.examine(contest, contest.solutions[state["model"]], scenario)
        key, problem = evidence.key, evidence.driver_error
    except MissingRequirement as error:
        problem = f"{LEFT_OUT}{error}"
    except DriverError as error:
        problem = str(error)
    except AgentJudgeError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault that we did not foresee costs one solution its use, never the run
        problem = _unforeseen(error)
    bench.progress.examined(state["task_id"], state["model"], state["scenario"], reused=reused)
    return {
        "examined": [Examined(model=state["model"], scenario=state["scenario"], evidence=key, problem=problem)],
    }


async def _compare(state: ToCompare, *, runtime: Runtime[Bench]) -> dict[str, list[Compared]]:
    bench = runtime.context
    task = bench.contests[state["task_id"]].task
    key, problem = "", ""
    try:
        key, _ = await bench.judge(task, state["evidence_a"], state["evidence_b"], bench.judges[state["judge"]])
    except JudgeError as error:
        problem = str(error)
    except AgentJudgeError:
        raise
    except Exception as error:  # noqa: BLE001 - the same, for one verdict
        problem = _unforeseen(error)
    bench.progress.compared(state["task_id"], (state["model_a"], state["model_b"]), state["judge"])
    compared = Compared(
        model_a=state["model_a"], model_b=state["model_b"], judge=state["judge"], verdict=key, problem=problem
    )
    return {"compared": [compared]}


def _unforeseen(error: Exception) -> str:
    """Names a fault of ours in one line; where it happened goes to the log."""
    told = str(error).partition("\n")[0]
    _log.debug("a fault of agent-judge itself", exc_info=error)
    return f"a fault of agent-judge itself: {type(error).__name__}: {told} (AGENT_JUDGE_DEBUG=1 shows where)"


def _send_solutions(bench: Bench) -> Callable[[TaskState], list[Send]]:
    def send(state: TaskState) -> list[Send]:
        contest = bench.contests[state["task_id"]]
        models = sorted({model for pair in state["pairs"] for model in pair})
        return [
            Send("examine", ToExamine(task_id=state["task_id"], model=model, scenario=index))
            for model in models
            for index in range(len(contest.uses(bench.interaction)))
        ]

    return send


def _send_pairs(bench: Bench) -> Callable[[TaskState], list[Send] | str]:
    def send(state: TaskState) -> list[Send] | str:
        keys = evidence_by_model(state["examined"])
        met = [(a, b, *common_evidence(keys, a, b)) for a, b in state["pairs"]]
        sends = [
            Send(
                "compare",
                ToCompare(
                    task_id=state["task_id"], model_a=a, model_b=b, judge=judge,
                    evidence_a=evidence_a, evidence_b=evidence_b,
                ),
            )
            for a, b, evidence_a, evidence_b in met
            for judge in bench.judges
            if evidence_a
        ]  # fmt: skip
        return sends or END

    return send


TaskGraph = CompiledStateGraph[TaskState, Bench, TaskState, TaskState]


def build_graph(bench: Bench, checkpointer: BaseCheckpointSaver[Any]) -> TaskGraph:
    """Makes the graph that every task of a run goes through; each of its steps is kept as it is done."""
    graph = StateGraph(TaskState, context_schema=Bench)
    graph.add_node("examine", _examine, input_schema=ToExamine)
    graph.add_node("join", lambda state: {})
    graph.add_node("compare", _compare, input_schema=ToCompare)
    graph.add_conditional_edges(START, _send_solutions(bench), ["examine"])
    graph.add_edge("examine", "join")
    graph.add_conditional_edges("join", _send_pairs(bench), ["compare", END])
    graph.add_edge("compare", END)
    return graph.compile(checkpointer=checkpointer)


async def run_task(graph: TaskGraph, bench: Bench, task_id: str, pairs: Sequence[Pair], wave: str = "") -> TaskState:
    """Takes one task through the graph: from its beginning, or from where a killed run left it.

    What our own side failed in is tried again when a run is resumed: in a new thread,
    which finds in the store all that went well.

    Args:
        graph: From :func:`build_graph`.
        bench: What the nodes work with.
        task_id: The task.
        pairs: The models that meet.
        wave: Tells threads of the same task apart, where its pairs are chosen in several waves.
    """
    begun = TaskState(task_id=task_id, pairs=list(pairs), examined=[], compared=[])
    # A wave of a resumed run may choose other pairs, since verdicts that failed before are there now.
    thread = f"{task_id}#{wave}#{digest_of(list(pairs))}"
    attempt = 0
    while True:
        config: RunnableConfig = {"configurable": {"thread_id": f"{thread}#{attempt}"}}
        snapshot = await graph.aget_state(config)
        if not snapshot.values:
            state = await graph.ainvoke(begun, config, context=bench, durability="sync")
            break
        if snapshot.tasks:  # ``next`` leaves out those whose results are there, though nothing has followed from them
            _tell_known(bench.progress, task_id, [snapshot.values, *(task.result or {} for task in snapshot.tasks)])
            state = await graph.ainvoke(None, config, context=bench, durability="sync")
            break
        if not _has_problem(snapshot.values):
            _tell_known(bench.progress, task_id, [snapshot.values])
            state = snapshot.values
            break
        attempt += 1
    bench.progress.task_done(task_id)
    return _as_state(state)


def _tell_known(progress: Progress, task_id: str, states: Sequence[Mapping[str, Any]]) -> None:
    """Counts what had been done before a run was stopped."""
    for state in states:
        for item in state.get("examined", ()):
            progress.examined(task_id, item["model"], item["scenario"], reused=True)
        for item in state.get("compared", ()):
            progress.compared(task_id, (item["model_a"], item["model_b"]), item["judge"])


def _has_problem(state: Mapping[str, Any]) -> bool:
    return any(item["problem"] for item in [*state["examined"], *state["compared"]])


def _as_state(values: Mapping[str, Any]) -> TaskState:
    return TaskState(
        task_id=values["task_id"],
        pairs=[(a, b) for a, b in values["pairs"]],
        examined=values["examined"],
        compared=values["compared"],
    )
