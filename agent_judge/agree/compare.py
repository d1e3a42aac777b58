"""Two judges, or two modes of one, on the same votes: is one closer to people?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.stats

from agent_judge.agree.resample import Measured, measured, sums_over_tasks
from agent_judge.agree.votes import Judged
from agent_judge.errors import BadInput
from agent_judge.schema import Model


class JudgeComparison(Model):
    """Agreement in three classes (A, B, neither) of two judges on the pairs that both judged."""

    pairs: int
    first: float
    """Accuracy of the first."""
    second: float
    difference: Measured
    """Second less first."""
    only_first: int
    """Pairs in which only the first agrees with the vote."""
    only_second: int
    p_value: float
    """McNemar's exact test, which takes pairs as independent; the interval of the difference does not."""
    significant: bool
    """Whether the interval of the difference leaves out zero and the p-value is at most 0.05."""


def compare_judges(
    first: Sequence[Judged], second: Sequence[Judged], rounds: int = 1000, seed: int = 0
) -> JudgeComparison:
    """Compares two judges pair by pair.

    Raises:
        BadInput: They have no judged pair in common.
    """
    other = {(item.id, item.swapped): item for item in second if item.verdict is not None}
    both = [(item, other[item.id, item.swapped]) for item in first if item.verdict and (item.id, item.swapped) in other]
    if not both:
        raise BadInput("the two judges have no pair in common; judge the same votes with both")
    rows = np.array([[_agrees(one), _agrees(two), 1] for one, two in both], dtype=float)
    whole, drawn = sums_over_tasks(rows, [one.task_id for one, _ in both], rounds, seed)
    difference = measured(whole, drawn, lambda sums: (sums[..., 1] - sums[..., 0]) / sums[..., 2])
    assert difference is not None
    only_first = int(np.count_nonzero(rows[:, 0] > rows[:, 1]))
    only_second = int(np.count_nonzero(rows[:, 1] > rows[:, 0]))
    apart = only_first + only_second
    p_value = float(scipy.stats.binomtest(only_first, apart).pvalue) if apart else 1.0
    return JudgeComparison(
        pairs=len(both),
        first=whole[0] / whole[2],
        second=whole[1] / whole[2],
        difference=difference,
        only_first=only_first,
        only_second=only_second,
        p_value=p_value,
        significant=p_value <= 0.05 and not difference.lower <= 0 <= difference.upper,
    )


def _agrees(item: Judged) -> bool:
    neither = ("tie", "both_bad")
    return item.verdict == item.vote or (item.verdict in neither and item.vote in neither)
