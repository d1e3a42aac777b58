"""How fast ratings with intervals come out of a data frame of battles, against the packages people use for it.

Every contender runs in a process of its own: it is given the same pandas data
frame of names, warmed up once on a small one, and timed from that frame to
ratings with intervals. The quick ones (ours, and arena-rank's analytic
intervals) take turns, several times, and the best of each counts. A peer that
refits does all rounds where that promises to end within ``--limit`` seconds.
Else its time is a line through two short measurements: what it does once, and
what each round costs. The table says which of the two it is.

    uv pip install arena-rank evalica choix scikit-learn pandas   # the peers, in an environment of their own
    python eval/benchmarks/ranking.py -o eval/results/ranking.md
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

SIZES = {"20 × 10,000": (20, 10_000), "100 × 200,000": (100, 200_000), "300 × 2,000,000": (300, 2_000_000)}
SMALL = (10, 2_000)
FEW = (2, 6)
"""Rounds of the two short measurements of a slow peer."""
TURNS = 3
ELO = 400 / np.log(10)
Ratings = dict[str, float]
Contender = Callable[[Any, int], Ratings]


def battles(models: int, number: int) -> Any:
    """A data frame of names; strengths are normal with a deviation of 1, a fifth of battles are ties."""
    import pandas as pd

    rng = np.random.default_rng(0)
    strength = rng.normal(size=models)
    a = rng.integers(0, models, number)
    b = (a + rng.integers(1, models, number)) % models
    won = rng.random(number) < 1 / (1 + np.exp(strength[b] - strength[a]))
    winner = np.where(rng.random(number) < 0.2, "tie", np.where(won, "model_a", "model_b"))
    names = np.array([f"model-{i:03d}" for i in range(models)])
    return pd.DataFrame(
        {"model_a": names[a], "model_b": names[b], "winner": winner, "task_id": np.arange(number) // 10}
    )


def _ours(frame: Any, rounds: int, by_task: bool) -> Ratings:
    from agent_judge.rank import rank, read_frame

    table = read_frame(frame if by_task else frame.drop(columns="task_id"))
    return {row.model: row.rating for row in rank(table, rounds=rounds).models}


def ours_over_battles(frame: Any, rounds: int) -> Ratings:
    """Our bootstrap, drawing what the peers draw: single battles."""
    return _ours(frame, rounds, by_task=False)


def ours_over_tasks(frame: Any, rounds: int) -> Ratings:
    """Our default: whole tasks of ten battles."""
    return _ours(frame, rounds, by_task=True)


def ours_analytic(frame: Any, rounds: int) -> Ratings:
    """Our sandwich intervals."""
    return _ours(frame, 0, by_task=False)


def arena_rank(frame: Any, rounds: int) -> Ratings:
    """Its sandwich intervals."""
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    data = PairDataset.from_pandas(frame)
    result = BradleyTerry(n_competitors=len(data.competitors)).compute_ratings_and_cis(data)
    np.asarray(result["rating_lower"])
    return dict(zip(result["competitors"], np.asarray(result["ratings"]).tolist(), strict=True))


def arena_rank_bootstrap(frame: Any, rounds: int) -> Ratings:
    """Its bootstrap, in a pool of processes; started by spawning, as JAX cannot be forked."""
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    multiprocessing.set_start_method("spawn", force=True)
    data = PairDataset.from_pandas(frame)
    model = BradleyTerry(n_competitors=len(data.competitors))
    result = model.compute_ratings_and_cis(data, ci_method="bootstrap", num_bootstrap=rounds)
    return dict(zip(result["competitors"], np.asarray(result["ratings"]).tolist(), strict=True))


def evalica_bootstrap(frame: Any, rounds: int) -> Ratings:
    """Its bootstrap by resampling rows, percentile intervals."""
    import evalica

    winners = frame["winner"].map(
        {"model_a": evalica.Winner.X, "model_b": evalica.Winner.Y, "tie": evalica.Winner.Draw}
    )
    result = evalica.bootstrap(
        evalica.bradley_terry,
        frame["model_a"].to_numpy(object),
        frame["model_b"].to_numpy(object),
        winners.to_list(),
        n_resamples=rounds,
        bootstrap_method="percentile",
        random_state=0,
    )
    return {name: float(ELO * np.log(score)) for name, score in result.result.scores.items()}


def _counts(frame: Any) -> tuple[list[str], np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Names, and per ordered pair of models that met: the pair, and how often the first won, ties as half."""
    import pandas as pd

    codes, names = pd.factorize(pd.concat([frame["model_a"], frame["model_b"]]), sort=True)
    a, b = codes[: len(frame)], codes[len(frame) :]
    score = frame["winner"].map({"model_a": 1.0, "tie": 0.5, "model_b": 0.0}).to_numpy()
    n = len(names)
    wins = np.bincount(a * n + b, score, n * n) + np.bincount(b * n + a, 1 - score, n * n)
    met = np.flatnonzero(wins)
    return list(names), np.stack([met // n, met % n], axis=1), wins[met], np.array(len(frame))


def sklearn_refits(frame: Any, rounds: int) -> Ratings:
    """The notebooks that arenas published: a weighted logistic regression per resample of pair counts."""
    from sklearn.linear_model import LogisticRegression

    names, pairs, wins, total = _counts(frame)
    x = np.zeros((len(pairs), len(names)))
    x[np.arange(len(pairs)), pairs[:, 0]] = 1
    x[np.arange(len(pairs)), pairs[:, 1]] = -1
    x, y = np.concatenate([x, -x]), np.repeat([1, 0], len(pairs))

    def fit(weight: Any) -> Any:
        used = np.concatenate([weight, weight])
        model = LogisticRegression(fit_intercept=False, C=1e6, tol=1e-6, max_iter=500)
        return model.fit(x[used > 0], y[used > 0], used[used > 0]).coef_[0]

    rng = np.random.default_rng(0)
    for _ in range(rounds):
        fit(rng.multinomial(int(total), wins / wins.sum()))
    return dict(zip(names, (ELO * fit(wins)).tolist(), strict=True))


def choix_refits(frame: Any, rounds: int) -> Ratings:
    """Its spectral algorithm (I-LSR) on resampled pair counts.

    It takes whole wins only: ratings come from the battles told twice, a tie as one win for each.
    """
    import choix

    names, pairs, wins, total = _counts(frame)
    rng = np.random.default_rng(0)

    def fit(weight: Any) -> Any:
        return choix.ilsr_pairwise(len(names), np.repeat(pairs, weight, axis=0).tolist(), alpha=1e-6, tol=1e-6)

    for _ in range(rounds):
        fit(rng.multinomial(int(total), wins / wins.sum()))
    return dict(zip(names, (ELO * fit(np.rint(2 * wins).astype(int))).tolist(), strict=True))


CONTENDERS: dict[str, tuple[Contender, bool]] = {
    "ours, over battles": (ours_over_battles, True),
    "ours, over tasks": (ours_over_tasks, True),
    "ours, analytic": (ours_analytic, False),
    "arena-rank, analytic": (arena_rank, False),
    "arena-rank, bootstrap": (arena_rank_bootstrap, True),
    "evalica": (evalica_bootstrap, True),
    "scikit-learn refits": (sklearn_refits, True),
    "choix refits": (choix_refits, True),
}
POOLED = ("arena-rank, bootstrap",)
"""Work in processes that outlive the call: their processor seconds are not known."""


def _work(name: str, models: int, number: int, rounds: int, repeats: int) -> None:
    """The measured process."""
    contender, _ = CONTENDERS[name]
    contender(battles(*SMALL), 2)
    frame = battles(models, number)
    if repeats > 1:
        contender(frame, rounds)  # compiled code is compiled for each shape anew
    seconds, processor, ratings = [], [], {}
    for _ in range(repeats):
        start = time.perf_counter(), time.process_time()
        ratings = contender(frame, rounds)
        seconds.append(time.perf_counter() - start[0])
        processor.append(time.process_time() - start[1])
    peak = max(_own_peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    json.dump(
        {"seconds": min(seconds), "processor": min(processor), "ratings": ratings, "mib": peak / 1024}, sys.stdout
    )


def _own_peak() -> int:
    """KiB; unlike ``ru_maxrss`` it does not count what the process that started this one held."""
    status = Path("/proc/self/status")
    if not status.exists():  # no Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))


@dataclass
class Row:
    """What one contender took for one size and number of rounds."""

    seconds: float
    processor: float
    """Seconds of work on all cores, but for what a pool of processes does."""
    ratings: Ratings
    mib: float
    how: str
    """How the time was found."""


def measure(name: str, size: tuple[int, int], rounds: int, limit: float, repeats: int) -> Row | None:
    """Runs one contender in a process of its own; None where it did not end in time."""
    command = [sys.executable, __file__, "--work", name, *(str(n) for n in (*size, rounds, repeats))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=True)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        print(f"  {name}: {type(error).__name__} {str(getattr(error, 'stderr', '') or '')[-300:]}", file=sys.stderr)
        return None
    found = json.loads(done.stdout)
    return Row(found["seconds"], found["processor"], found["ratings"], found["mib"], "whole")


def _quick(names: Sequence[str], size: tuple[int, int], rounds: int, limit: float) -> dict[str, Row | None]:
    """Contenders that take turns; the best of each, of ``TURNS`` processes with three repeats each."""
    best: dict[str, Row | None] = dict.fromkeys(names)
    for _ in range(TURNS):
        for name in names:
            found, known = measure(name, size, rounds, limit, 3), best[name]
            if found and known:
                found.seconds = min(found.seconds, known.seconds)
                found.processor = min(found.processor, known.processor)
            best[name] = found or known
    return best


@cache
def _short(name: str, size: tuple[int, int], limit: float) -> tuple[Row | None, Row | None]:
    first = measure(name, size, FEW[0], limit, 1)
    return first, first and measure(name, size, FEW[1], limit, 1)


def _slow(name: str, size: tuple[int, int], rounds: int, limit: float) -> Row | None:
    """A peer that refits: all rounds where they promise to end in time, else along a line."""
    first, second = _short(name, size, limit)
    if first is None or second is None:
        return None
    steps = (rounds - FEW[1]) / (FEW[1] - FEW[0])
    expected = second.seconds + steps * max(second.seconds - first.seconds, 0)
    if expected < 0.8 * limit and (whole := measure(name, size, rounds, limit, 1)):
        return whole
    processor = second.processor + steps * max(second.processor - first.processor, 0)
    how = f"extrapolated: {FEW[0]} rounds {first.processor:.1f} s, {FEW[1]} rounds {second.processor:.1f} s"
    return Row(expected, processor, second.ratings, second.mib, how)


def _rows(size: tuple[int, int], rounds: int, limit: float) -> dict[str, Row | None]:
    quick = [name for name, (_, bootstraps) in CONTENDERS.items() if name.startswith("ours") or not bootstraps]
    found = _quick(quick, size, rounds, limit)
    for name in CONTENDERS:
        if name not in found:
            found[name] = _slow(name, size, rounds, limit)
    for name, row in found.items():
        print(
            size,
            rounds,
            name,
            row and (round(row.seconds, 3), round(row.processor, 3), round(row.mib), row.how),
            flush=True,
        )
    return found


def _table(title: str, rows: dict[str, Row | None], rounds: int) -> list[str]:
    lines = [
        f"### {title} battles, {rounds:,} rounds", "",
        "| contender | processor seconds | times ours over battles | seconds passed | how | ratings differ by at most "
        "| peak memory |",
        "| --- | ---: | ---: | ---: | --- | ---: | ---: |",
    ]  # fmt: skip
    ours = rows["ours, over battles"]
    if ours is None:
        return [*lines[:2], "Not measured: ours did not end within the limit either.", ""]
    reference = np.array(list(_centred(ours.ratings).values()))
    for name in CONTENDERS:
        row = rows[name]
        if row is None:
            lines.append(f"| {name} | | | | did not do {FEW[1]} rounds within the limit | | |")
            continue
        apart = np.abs(np.array(list(_centred(row.ratings).values())) - reference).max()
        work = (
            ["in a pool", ""] if name in POOLED else [f"{row.processor:.2f}", f"{row.processor / ours.processor:.2f}"]
        )
        cells = [name, *work, f"{row.seconds:.2f}", row.how, f"{apart:.2f} Elo", f"{row.mib:.0f} MiB"]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, "", *_ratios(rows), ""]


def _ratios(rows: dict[str, Row | None]) -> list[str]:
    """What is asked of us, in this run, by processor seconds and by the clock."""
    known = {name: np.array([row.processor, row.seconds]) for name, row in rows.items() if row}
    ours = np.maximum(known["ours, over battles"], known["ours, over tasks"])
    refits = [name for name, (_, bootstraps) in CONTENDERS.items() if bootstraps and not name.startswith("ours")]
    measured = [name for name in refits if name in known and name not in POOLED]
    lines = []
    if measured:
        fastest = min(measured, key=lambda name: float(known[name][0]))
        lines.append(
            f"- Our slower bootstrap is {_times(known[fastest] / ours)} as fast as {fastest}, the fastest peer."
        )
    if "arena-rank, analytic" in known:
        theirs = known["arena-rank, analytic"]
        lines += [
            f"- It is {_times(theirs / ours)} as fast as the analytic intervals of arena-rank, warm.",
            f"- Our analytic intervals are {_times(theirs / known['ours, analytic'])} as fast as those.",
        ]
    return lines


def _times(ratio: np.ndarray[Any, Any]) -> str:
    return f"{ratio[0]:.3g} times ({ratio[1]:.3g} by the clock)"


def _centred(ratings: Ratings) -> Ratings:
    mean = statistics.mean(ratings.values())
    return {name: ratings[name] - mean for name in sorted(ratings)}


def growth() -> list[str]:
    """How our time grows with battles and with rounds, in processor seconds, which others' work does not touch."""
    from agent_judge.rank import rank, read_frame

    def seconds(number: int, rounds: int) -> float:
        table, best = read_frame(battles(100, number)), float("inf")
        for _ in range(5):
            start = time.process_time()
            rank(table, rounds=rounds)
            best = min(best, time.process_time() - start)
        return best

    many, often = (100_000, 200_000, 400_000, 800_000), (250, 500, 1_000, 2_000, 4_000)
    rows = [
        ("battles, 300 rounds", many, [seconds(number, 300) for number in many]),
        ("rounds, 200,000 battles", often, [seconds(200_000, rounds) for rounds in often]),
    ]
    lines = [
        "### Growth with battles and rounds", "",
        "Processor seconds of `rank` over tasks, 100 models, from a table that is read already; best of five.", "",
    ]  # fmt: skip
    for name, steps, found in rows:
        lines += [
            f"| {name} | {' | '.join(f'{step:,}' for step in steps)} |",
            f"| --- |{' ---: |' * len(steps)}",
            f"| seconds | {' | '.join(f'{one:.2f}' for one in found)} |", "",
        ]  # fmt: skip
    return lines


def _introduction(limit: float) -> list[str]:
    return [
        "# Ratings with intervals, against other packages", "",
        f"`python eval/benchmarks/ranking.py --limit {limit:g}`: one run, {os.cpu_count()} cores that other programs "
        "used as well, so processor seconds are what counts, and the clock only says so much. From a pandas data "
        "frame of names to ratings with "
        "intervals, in a process of its own for every contender. Ours and arena-rank's analytic intervals: best of "
        f"{3 * TURNS}, in {TURNS} turns; the others once. *whole*: all rounds were done. *extrapolated*: a line "
        f"through {FEW[0]} and {FEW[1]} rounds, so what is done once counts once. Peak memory is that "
        "of the process with the data frame in it, or of the largest of its children.", "",
    ]  # fmt: skip


def main() -> None:
    """Runs every contender on every size and writes the tables, each as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", nargs=5, help=argparse.SUPPRESS)
    parser.add_argument("--limit", type=float, default=400, help="seconds a measurement may take")
    parser.add_argument("--sizes", nargs="*", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--rounds", nargs="*", type=int, default=[100, 1000])
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    if arguments.work:
        name, *numbers = arguments.work
        _work(name, *(int(number) for number in numbers))
        return
    lines = _introduction(arguments.limit)
    for title in arguments.sizes:
        for rounds in arguments.rounds:
            lines += _table(title, _rows(SIZES[title], rounds, arguments.limit), rounds)
            if arguments.output:
                arguments.output.write_text("\n".join(lines), encoding="utf-8")
    lines += growth()
    if arguments.output:
        arguments.output.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
