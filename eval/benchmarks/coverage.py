"""How often 95 % intervals hold the true rating when battles of one task are correlated.

Every task adds its own normal shift to each model's strength, shared by all
battles of the task. The truth is the rating that endless tasks would give: it is
found from a very large simulation, so that shrinkage by the shifts is part of it.

    python eval/benchmarks/coverage.py -o eval/results/coverage.md
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from agent_judge.rank import BattleTable, rank
from agent_judge.rank.estimate import Resample

MODELS = 6
STRENGTH = np.linspace(0.8, -0.8, MODELS)
NAMES = tuple(f"m{i}" for i in range(MODELS))


def battles(tasks: int, repeats: int, shift: float, seed: int) -> BattleTable:
    """Every pair fights ``repeats`` times on every task."""
    rng = np.random.default_rng(seed)
    first, second = np.triu_indices(MODELS, 1)
    a, b = np.tile(np.repeat(first, repeats), tasks), np.tile(np.repeat(second, repeats), tasks)
    task = np.repeat(np.arange(tasks), len(first) * repeats)
    strength = STRENGTH + shift * rng.normal(size=(tasks, MODELS))
    won = rng.random(len(a)) < 1 / (1 + np.exp(strength[task, b] - strength[task, a]))
    winner = np.where(rng.random(len(a)) < 0.15, 1, np.where(won, 0, 2)).astype(np.int8)
    return BattleTable(NAMES, a.astype(np.int32), b.astype(np.int32), winner, task.astype(np.int32))


def covered(truth: dict[str, float], table: BattleTable, resample: Resample, rounds: int) -> tuple[int, float]:
    """How many models' intervals hold the truth, and their mean width."""
    rows = rank(table, rounds=rounds, resample=resample).models
    inside = sum(row.lower <= truth[row.model] <= row.upper for row in rows)
    return inside, float(np.mean([row.upper - row.lower for row in rows]))


def main() -> None:
    """Prints, and with ``-o`` writes, the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicas", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    lines = [
        f"# Coverage of 95 % intervals ({arguments.replicas} replicas × {MODELS} models)", "",
        "| tasks | battles per pair and task | task shift | intervals | hold the truth | mean width |",
        "| ---: | ---: | ---: | --- | ---: | ---: |",
    ]  # fmt: skip
    for tasks, repeats, shift in ((100, 3, 1.0), (100, 3, 0.0), (30, 3, 1.0), (10, 3, 1.0)):
        truth = {row.model: row.rating for row in rank(battles(60_000, 1, shift, 10**6), rounds=0).models}
        tables = [battles(tasks, repeats, shift, seed) for seed in range(arguments.replicas)]
        ways: list[tuple[str, Resample, int]] = [
            ("bootstrap over tasks", "task", arguments.rounds),
            ("bootstrap over battles", "battle", arguments.rounds),
            ("sandwich over tasks", "task", 0),
        ]
        for name, resample, rounds in ways:
            found = [covered(truth, table, resample, rounds) for table in tables]
            share = sum(inside for inside, _ in found) / (len(found) * MODELS)
            width = float(np.mean([width for _, width in found]))
            lines.append(f"| {tasks} | {repeats} | {shift} | {name} | {100 * share:.1f} % | {width:.0f} Elo |")
            print(lines[-1], flush=True)
    if arguments.output:
        arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
