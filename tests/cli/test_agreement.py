"""How far a judge agrees with people, through the command line, on small real pages."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agent_judge.agree import read_votes
from agent_judge.agree.calibrate import VotedCriteria
from agent_judge.agreement import JudgedPair, ratings_by_members, ratings_by_people
from agent_judge.cli import agreement_command, main
from agent_judge.judge.weights import CRITERIA, load_weights
from agent_judge.schema import Decision, Verdict, Vote, Winner
from tests.run.counters import CLICKS, PAGE

GOOD = PAGE.format(click=CLICKS["counts"])
PAGES = {
    "good": GOOD,
    "broken": PAGE.format(click="nothing.here()"),
    "blank": "<!doctype html><html lang='en'><title>Counter</title><script>throw new Error('no')</script></html>",
}
ORDER = ("good", "broken", "blank")
Cli = Callable[..., tuple[int, str]]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command in ``tmp_path``; gives its exit code and all it said."""

    def run(*arguments: str | Path) -> tuple[int, str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("COLUMNS", "160")
        monkeypatch.setattr(sys, "argv", ["agent-judge", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        said = capfd.readouterr()
        return ended.value.code, said.out + said.err

    return run


def state(model: str) -> dict[str, Any]:
    """One side as BigCodeReward publishes it."""
    shown = {"code_to_execute": PAGES[model], "sandbox_environment": "HTML", "sandbox_output": "ok"}
    return {
        "messages": [{"role": "assistant", "content": f"```html\n{PAGES[model]}\n```"}],
        "sandbox_logs_by_round": {"0": {"sandbox_state": shown}},
    }


def published(tasks: int) -> list[dict[str, Any]]:
    """Votes for the better of each two, who stands on the left by turns."""
    found = []
    for task in range(tasks):
        for number, (better, worse) in enumerate((ORDER[:2], ORDER[1:], (ORDER[0], ORDER[2]))):
            a, b = (better, worse) if (task + number) % 2 else (worse, better)
            found.append(
                {
                    "chat_session_id": f"s{task}-{number}",
                    "instruction": f"Make counter number {task}",
                    "model_A": a,
                    "model_B": b,
                    "states": {"model_A": state(a), "model_B": state(b)},
                    "human_vote": "vote_model_A" if a == better else "vote_model_B",
                    "category_name": "web_design" if task % 2 else "tools",
                }
            )
    return found


def plain(**changes: Any) -> dict[str, Any]:
    row = {
        "instruction": "Make a counter",
        "model_a": "good",
        "model_b": "blank",
        "answer_a": PAGES["good"],
        "answer_b": PAGES["blank"],
        "vote": "model_a",
    }
    return {name: value for name, value in {**row, **changes}.items() if value is not None}


def jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_two_modes_are_measured_and_compared_and_a_run_goes_on(cli: Cli, tmp_path: Path) -> None:
    data = tmp_path / "votes.parquet"
    pq.write_table(pa.Table.from_pylist(published(tasks=1)), data)
    modes = ("--mode", "code+execution", "--mode", "interaction")
    command = ("agreement", data, *modes, "--rounds", "50", "--out", "run", "--json", "r.json")
    code, said = cli(*command)
    assert code == 0, said
    result = json.loads((tmp_path / "r.json").read_text())
    assert [one["mode"] for one in result["agreements"]] == ["code+execution", "interaction"]
    for one in result["agreements"]:
        assert one["pairs"] == 3
        assert one["three"]["accuracy"]["value"] >= 2 / 3  # whoever sees a page at all prefers it to a blank one
        assert set(one["slices"]) == {"category", "language", "environment"}
    assert result["comparisons"][0]["pairs"] == 3
    assert "McNemar" in said
    assert all(board["models"] == 3 for board in result["leaderboards"])
    for plot in ("reliability.png", "leaderboards.svg"):
        assert (tmp_path / "run" / "evidence-interaction" / plot).stat().st_size

    assert "--resume" in cli(*command)[1]  # the folder holds a run already
    again, said = cli(*command, "--resume")
    assert again == 0, said
    assert json.loads((tmp_path / "r.json").read_text()) == result


def test_says_what_votes_pairs_and_classes_are(cli: Cli, tmp_path: Path) -> None:
    """Two people on the same two answers are two votes, and one battle of the judge."""
    rows = [plain(rater="ann"), plain(rater="bob", vote="tie"), plain(model_b="broken", answer_b=PAGES["broken"])]
    code, said = cli("agreement", jsonl(tmp_path / "v.jsonl", rows), "--mode", "code+execution", "--rounds", "20")
    assert code == 0, said
    assert "3 votes on 2 pairs of answers to 1 task; each pair was judged once, as a task of the run" in said
    assert "1 pair of answers rated by two people or more" in said
    assert "2/2 tasks" in said
    assert "3 votes on 1 task, against the verdicts of evidence code+execution" in said
    assert "Neither is a tie or both bad" in said


def test_a_judge_that_calls_everything_a_tie_is_measured_all_the_same(cli: Cli, tmp_path: Path) -> None:
    names = ("one", "two", "three")
    rows = [
        plain(model_a=a, model_b=b, answer_a=GOOD, answer_b=GOOD, task_id=f"{a}{b}")
        for a, b in zip(names, (*names[1:], names[0]), strict=True)
    ]
    code, said = cli("agreement", jsonl(tmp_path / "v.jsonl", rows), "--mode", "code+execution", "--rounds", "20")
    assert code == 0, said
    assert "the rankings are not compared" in said


def test_weights_are_fitted_and_used(cli: Cli, tmp_path: Path) -> None:
    """Votes that no measurement explains support no gain, and none is claimed."""
    rows = [
        plain(task_id=f"t{task}", vote=("model_a", "model_b", "tie")[task % 3], answer_b=PAGES["broken"])
        for task in range(10)
    ]
    code, said = cli(
        "calibrate", jsonl(tmp_path / "v.jsonl", rows), "-o", "w.json", "--run", "fit", "--rounds", "50",
        "--json", "fitted.json",
    )  # fmt: skip
    assert code == 0, said
    fitted = json.loads((tmp_path / "fitted.json").read_text())
    assert (fitted["pairs"], fitted["tasks"], fitted["supported"]) == (10, 10, False)
    assert "No gain is supported" in said
    assert "use them with" not in said
    assert all(weight >= 0 for weight in fitted["weights"]["criteria"].values())
    for name in ("good", "blank"):
        (tmp_path / f"{name}.html").write_text(PAGES[name])
    code, said = cli(
        "compare", "good.html", "blank.html", "--task", "a counter", "--weights", "w.json", "--out", "c",
        "--json", "c.json",
    )  # fmt: skip
    assert code == 0, said
    weights = {
        one["criterion"]: one["weight"] for one in json.loads((tmp_path / "c.json").read_text())["verdict"]["criteria"]
    }
    assert weights["visible"] == pytest.approx(fitted["weights"]["criteria"]["visible"])


@pytest.mark.parametrize("real", [True, False], ids=["people differ", "people agree"])
def test_a_gain_is_claimed_where_it_is_real(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real: bool
) -> None:
    """What is measured on the programs is made up, so that what people care for is known."""
    own = load_weights()
    people = {"accessibility": 8.0, "layout": 6.0} if real else own.criteria
    rng = np.random.default_rng(1)
    cases = []
    for case in range(200):
        differences = dict(zip(CRITERIA, rng.uniform(-1, 1, len(CRITERIA)).tolist(), strict=True))
        liking = sum(people.get(name, 0.0) * value for name, value in differences.items()) + rng.logistic()
        vote: Winner = "tie" if abs(liking) <= own.tie_band else "A" if liking > 0 else "B"
        cases.append(VotedCriteria(task_id=f"t{case // 5}", vote=vote, differences=differences))
    monkeypatch.setattr(agreement_command, "_judge", lambda *_: [])
    monkeypatch.setattr(agreement_command, "voted_criteria_of", lambda *_: cases)
    votes = jsonl(tmp_path / "v.jsonl", [plain(task_id=f"t{task}") for task in range(10)])
    code, said = cli("calibrate", votes, "-o", "w.json", "--rounds", "200", "--json", "fitted.json")
    assert code == 0, said
    assert json.loads((tmp_path / "fitted.json").read_text())["supported"] == real
    assert ("The fitted weights agree better with people" in said) == real
    assert ("use them with --weights w.json" in said) == real


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"vote": "perhaps"}, "line 2, column vote: unknown vote 'perhaps'"),
        ({"answer_a": None}, "line 2: neither 'answer_a' nor 'code_a'"),
        ({"model_b": None}, "line 2: no 'model_b'"),
    ],
    ids=["vote", "answer", "model"],
)
@pytest.mark.parametrize("command", [("agreement",), ("calibrate", "-o", "w.json")], ids=["agreement", "calibrate"])
def test_bad_votes_end_in_one_line(
    cli: Cli, tmp_path: Path, command: tuple[str, ...], changes: dict[str, Any], says: str
) -> None:
    code, said = cli(*command, jsonl(tmp_path / "v.jsonl", [plain(), plain(**changes)]))
    assert code == 2
    assert said.count("\n") == 1
    assert says in said


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("agreement", "v.jsonl", "--mode", "code", "--mode", "guess"), "--mode guess: known are"),
        (("agreement", "v.jsonl", "--judge", "nobody"), "unknown judge 'nobody'"),
        (("agreement", "nowhere.jsonl"), "nowhere.jsonl: no such file"),
        (("calibrate", "v.jsonl", "-o", "w.json"), "votes on 1 task cannot calibrate weights"),
    ],
    ids=["mode", "judge", "file", "few"],
)
def test_nothing_is_launched_for_what_cannot_be_answered(
    cli: Cli, tmp_path: Path, command: tuple[str, ...], says: str
) -> None:
    jsonl(tmp_path / "v.jsonl", [plain()])
    code, said = cli(*command)
    assert code == 2
    assert said.count("\n") == 1
    assert says in said
    assert not list(tmp_path.rglob("evidence.json"))


