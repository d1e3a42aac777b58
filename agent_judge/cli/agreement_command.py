"""``agent-judge agreement`` and ``agent-judge calibrate``: how far a judge agrees with people, and making it agree."""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.markup import escape

from agent_judge.agree import (
    PEOPLE,
    Agreement,
    Judged,
    Rating,
    VotedPair,
    battles_of,
    compare_judges,
    compare_leaderboards,
    plot_reliability,
    rater_agreement,
    read_votes,
)
from agent_judge.agree import agreement as measure_agreement
from agent_judge.agree import calibrate as fit
from agent_judge.agree.bias import biases
from agent_judge.agree.boards import BoardAgreement
from agent_judge.agree.calibrate import FEWEST_TASKS
from agent_judge.agree.compare import JudgeComparison
from agent_judge.agree.raters import RaterAgreement
from agent_judge.agree.report import to_markdown
from agent_judge.agreement import (
    JudgedPair,
    judge_votes,
    meetings_of,
    orders_of,
    ratings_by_members,
    ratings_by_people,
    suite_of,
    voted_criteria_of,
)
from agent_judge.cli.judge_options import (
    ImageTokensOption,
    MaxCostOption,
    ReplayResponsesOption,
    WeightsOption,
    judging_of,
)
from agent_judge.cli.output import JsonOption, Output
from agent_judge.cli.progress import RunProgress
from agent_judge.cli.run_command import RUNS, JobsOption, ResumeOption
from agent_judge.errors import BadInput
from agent_judge.judge import EvidenceJudge, load_weights, save_weights
from agent_judge.plan import plan_of
from agent_judge.rank import rank
from agent_judge.rank.plots import plot_agreement, save_figure
from agent_judge.schema import Judging, Model
from agent_judge.store import RunFolder
from agent_judge.wording import counted

DataArgument = Annotated[str, typer.Argument(help="Votes: JSONL or Parquet, a folder, or a dataset on the hub.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Run folder; runs/agreement-<time> by default.")]

_FEWEST_MODELS = 3


class AgreementResult(Model):
    """What ``agreement`` answers."""

    agreements: tuple[Agreement, ...]
    """One for each judge and mode."""
    comparisons: tuple[JudgeComparison, ...] = ()
    """Each against the first."""
    leaderboards: tuple[BoardAgreement, ...] = ()
    """The ranking by votes against that by each judge's verdicts; none with fewer than three models."""
    people: RaterAgreement | None = None
    """How far people agree with each other, where several named raters voted on the same answers."""
    members: tuple[RaterAgreement, ...] = ()
    """How far the members of each panel do."""


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(agreement)
    app.command()(calibrate)


