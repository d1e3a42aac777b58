"""How many battles adaptive pairing saves against uniform choice, for the same rank accuracy.

Models of known strength fight simulated battles in batches of 20. Accuracy is the
share of pairs of models that the ratings order rightly, averaged over replicas.

    python eval/benchmarks/pairing.py -o eval/results/pairing.md
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from agent_judge.rank.pairing import next_pairs
from agent_judge.rank.ranking import rank
from agent_judge.schema import Battle

BATCH = 20
LEVELS = (0.90, 0.92, 0.94, 0.95)
ELO = 400 / np.log(10)
SCENARIOS = {
    "20 models evenly over 600 Elo": (20, "even", 600.0),
    "20 models, normal, deviation 174 Elo": (20, "normal", 174.0),
}


def strengths(
    kind: str, models: int, size: float, rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """On the natural scale; ``size`` in Elo is the range, or the deviation."""
    shape = rng.permutation(np.linspace(-0.5, 0.5, models)) if kind == "even" else rng.normal(size=models)
    found: np.ndarray[tuple[int], np.dtype[np.float64]] = shape * (size / ELO)
    return found


def simulate(models: int, kind: str, size: float, adaptive: bool, battles: int, seed: int) -> list[float]:
    """Accuracy after each batch."""
    rng = np.random.default_rng(seed)
    truth = strengths(kind, models, size, rng)
    names = [f"m{i:02d}" for i in range(models)]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    fought: list[Battle] = []
    accuracy = []
    while len(fought) < battles:
        task = f"t{len(fought)}"
        if adaptive and fought:
            candidates = [(f"{task}-{k}", a, b) for k in range(BATCH) for a, b in pairs]
            chosen = [(a, b) for _, a, b in next_pairs(fought, candidates, BATCH, seed=seed)]
        else:
            chosen = [pairs[k] for k in rng.integers(0, len(pairs), BATCH)]
        for k, (a, b) in enumerate(chosen):
            chance = 1 / (1 + np.exp(truth[names.index(b)] - truth[names.index(a)]))
            won = "model_a" if rng.random() < chance else "model_b"
            winner = "tie" if rng.random() < 0.15 else won
            fought.append(
                Battle.model_validate({"task_id": f"{task}-{k}", "model_a": a, "model_b": b, "winner": winner})
            )
        board = rank(fought, rounds=0)
        rating = {row.model: row.rating for one in (board, *board.groups) for row in one.models}
        found = np.array([rating.get(name, 1000.0) for name in names])
        upper = np.triu_indices(models, 1)
        right = (found[upper[0]] > found[upper[1]]) == (truth[upper[0]] > truth[upper[1]])
        accuracy.append(float(right.mean()))
    return accuracy


def needed(accuracy: list[float], level: float) -> int | None:
    """Battles until the mean accuracy stays at a level or above."""
    below = [i for i, value in enumerate(accuracy) if value < level]
    reached = (below[-1] + 1 if below else 0) + 1
    return reached * BATCH if reached <= len(accuracy) else None


def main() -> None:
    """Prints, and with ``-o`` writes, a table per scenario."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicas", type=int, default=12)
    parser.add_argument("--battles", type=int, default=2000)
    parser.add_argument("--scenarios", nargs="*", default=list(SCENARIOS), choices=list(SCENARIOS))
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    lines = [f"# Battles saved by adaptive pairing ({arguments.replicas} replicas)", ""]
    for name in arguments.scenarios:
        models, kind, size = SCENARIOS[name]
        mean = {}
        for adaptive in (False, True):
            runs = [simulate(models, kind, size, adaptive, arguments.battles, s) for s in range(arguments.replicas)]
            mean[adaptive] = np.mean(runs, axis=0).tolist()
        lines += [
            f"## {name}",
            "",
            "| pairs in right order | uniform | adaptive | saved |",
            "| --- | ---: | ---: | ---: |",
        ]
        for level in LEVELS:
            uniform, chosen = needed(mean[False], level), needed(mean[True], level)
            saved = (
                f"{100 * (1 - chosen / uniform):.0f} %" if uniform and chosen else "at least" if chosen else "unknown"
            )
            if saved == "at least" and chosen:
                saved = f"over {100 * (1 - chosen / arguments.battles):.0f} %"
            lines.append(f"| {100 * level:.0f} % | {uniform or 'not reached'} | {chosen or 'not reached'} | {saved} |")
        lines.append("")
    text = "\n".join(lines)
    print(text)
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
