"""How many battles adaptive pairing saves against uniform choice, for the same rank accuracy.

Models of known strength fight simulated battles in waves of 20, as a run does:
each wave may fight any pair on any of six tasks, and tasks may shift strengths,
for all battles on them. Accuracy is the share of pairs of models that the
ratings order rightly, averaged over replicas and made monotone (accuracy in
truth only grows with battles, a mean of simulations also jitters).

The rule was chosen on other seeds (below 10,000) than the ones reported here.

    python eval/benchmarks/pairing.py -o eval/results/pairing.md
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import isotonic_regression

from agent_judge.rank import BattleTable, next_pairs
from agent_judge.rank.blas import one_blas_thread
from agent_judge.rank.cells import count_cells
from agent_judge.rank.fit import Likelihood, fit
from agent_judge.rank.links import LINKS
from agent_judge.schema import Battle, BattleWinner

WAVE, OFFERED_TASKS, TIES, FIRST_SEED = 20, 6, 0.15, 10_000
LEVELS = (0.86, 0.90, 0.92, 0.94, 0.95)
ADAPTIVE_SHARE = 0.75
"""Of the battles that uniform choice is given."""
ELO = 400 / np.log(10)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Field:
    """Who competes."""

    models: int
    draw: Callable[[np.random.Generator, int], Floats]
    """Strengths in Elo."""
    battles: int
    """How many are fought at most."""
    shift: float = 0.0
    """Deviation, in Elo, of what each task adds to each model's strength."""


def even(rng: np.random.Generator, models: int) -> Floats:
    """600 Elo from the best to the worst, in equal steps."""
    return rng.permutation(np.linspace(-300, 300, models))


def normal(rng: np.random.Generator, models: int) -> Floats:
    """Most in the middle; a deviation of 1 on the natural scale."""
    return np.asarray(rng.normal(size=models) * ELO)


def skewed(rng: np.random.Generator, models: int) -> Floats:
    """Many weak ones close together, a few far ahead."""
    return np.asarray(rng.exponential(size=models) * ELO)


FIELDS = {
    "20 models evenly over 600 Elo": Field(20, even, 1100),
    "20 models, normal, deviation 174 Elo": Field(20, normal, 2200),
    "20 models, normal, tasks shift each by 87 Elo": Field(20, normal, 2200, 87.0),
    "10 models, normal, deviation 174 Elo": Field(10, normal, 1200),
    "20 models, exponential, deviation 174 Elo": Field(20, skewed, 2200),
}


def simulate(name: str, adaptive: bool, seed: int) -> list[float]:
    """Accuracy after each wave of one replica."""
    field, rng = FIELDS[name], np.random.default_rng(seed)
    truth = dict(zip((f"m{i:02d}" for i in range(field.models)), field.draw(rng, field.models), strict=True))
    pairs = list(combinations(truth, 2))
    fought: list[Battle] = []
    accuracy = []
    with one_blas_thread():
        while len(fought) < field.battles * (ADAPTIVE_SHARE if adaptive else 1):
            tasks = {f"t{len(fought)}-{k}": dict(zip(truth, rng.normal(size=field.models), strict=True))
                     for k in range(OFFERED_TASKS)}  # fmt: skip
            offered = [(task, a, b) for task in tasks for a, b in pairs]
            chosen = (
                next_pairs(fought, offered, WAVE, seed=len(fought))
                if adaptive
                else [offered[k] for k in rng.choice(len(offered), WAVE, replace=False)]
            )
            for task, a, b in chosen:
                gap = truth[a] - truth[b] + field.shift * (tasks[task][a] - tasks[task][b])
                fought.append(Battle(task_id=task, model_a=a, model_b=b, winner=_winner(gap, rng)))
            accuracy.append(_ordered(fought, truth, pairs))
    return accuracy


def _winner(gap: float, rng: np.random.Generator) -> BattleWinner:
    if rng.random() < TIES:
        return "tie"
    return "model_a" if rng.random() < 1 / (1 + 10 ** (-gap / 400)) else "model_b"


def _ordered(fought: list[Battle], truth: dict[str, float], pairs: list[tuple[str, str]]) -> float:
    """Share of pairs that the ratings order as they are; a model that did not fight yet is average."""
    table = BattleTable.from_battles(fought)
    cells = count_cells(table, np.arange(len(table.models), dtype=np.int32), None, np.empty((len(table), 0)))
    strength = dict(zip(table.models, fit(Likelihood(cells, len(table.models), LINKS["half"])).tolist(), strict=True))
    right = [(strength.get(a, 0.0) > strength.get(b, 0.0)) == (truth[a] > truth[b]) for a, b in pairs]
    return float(np.mean(right))


def needed(accuracy: Floats, level: float) -> float | None:
    """Battles at which the mean accuracy reaches a level, between waves along a line."""
    curve = np.r_[0.5, isotonic_regression(accuracy)]
    if curve[-1] < level:
        return None
    above = int(np.searchsorted(curve, level))
    below = curve[above - 1]
    return float(WAVE * (above - 1 + (level - below) / (curve[above] - below)))


def saved(uniform: Floats, adaptive: Floats, level: float) -> tuple[str, str, str]:
    """Cells of a row: battles of either, and the share that is saved with its 95 % interval over replicas."""
    first, second = needed(uniform.mean(axis=0), level), needed(adaptive.mean(axis=0), level)
    if first is None or second is None:
        most = WAVE * uniform.shape[1]
        return _count(first), _count(second), f"over {1 - second / most:.0%}" if second else "unknown"
    rng, shares = np.random.default_rng(0), []
    for _ in range(400):
        drawn = rng.integers(0, len(uniform), len(uniform))
        one, other = needed(uniform[drawn].mean(axis=0), level), needed(adaptive[drawn].mean(axis=0), level)
        shares.append(1 - (other or np.inf) / one if one else np.nan)
    with np.errstate(invalid="ignore"):  # a level that a draw of replicas does not reach has no bound
        low, high = (f"{x:.0%}" if np.isfinite(x) else "unknown" for x in np.nanquantile(shares, (0.025, 0.975)))
    return _count(first), _count(second), f"{1 - second / first:.0%} ({low} to {high})"


def _count(battles: float | None) -> str:
    return "not reached" if battles is None else f"{battles:.0f}"


def main() -> None:
    """Prints, and with ``-o`` writes, a table per field of models, each as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicas", type=int, default=60)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--fields", nargs="*", default=list(FIELDS), choices=list(FIELDS))
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.replicas)
    lines = [f"# Battles saved by adaptive pairing ({arguments.replicas} replicas)", ""]
    for name in arguments.fields:
        curves = []
        with ProcessPoolExecutor(2) as pool:
            for adaptive in (False, True):
                found = pool.map(simulate, [name] * len(seeds), [adaptive] * len(seeds), seeds)
                curves.append(np.array(list(found)))
        lines += [
            f"## {name}", "",
            "| pairs in right order | battles, uniform | battles, adaptive | saved |", "| --- | ---: | ---: | ---: |",
        ]  # fmt: skip
        for level in LEVELS:
            lines.append(f"| {level:.0%} | {' | '.join(saved(curves[0], curves[1], level))} |")
        lines.append("")
        print("\n".join(lines[-len(LEVELS) - 5 :]), flush=True)
        if arguments.output:
            arguments.output.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