def agreement(
    data: DataArgument,
    judge: Annotated[list[str] | None, typer.Option("--judge", help="Whose agreement; may be repeated.")] = None,
    mode: Annotated[
        list[str] | None, typer.Option("--mode", help="code, code+execution, interaction, ...; may be repeated.")
    ] = None,
    out: OutOption = None,
    jobs: JobsOption = os.cpu_count() or 2,
    resume: ResumeOption = False,
    weights: WeightsOption = None,
    image_tokens: ImageTokensOption = 8_000,
    max_cost: MaxCostOption = None,
    replay_responses: ReplayResponsesOption = False,
    rounds: Annotated[int, typer.Option("--rounds", min=1, max=100_000, help="Bootstrap rounds.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="Seeds the bootstrap.")] = 0,
    json: JsonOption = "",
) -> None:
    """Measures how far judges agree with people's votes, with intervals, biases and calibration."""
    output = Output(json)
    folder = out or _new_folder("agreement")
    asked = [
        _Asked(
            name, seen, folder / _file_name(f"{name} {seen}"),
            judging_of(weights, seen, image_tokens, max_cost, replay_responses=replay_responses),
        )
        for name in judge or ["evidence"]
        for seen in mode or ["interaction"]
    ]  # fmt: skip
    people = _raters(ratings_by_people(read_votes(data)), rounds, seed)
    if people:
        _say_raters(output, people, "people", "rated by two people or more")
    measured = [_measure(output, data, one, jobs, resume, rounds, seed) for one in asked]
    comparisons = tuple(compare_judges(measured[0].straight, other.straight, rounds, seed) for other in measured[1:])
    for comparison, other in zip(comparisons, measured[1:], strict=True):
        _say_comparison(output, comparison, measured[0].agreement, other.agreement)
    output.say(f"verdicts, evidence and plots: {escape(str(folder))}")
    output.result(
        AgreementResult(
            agreements=tuple(one.agreement for one in measured),
            comparisons=comparisons,
            leaderboards=tuple(one.board for one in measured if one.board),
            people=people,
            members=tuple(one.members for one in measured if one.members),
        )
    )


@dataclass(frozen=True)
class _Asked:
    """One judge with one mode."""

    judge: str
    mode: str
    place: Path
    """Its run folder."""
    judging: Judging


@dataclass(frozen=True)
class _Measured:
    """How far it agrees."""

    straight: list[Judged]
    agreement: Agreement
    board: BoardAgreement | None
    members: RaterAgreement | None


def _measure(
    output: Output, data: str, asked: _Asked, jobs: int, resume: bool, rounds: int, seed: int
) -> _Measured:  # fmt: skip
    """Judges all votes in one way, and says and draws how far that agrees with them."""
    items = _judge(data, asked.place, asked.judge, asked.judging, jobs, resume)
    straight = [item.beside_vote() for item in items]
    found = measure_agreement(straight, judge=asked.judge, mode=asked.mode, rounds=rounds, seed=seed)
    if orders := orders_of(items):
        found = found.model_copy(update={"biases": biases(orders, asked.judge, rounds, seed)})
    _say_votes(output, [item.pair for item in items])
    output.console.print(Markdown(to_markdown(found)))
    if found.calibration:
        save_figure(plot_reliability(found.calibration), asked.place / "reliability")
    board = _boards(output, straight, asked.judge, asked.place, rounds, seed)
    if board:
        _say_board(output, board, f"{asked.judge} {asked.mode}")
    members = _raters(ratings_by_members(items), rounds, seed)
    if members:
        _say_raters(output, members, f"members of {asked.judge}", "that two members or more judged")
    return _Measured(straight, found, board, members)


def _say_votes(output: Output, votes: Sequence[VotedPair]) -> None:
    """What was judged: who voted on the same two answers is counted each, but the answers are used and judged once."""
    pairs = len({meeting.task_id for meeting in meetings_of(votes)})
    tasks = counted(len({vote.task.id for vote in votes}), "task")
    what = f"{counted(len(votes), 'vote')} on {counted(pairs, 'pair')} of answers to {tasks}"
    output.say(f"{what}; each pair was judged once, as a task of the run")


def calibrate(
    data: DataArgument,
    out: Annotated[Path, typer.Option("-o", "--out", help="Where the fitted weights go.")],
    run: Annotated[Path | None, typer.Option("--run", help="Run folder for the evidence.")] = None,
    jobs: JobsOption = os.cpu_count() or 2,
    resume: ResumeOption = False,
    weights: WeightsOption = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, max=100_000, help="Bootstrap rounds.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="Seeds the bootstrap.")] = 0,
    json: JsonOption = "",
) -> None:
    """Fits the evidence judge's weights to votes; claims a gain only where held-out tasks support it."""
    output = Output(json)
    _check_calibration(data, out)
    folder = run or _new_folder("calibrate")
    start = load_weights(weights)
    _judge(data, folder, "evidence", judging_of(weights, "interaction", 0, None), jobs, resume)
    fitted = fit(voted_criteria_of(data, folder, EvidenceJudge(start)), start, rounds=rounds, seed=seed)
    save_weights(fitted.weights, out)
    output.say(escape(fitted.claim))
    use = f"use them with --weights {escape(str(out))}" if fitted.supported else "written for comparison only"
    output.say(f"fitted weights: {escape(str(out))}; {use}")
    output.result(fitted)


def _check_calibration(data: str, out: Path) -> None:
    """Says before programs are used for long that it would be for nothing."""
    tasks = len({pair.task.id for pair in read_votes(data)})
    if tasks < FEWEST_TASKS:
        few = counted(tasks, "task")
        raise BadInput(f"{data}: votes on {few} cannot calibrate weights; {FEWEST_TASKS} or more are needed")
    if not out.parent.is_dir():
        raise BadInput(f"-o {out}: there is no folder {out.parent}")


def _judge(data: str, folder: Path, judge: str, judging: Judging, jobs: int, resume: bool) -> list[JudgedPair]:
    suite = suite_of(read_votes(data), judge)
    going_on = resume and RunFolder(folder).exists()
    with RunProgress(plan_of(suite, 1, "interaction" in judging.mode)) as progress:
        return asyncio.run(
            judge_votes(data, folder, judge, judging=judging, jobs=jobs, resume=going_on, progress=progress)
        )


def _boards(
    output: Output, items: Sequence[Judged], judge: str, place: Path, rounds: int, seed: int
) -> BoardAgreement | None:
    """Ranks by votes and by verdicts and sets the two side by side; nothing where that cannot be done."""
    people, verdicts = battles_of(items, PEOPLE), battles_of(items, judge)
    models = {model for battle in verdicts for model in (battle.model_a, battle.model_b)}
    if len(models) < _FEWEST_MODELS:
        return None
    boards = [rank(battles, rounds=rounds, seed=seed) for battles in (people, verdicts)]
    save_figure(plot_agreement(boards[0], boards[1], (PEOPLE, judge)), place / "leaderboards")
    try:
        return compare_leaderboards(people, verdicts, rounds, seed)
    except BadInput as reason:  # as when a judge calls everything a tie; its agreement is known all the same
        output.say(f"[dim]note: the rankings are not compared: {escape(str(reason))}[/dim]")
        return None


def _say_comparison(output: Output, comparison: JudgeComparison, first: Agreement, second: Agreement) -> None:
    difference = comparison.difference
    verdict = "significant" if comparison.significant else "not significant"
    output.say(
        f"{escape(second.judge)} {escape(second.mode)} less {escape(first.judge)} {escape(first.mode)}: "
        f"{difference.value:+.3f} ({difference.lower:+.3f} to {difference.upper:+.3f}), "
        f"McNemar p = {comparison.p_value:.3g}, {verdict}"
    )


def _say_board(output: Output, board: BoardAgreement, judge: str) -> None:
    parts = [
        f"{name} {one.value:.2f} ({one.lower:.2f} to {one.upper:.2f})"
        for name, one in (("Spearman", board.spearman), ("Kendall", board.kendall), ("Pearson", board.pearson))
    ]
    note = f" - {board.note}" if board.note else ""
    models = counted(board.models, "model")
    output.say(escape(f"ranking of {models} by people and by {judge}: {', '.join(parts)}{note}"))


def _raters(ratings: Sequence[Rating], rounds: int, seed: int) -> RaterAgreement | None:
    """Nothing where no two raters met on an item."""
    shared = Counter(rating.item for rating in ratings)
    return rater_agreement(ratings, rounds, seed) if max(shared.values(), default=0) > 1 else None


def _say_raters(output: Output, found: RaterAgreement, who: str, which: str) -> None:
    alpha = found.alpha
    number = f"{alpha.value:.2f} ({alpha.lower:.2f} to {alpha.upper:.2f})" if alpha else "not defined"
    pairs = counted(found.items, "pair")
    output.say(escape(f"{who} among themselves: Krippendorff's alpha {number}, {pairs} of answers {which}"))
    for pair in found.pairs:
        kappa = "not defined" if pair.kappa is None else f"{pair.kappa:.2f}"
        output.say(
            escape(f"  {pair.first} and {pair.second}: {pair.agreement:.0%} the same, kappa {kappa} ({pair.items})")
        )


def _new_folder(command: str) -> Path:
    return RUNS / f"{command}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"


def _file_name(text: str) -> str:
    return re.sub(r"[^\w.+-]+", "-", text).strip("-.")
