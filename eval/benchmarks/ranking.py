"""How fast ratings with intervals come out of a data frame of battles, against the packages people use for it.

Every contender runs in a process of its own: it is given the same pandas data
frame of names, warmed up once on a small one, and timed from that frame to
ratings with intervals. Contenders take turns, and so share whatever else the
machine is doing. Where a peer would take longer than ``--limit`` seconds, it
does fewer rounds and its time is scaled to the number of rounds; the table says so.

    uv pip install arena-rank evalica choix scikit-learn pandas   # the peers, in an environment of their own
    python eval/benchmarks/ranking.py -o eval/results/ranking.md
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SIZES = {"20 × 10,000": (20, 10_000), "100 × 200,000": (100, 200_000), "300 × 2,000,000": (300, 2_000_000)}
SMALL = (10, 2_000)
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
    import pyarrow as pa

    from agent_judge.rank import BattleTable, rank
    from agent_judge.rank.table import WINNERS

    winner = frame["winner"].map({name: i for i, name in enumerate(WINNERS)}).to_numpy(np.int8)
    task = pa.array(frame["task_id"].astype(str)) if by_task else None
    table = BattleTable.from_columns(pa.array(frame["model_a"]), pa.array(frame["model_b"]), winner, task)
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
    """Its spectral algorithm (I-LSR) on resampled rows."""
    import choix

    names, pairs, wins, total = _counts(frame)
    rng = np.random.default_rng(0)

    def fit(weight: Any) -> Any:
        return choix.ilsr_pairwise(len(names), np.repeat(pairs, weight, axis=0).tolist(), alpha=1e-6, tol=1e-6)

    for _ in range(rounds):
        fit(rng.multinomial(int(total), wins / wins.sum()))
    return dict(zip(names, (ELO * fit(np.rint(wins).astype(int))).tolist(), strict=True))


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


def _work(name: str, models: int, number: int, rounds: int, repeats: int) -> None:
    """The measured process."""
    contender, _ = CONTENDERS[name]
    contender(battles(*SMALL), 2)
    frame = battles(models, number)
    if repeats > 1:
        contender(frame, rounds)  # compiled code is compiled for each shape anew
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, ratings = [], {}
    for _ in range(repeats):
        start = time.perf_counter()
        ratings = contender(frame, rounds)
        seconds.append(time.perf_counter() - start)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    peak = max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, children)
    json.dump({"seconds": min(seconds), "ratings": ratings, "mib": peak / 1024, "before": before / 1024}, sys.stdout)


def measure(name: str, size: tuple[int, int], rounds: int, limit: float, repeats: int) -> dict[str, Any] | None:
    """Runs one contender in a process of its own; None where it did not end in time."""
    command = [sys.executable, __file__, "--work", name, *(str(n) for n in (*size, rounds, repeats))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=True)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        print(f"  {name}: {type(error).__name__} {str(getattr(error, 'stderr', '') or '')[-300:]}", file=sys.stderr)
        return None
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _row(name: str, size: tuple[int, int], rounds: int, limit: float) -> dict[str, Any] | None:
    """Few rounds first, for a peer; as many as asked where those promise to end in time."""
    _, bootstraps = CONTENDERS[name]
    if name.startswith("ours") or not bootstraps:
        found = measure(name, size, rounds, limit * 4, 3)
        return found and {**found, "rounds": rounds if bootstraps else 0, "scaled": False}
    few = 5
    found = measure(name, size, few, limit, 1)
    if found is None:
        return None
    if found["seconds"] * rounds / few < limit / 2:
        whole = measure(name, size, rounds, limit, 1)
        if whole:
            return {**whole, "rounds": rounds, "scaled": False}
    return {**found, "seconds": found["seconds"] * rounds / few, "rounds": rounds, "scaled": True}


def _table(title: str, rows: dict[str, dict[str, Any] | None], rounds: int) -> list[str]:
    ours = rows.get("ours, over battles")
    reference = np.array(list(_centred(ours["ratings"]).values())) if ours else np.empty(0)
    lines = [
        f"### {title} battles, {rounds:,} rounds", "",
        "| contender | time, as multiple of ours over battles | ratings differ by at most | peak memory |",
        "| --- | ---: | ---: | ---: |",
    ]  # fmt: skip
    for name, row in rows.items():
        if row is None or ours is None:
            lines.append(f"| {name} | did not end within the limit | | |")
            continue
        mine = _centred(row["ratings"])
        apart = max(abs(mine[m] - r) for m, r in zip(_centred(ours["ratings"]), reference, strict=True))
        ratio = row["seconds"] / ours["seconds"]
        scaled = " (scaled from 5 rounds)" if row["scaled"] else ""
        lines.append(f"| {name} | {ratio:.2f}{scaled} | {apart:.2f} Elo | {row['mib']:.0f} MiB |")
    return [*lines, ""]


def _centred(ratings: Ratings) -> Ratings:
    mean = statistics.mean(ratings.values())
    return {name: ratings[name] - mean for name in sorted(ratings)}


def main() -> None:
    """Runs every contender on every size and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", nargs=5, help=argparse.SUPPRESS)
    parser.add_argument("--limit", type=float, default=120, help="seconds a peer may take")
    parser.add_argument("--sizes", nargs="*", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--rounds", nargs="*", type=int, default=[100, 1000])
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    if arguments.work:
        name, *numbers = arguments.work
        _work(name, *(int(number) for number in numbers))
        return
    lines = []
    for title in arguments.sizes:
        for rounds in arguments.rounds:
            rows = {}
            for name in CONTENDERS:
                rows[name] = _row(name, SIZES[title], rounds, arguments.limit)
                print(title, rounds, name, {k: v for k, v in (rows[name] or {}).items() if k != "ratings"}, flush=True)
            lines += _table(title, rows, rounds)
    text = "\n".join(lines)
    print(text)
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
