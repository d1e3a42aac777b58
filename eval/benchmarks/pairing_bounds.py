"""What any rule for adaptive pairing could save: rules side by side, hundreds of replicas at once.

The rule of ``next_pairs`` is written here for many replicas at once, without tasks; beside it stand rules that it
cannot be, since they know what it has to find out. Fields, ties, waves, and what is measured are those of
``pairing.py``.

- *balanced*: every model fights as often as every other, at random.
- *knows the strengths*: the rule, with the true strengths in place of those estimated.
- *knows the chances*: the rule, with the true chance of each pair to decide how much its battle tells.
- *knows what is wrong*: the rule, but what counts is above all the pairs that the ratings have in the wrong order now.

    python -m eval.benchmarks.pairing_bounds
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import expit, ndtr

from agent_judge.rank.blas import one_blas_thread
from agent_judge.rank.pairing import SETTLED_BATTLES
from eval.benchmarks.pairing import ELO, FIELDS, LEVELS, TIES, WAVE, Floats, needed, saved

FIRST_SEED = 20_000
SHARE = 0.75
"""Of the battles that uniform choice is given."""
Places = npt.NDArray[np.intp]


class Replicas:
    """R fields of M models: what is true of them, what was fought, and the ratings after it."""

    def __init__(self, name: str, seeds: range) -> None:
        field = FIELDS[name]
        drawn = [field.draw(np.random.default_rng(seed), field.models) / ELO for seed in seeds]
        self.truth: Floats = np.array(drawn)
        self.rng = np.random.default_rng(seeds[0])
        self.first, self.second = np.triu_indices(field.models, 1)
        self.rows = np.arange(len(drawn))
        self.met = np.zeros((len(drawn), field.models, field.models))
        self.score = np.zeros_like(self.met)
        self.strength = np.zeros_like(self.truth)

    def fight(self, a: Places, b: Places) -> None:
        """One battle in each replica, of model a[r] against b[r]."""
        won = self.rng.random(len(a)) < expit(self.truth[self.rows, a] - self.truth[self.rows, b])
        score = np.where(self.rng.random(len(a)) < TIES, 0.5, won)
        self.met[self.rows, a, b] += 1
        self.met[self.rows, b, a] += 1
        self.score[self.rows, a, b] += score
        self.score[self.rows, b, a] += 1 - score

    def fit(self) -> None:
        """Newton's method, with the prior that ratings have."""
        for _ in range(30):
            information, p = self._information(self.strength)
            slope = (self.score - self.met * p).sum(axis=2) + 0.5 - expit(self.strength)
            step = np.linalg.solve(information, slope[..., None])[..., 0]
            step *= np.minimum(1, 2 / np.maximum(np.abs(step).max(axis=1, keepdims=True), 2))
            self.strength = self.strength + step
            if np.abs(step).max() < 1e-7:
                break

    def covariance(self, strength: Floats) -> Floats:
        """(R, M, M)."""
        out: Floats = np.linalg.inv(self._information(strength)[0]).astype(np.float64)
        return out

    def _information(self, strength: Floats) -> tuple[Floats, Floats]:
        p = np.asarray(expit(strength[:, :, None] - strength[:, None, :]), np.float64)
        weight, prior = self.met * p * (1 - p), expit(strength)
        out = -weight
        diagonal = np.arange(strength.shape[1])
        out[:, diagonal, diagonal] = weight.sum(axis=2) + prior * (1 - prior)
        return out, p

    def accuracy(self) -> Floats:
        """(R,) share of pairs that the ratings order as they are."""
        right: Floats = np.mean((self.lead(self.strength) > 0) == (self.lead(self.truth) > 0), axis=1)
        return right

    def lead(self, strength: Floats) -> Floats:
        """(R, K) of the first of each pair over the second."""
        out: Floats = strength[:, self.first] - strength[:, self.second]
        return out


Choose = Callable[[Replicas], list[tuple[Places, Places]]]


def uniform(field: Replicas) -> list[tuple[Places, Places]]:
    """Any pair, each as likely."""
    drawn = [field.rng.integers(len(field.first), size=len(field.rows)) for _ in range(WAVE)]
    return [(field.first[k], field.second[k]) for k in drawn]


def balanced(field: Replicas) -> list[tuple[Places, Places]]:
    """Every model once, then every model again."""
    chosen: list[tuple[Places, Places]] = []
    while len(chosen) < WAVE:
        order = np.argsort(field.rng.random(field.truth.shape), axis=1)
        chosen += [(order[:, k], order[:, k + 1]) for k in range(0, order.shape[1] - 1, 2)]
    return chosen[:WAVE]


