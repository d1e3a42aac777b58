"""A run uses every solution once, ranks by what use showed, and can be told what to leave out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent_judge import run_suite
from agent_judge.errors import AgentJudgeError, BadInput, DriverError, JudgeError, MissingRequirement
from agent_judge.judge.evidence import EvidenceJudge
from agent_judge.launch.local import LocalBackend
from agent_judge.launch.session import BrowserSession
from agent_judge.schema import Evidence, Solution, Task, Verdict, Viewport
from agent_judge.store import RunFolder
from tests.run.counters import write_suite


class Watcher:
    """Remembers what a run told."""

    def __init__(self) -> None:
        self.launches = 0
        self.reused = 0
        self.battles = 0

    def examined(self, task_id: str, model: str, scenario: int, *, reused: bool) -> None:
        self.launches += not reused
        self.reused += reused

    def compared(self, task_id: str, pair: tuple[str, str], judge: str) -> None:
        self.battles += 1

    def task_done(self, task_id: str) -> None:
        pass


@pytest.fixture(autouse=True)
def own_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known from other tests."""
    monkeypatch.setattr("agent_judge.run.shared_evidence", lambda: tmp_path / "shared")


async def test_use_decides_and_nothing_is_used_twice(tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite")
    first, second = Watcher(), Watcher()

    leaderboard = await run_suite(suite, tmp_path / "one", progress=first)
    again = await run_suite(suite, tmp_path / "two", progress=second)

    assert [line.model for line in leaderboard.models][:2] == ["counts", "throws"]
    assert (first.launches, first.reused, first.battles) == (8, 0, 12)
    assert (second.launches, second.reused, second.battles) == (0, 8, 12)
    assert again == leaderboard
    run = RunFolder(tmp_path / "two").read_run()
    pictures = [tmp_path / "two" / "evidence" / key / "step-000.png" for e in run.entries for key in e.evidence]
    assert len(pictures) == 8
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
    assert run.finished
    assert (tmp_path / "two" / "report.html").exists()


async def test_a_resumed_run_counts_what_was_done_before(tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite")
    await run_suite(suite, tmp_path / "run", interaction=False)
    again = Watcher()
    await run_suite(suite, tmp_path / "run", resume=True, progress=again)
    assert (again.launches, again.reused, again.battles) == (0, 8, 12)


async def test_a_baseline_meets_everybody_and_nobody_else_meets(tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite", tasks=1)
    settings = suite / "suite.toml"
    settings.write_text(settings.read_text().replace('"all"', '"baseline"') + 'baseline = "ignores"\n')
    leaderboard = await run_suite(suite, tmp_path / "run", interaction=False)
    pairs = {(b["model_a"], b["model_b"]) for b in battles(tmp_path / "run")}
    assert pairs == {("ignores", "counts"), ("ignores", "doubles"), ("ignores", "throws")}
    assert {line.model: line.rating for line in leaderboard.models}["ignores"] == pytest.approx(1000)


async def test_adaptive_pairing_fights_as_many_battles_as_it_may_and_none_twice(tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite", tasks=3)
    settings = suite / "suite.toml"
    settings.write_text(settings.read_text().replace('"all"', '"adaptive"') + "battles = 11\n")
    await run_suite(suite, tmp_path / "run", interaction=False)
    met = [(b["task_id"], b["model_a"], b["model_b"]) for b in battles(tmp_path / "run")]
    assert len(met) == len(set(met)) == 11
    assert {model for _, *pair in met for model in pair} == {"counts", "doubles", "ignores", "throws"}


async def test_a_changed_suite_is_not_resumed(tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite", tasks=1, models=("counts", "doubles"))
    await run_suite(suite, tmp_path / "run", interaction=False)
    answers = suite / "answers" / "doubles.jsonl"
    answers.write_text(answers.read_text().replace("+= 2", "+= 3"))
    with pytest.raises(BadInput, match="has changed"):
        await run_suite(suite, tmp_path / "run", resume=True)


@pytest.mark.parametrize(
    ("fault", "raised", "noted"),
    [
        (MissingRequirement("no Node: install it"), MissingRequirement, "left out: no Node: install it"),
        (DriverError("the browser is gone"), DriverError, "the browser is gone"),
    ],
)
async def test_where_nothing_can_be_used_the_cause_is_told_and_all_that_is_known_is_kept(
    fault: AgentJudgeError,
    raised: type[AgentJudgeError],
    noted: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Broken(LocalBackend):
        async def launch(self, solution: Solution, viewport: Viewport, seed: int) -> BrowserSession:
            raise fault

    monkeypatch.setattr("agent_judge.run.backend_of", lambda _, limits, at_once: Broken(limits))
    suite, run = write_suite(tmp_path / "suite", tasks=1, models=("counts", "ignores")), RunFolder(tmp_path / "run")
    with pytest.raises(AgentJudgeError, match=str(fault)) as told:
        await run_suite(suite, run.path)
    assert type(told.value) is raised
    kept = run.read_run()
    assert kept.finished
    assert [noted in entry.problem for entry in kept.entries] == [True, True]
    assert run.read_leaderboard().models == ()
    assert run.read_decisions() == []
    assert run.report.exists()


async def test_pairs_that_a_judge_could_not_decide_are_made_up_for_when_an_adaptive_run_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = write_suite(tmp_path / "suite", tasks=4)
    settings = suite / "suite.toml"
    settings.write_text(settings.read_text().replace('"all"', '"adaptive"') + "battles = 20\n")
    real, failing = EvidenceJudge.judge, [5]

    async def judge(self: EvidenceJudge, task: Task, a: Evidence, b: Evidence) -> Verdict:
        if failing[0]:
            failing[0] -= 1
            raise JudgeError("overloaded")
        return await real(self, task, a, b)

    monkeypatch.setattr(EvidenceJudge, "judge", judge)
    await run_suite(suite, tmp_path / "run", interaction=False)
    assert len(battles(tmp_path / "run")) == 15
    await run_suite(suite, tmp_path / "run", resume=True)
    met = [(b["task_id"], b["model_a"], b["model_b"]) for b in battles(tmp_path / "run")]
    assert len(met) == len(set(met)) == 20


async def test_a_fault_that_nobody_foresaw_costs_one_solution_its_use_and_is_made_up_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = write_suite(tmp_path / "suite", tasks=1)
    real = LocalBackend.launch

    async def launch(self: LocalBackend, solution: Solution, viewport: Viewport, seed: int) -> BrowserSession:
        if b"n += 2" in solution.files["index.html"]:
            raise RuntimeError("nobody thought of this\nat all")
        return await real(self, solution, viewport, seed)

    with monkeypatch.context() as patch:
        patch.setattr(LocalBackend, "launch", launch)
        await run_suite(suite, tmp_path / "run", interaction=False)
    problems = {entry.model: entry.problem for entry in RunFolder(tmp_path / "run").read_run().entries}
    assert "RuntimeError: nobody thought of this (" in problems.pop("doubles")
    assert not any(problems.values())
    assert len(battles(tmp_path / "run")) == 3
    await run_suite(suite, tmp_path / "run", resume=True)
    assert len(battles(tmp_path / "run")) == 6


def battles(run: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (run / "battles.jsonl").read_text().splitlines()]


async def test_our_own_fault_under_one_scenario_leaves_the_others_to_be_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Shaky(LocalBackend):
        async def launch(self, solution: Solution, viewport: Viewport, seed: int) -> BrowserSession:
            if viewport.width == 700 and b"+= 2" in b"".join(solution.files.values()):
                raise DriverError("the browser is gone")
            return await super().launch(solution, viewport, seed)

    monkeypatch.setattr("agent_judge.run.backend_of", lambda _, limits, at_once: Shaky(limits))
    suite, run = write_suite(tmp_path / "suite", tasks=1, models=("counts", "doubles")), RunFolder(tmp_path / "run")
    (first,) = (suite / "scenarios" / "counter-0").iterdir()
    narrow = first.read_text().replace("id: ", "id: narrow-", 1) + "\nviewport: {width: 700, height: 700}\n"
    (first.parent / "narrow.yaml").write_text(narrow)
    await run_suite(suite, run.path, reuse=False)
    counts, doubles = run.read_run().entries
    assert (len(counts.evidence), len(doubles.evidence)) == (2, 1)
    assert counts.problem == ""
    assert doubles.problem == "judged without 1 of 2 scenarios: the browser is gone"
    (decision,) = run.read_decisions()
    assert decision.verdict
    assert decision.verdict.winner == "A"
    assert not any("narrow" in step for one in decision.verdict.criteria for step in (*one.steps_a, *one.steps_b))
