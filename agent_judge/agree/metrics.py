"""How often a judge agrees with votes: accuracy, macro F1, Cohen's kappa, Matthews correlation, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from agent_judge.agree.resample import Array, Measured, measured, sums_over_tasks
from agent_judge.agree.votes import Judged
from agent_judge.schema import Model

THREE = ("A", "B", "neither")
FOUR = ("A", "B", "tie", "both_bad")


class Scores(Model):
    """Agreement in some classes. A score is left out where it is undefined, as kappa with one class only."""

    classes: tuple[str, ...]
    accuracy: Measured
    macro_f1: Measured | None
    kappa: Measured | None
    matthews: Measured | None
    confusion: tuple[tuple[int, ...], ...]
    """``confusion[i][j]``: pairs voted class i and judged class j."""


def scores(items: Sequence[Judged], classes: tuple[str, ...], rounds: int = 1000, seed: int = 0) -> Scores:
    """Computes agreement over pairs that have a verdict.

    Args:
        items: At least one pair with a verdict.
        classes: :data:`THREE` or :data:`FOUR`.
        rounds: Bootstrap rounds over tasks.
        seed: Of the bootstrap.
    """
    pairs = [(item, item.verdict) for item in items if item.verdict is not None]
    k = len(classes)
    rows = np.zeros((len(pairs), k * k))
    for i, (item, verdict) in enumerate(pairs):
        rows[i, classes.index(_class(item.vote, classes)) * k + classes.index(_class(verdict, classes))] = 1
    whole, drawn = sums_over_tasks(rows, [item.task_id for item, _ in pairs], rounds, seed)
    matrices = [sums.reshape(*sums.shape[:-1], k, k) for sums in (whole, drawn)]
    found = {name: measured(matrices[0], matrices[1], score) for name, score in _SCORES.items()}
    accuracy = found["accuracy"]
    assert accuracy is not None
    return Scores(
        classes=classes,
        accuracy=accuracy,
        macro_f1=found["macro_f1"],
        kappa=found["kappa"],
        matthews=found["matthews"],
        confusion=tuple(tuple(int(n) for n in row) for row in whole.reshape(k, k)),
    )


def _class(winner: str, classes: tuple[str, ...]) -> str:
    return winner if winner in classes else "neither"


# Of confusion matrices (..., k, k), true classes in rows; as scikit-learn defines them, for whole batches at once.


def accuracy(confusion: Array) -> Array:
    """Share on the diagonal."""
    out: Array = np.trace(confusion, axis1=-2, axis2=-1) / confusion.sum(axis=(-2, -1))
    return out


def macro_f1(confusion: Array) -> Array:
    """Mean F1 over the classes that occur, in votes or verdicts."""
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    both = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    f1 = np.divide(2 * right, both, out=np.zeros(both.shape), where=both > 0)
    out: Array = f1.sum(axis=-1) / (both > 0).sum(axis=-1)
    return out


def kappa(confusion: Array) -> Array:
    """Cohen (1960): agreement beyond what the two distributions give by chance."""
    total = confusion.sum(axis=(-2, -1))
    chance = (confusion.sum(axis=-1) * confusion.sum(axis=-2)).sum(axis=-1) / total**2
    out: Array = (accuracy(confusion) - chance) / (1 - chance)
    return out


def matthews(confusion: Array) -> Array:
    """Gorodkin (2004): correlation of two classifications."""
    total = confusion.sum(axis=(-2, -1))
    right = np.trace(confusion, axis1=-2, axis2=-1)
    voted, judged = confusion.sum(axis=-1), confusion.sum(axis=-2)
    covariance = right * total - (voted * judged).sum(axis=-1)
    out: Array = covariance / np.sqrt((total**2 - (voted**2).sum(axis=-1)) * (total**2 - (judged**2).sum(axis=-1)))
    return out


_SCORES: Mapping[str, Callable[[Array], Array]] = {
    "accuracy": accuracy,
    "macro_f1": macro_f1,
    "kappa": kappa,
    "matthews": matthews,
}