def adaptive(known: str = "") -> Choose:
    """The rule; ``known`` is what it may know: ``strengths``, ``chances``, ``wrong``, or nothing."""

    def choose(field: Replicas) -> list[tuple[Places, Places]]:
        a, b = field.first, field.second
        strength = field.truth if known == "strengths" else field.strength
        covariance, battles = field.covariance(strength), field.met.sum(axis=2)
        p = np.asarray(expit(field.lead(field.truth if known == "chances" else strength)), np.float64)
        information = p * (1 - p)
        wrong = (field.lead(field.strength) > 0) != (field.lead(field.truth) > 0)
        chosen = []
        for _ in range(WAVE):
            variance = _variance(covariance, a, b)
            doubt = np.asarray(ndtr(-np.abs(field.lead(strength)) / np.sqrt(variance)), np.float64)
            if known == "wrong":
                doubt = np.where(wrong, 1.0, 0.1 * doubt)
            gain = _told(covariance, a, b, doubt / variance) * information / (1 + information * variance)
            shortage = 1 - np.minimum(battles[:, a], battles[:, b]) / SETTLED_BATTLES
            gain *= (1 + np.maximum(shortage, 0)) * (1 + 1e-9 * field.rng.random(gain.shape))
            best = gain.argmax(axis=1)
            i, j = a[best], b[best]
            along = covariance[field.rows, :, i] - covariance[field.rows, :, j]
            told = information[field.rows, best] / (1 + information[field.rows, best] * variance[field.rows, best])
            covariance = covariance - along[:, :, None] * along[:, None, :] * told[:, None, None]
            battles[field.rows, i] += 1
            battles[field.rows, j] += 1
            chosen.append((i, j))
        return chosen

    return choose


def _variance(covariance: Floats, a: Places, b: Places) -> Floats:
    """(R, K) of the difference of each pair."""
    out: Floats = np.maximum(covariance[:, a, a] + covariance[:, b, b] - 2 * covariance[:, a, b], 1e-12)
    return out


def _told(covariance: Floats, a: Places, b: Places, weight: Floats) -> Floats:
    """(R, K) how much a battle of each pair bears on all pairs, each with its weight."""
    form = np.zeros_like(covariance)
    form[:, a, b] = form[:, b, a] = -weight
    diagonal = np.arange(covariance.shape[1])
    form[:, diagonal, diagonal] = -form.sum(axis=2)
    return _variance(covariance @ form @ covariance, a, b)


def simulate(name: str, choose: Choose, battles: float, seeds: range) -> Floats:
    """(R, waves) accuracy after each wave."""
    field = Replicas(name, seeds)
    found: list[Floats] = []
    with one_blas_thread():
        while WAVE * len(found) < battles:
            for a, b in choose(field):
                field.fight(a, b)
            field.fit()
            found.append(field.accuracy())
    return np.array(found).T


RULES: dict[str, Choose] = {
    "balanced": balanced,
    "as `next_pairs`": adaptive(),
    "knows the strengths": adaptive("strengths"),
    "knows the chances": adaptive("chances"),
    "knows what is wrong": adaptive("wrong"),
}


def main() -> None:
    """Prints, and with ``-o`` adds to a file, a table per field of models."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicas", type=int, default=400)
    parser.add_argument("--fields", nargs="*", default=list(FIELDS)[:2], choices=list(FIELDS))
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    seeds = range(FIRST_SEED, FIRST_SEED + arguments.replicas)
    for name in arguments.fields:
        most = FIELDS[name].battles
        base = simulate(name, uniform, most, seeds)
        reached = [level for level in LEVELS if needed(base.mean(axis=0), level)]
        lines = [f"### {name}", "", "| saved by | " + " | ".join(f"{level:.0%}" for level in reached) + " |"]
        lines.append("| --- |" + " ---: |" * len(reached))
        for rule, choose in RULES.items():
            found = simulate(name, choose, most * SHARE, seeds)
            lines.append(f"| {rule} | " + " | ".join(saved(base, found, level)[2] for level in reached) + " |")
        print("\n".join(lines), flush=True)
        if arguments.output:
            with arguments.output.open("a", encoding="utf-8") as stream:
                stream.write("\n".join([*lines, "", ""]))


if __name__ == "__main__":
    main()