def test_people_are_compared_whichever_answer_stood_first(tmp_path: Path) -> None:
    turned = {"model_a": "blank", "model_b": "good", "answer_a": PAGES["blank"], "answer_b": PAGES["good"]}
    rows = [plain(rater="ann"), plain(rater="bob", vote="model_b", **turned), plain(rater="cy", vote="tie"), plain()]
    ratings = ratings_by_people(read_votes(jsonl(tmp_path / "v.jsonl", rows)))
    assert len({rating.item for rating in ratings}) == 1
    said = {rating.rater: rating.value for rating in ratings}
    assert said.keys() == {"ann", "bob", "cy"}
    assert said["ann"] == said["bob"] != said["cy"] == "tie"


def test_members_of_a_panel_count_by_what_they_said_last(tmp_path: Path) -> None:
    (pair,) = read_votes(jsonl(tmp_path / "v.jsonl", [plain()]))
    votes = (
        Vote(voter="tester", winner="B", confidence=1, round=1),
        Vote(voter="critic", winner="A", confidence=1, round=1),
        Vote(voter="tester", winner="A", confidence=1, round=2),
        Vote(voter="one order", winner="B", confidence=1, first="A"),
    )
    verdict = Verdict(winner="A", strength=1, confidence=1, rationale="", votes=votes)
    decision = Decision(task_id="pair-000001", model_a="A", model_b="B", judge="panel:x", verdict=verdict)
    ratings = ratings_by_members([JudgedPair(pair, decision)])
    assert {rating.rater: rating.value for rating in ratings} == {"tester": "A", "critic": "A"}
