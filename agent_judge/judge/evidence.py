"""The evidence judge: no model, no key, deterministic, and the same in either order.

The score of a solution is a weighted sum of the features in :mod:`.features`. The
difference of two scores is read as an ordered logistic preference with a tie band
(McCullagh 1980): with x the difference in logits and t the band,
``P(A) = s(x - t)``, ``P(B) = s(-x - t)`` and the rest is a tie.
"""

from __future__ import annotations

import math
from pathlib import Path

from agent_judge.errors import JudgeError
from agent_judge.judge.features import Measure, measure
from agent_judge.judge.rationale import reasons_for_both_bad, reasons_to_tie, reasons_to_win
from agent_judge.judge.sides import Side, launch_failed, sides
from agent_judge.judge.weights import CRITERIA, Weights, load_weights
from agent_judge.launch.surroundings import folder_digest
from agent_judge.schema import Criterion, Evidence, LaunchReport, Task, Verdict, Winner, digest_of

VERSION = folder_digest(Path(__file__).parent)
"""Changes whenever judging the same evidence may give another verdict: nobody has to remember to count it up."""


class EvidenceJudge:
    """Compares what two solutions did when they were used."""

    name = "evidence"

    def __init__(self, weights: Weights | None = None) -> None:
        self.weights = weights or load_weights()

    def fingerprint(self) -> str:
        """Names all that determines its verdicts: version and weights."""
        return digest_of([self.name, VERSION, self.weights.model_dump(mode="json")])

    async def judge(self, task: Task, a: Evidence, b: Evidence) -> Verdict:
        """Decides which is better.

        Raises:
            JudgeError: Nothing that both sides had a fair chance to show is in the evidence.
        """
        side_a, side_b = sides(a, b)
        _require_something_to_compare(side_a, side_b)
        criteria = self._criteria(side_a, side_b)
        works = self._works(side_a), self._works(side_b)
        if max(works) < self.weights.floor:
            return self._both_bad(side_a, side_b, criteria, max(works))
        x = math.fsum(c.weight * (c.a - c.b) for c in criteria)
        if abs(x) <= self.weights.tie_band:
            return self._verdict("tie", x, reasons_to_tie(side_a, side_b, criteria), criteria)
        if x > 0:
            return self._verdict("A", x, reasons_to_win(side_a, side_b, criteria), criteria)
        reasons = reasons_to_win(side_b, side_a, tuple(c.flipped() for c in criteria))
        return self._verdict("B", x, reasons, criteria)

    def criteria(self, a: Evidence, b: Evidence) -> tuple[Criterion, ...]:
        """Both sides' scores by every criterion that could be measured on both; what weights are fitted to."""
        return self._criteria(*sides(a, b))

    def _criteria(self, a: Side, b: Side) -> tuple[Criterion, ...]:
        of_a, of_b = measure(a, self.weights.credit), measure(b, self.weights.credit)
        found = []
        for name in CRITERIA:
            one, two = of_a[name], of_b[name]
            if one is not None and two is not None:
                found.append(_criterion(name, self.weights.criteria.get(name, 0.0), one, two))
        return tuple(found)

    def _works(self, side: Side) -> float:
        """Share of what was asked for that a solution does at all, 0 to 1."""
        if side.launches and all(launch_failed(report) for _, report in side.launches):
            return 0.0
        if side.evidence.probes.blank and not any(s.outcome == "done" for s in side.used):
            return 0.0
        if not side.tried:
            return 1.0
        return sum(s.outcome == "done" for s in side.tried) / len(side.tried)

    def _both_bad(self, a: Side, b: Side, criteria: tuple[Criterion, ...], best: float) -> Verdict:
        return Verdict(
            winner="both_bad",
            strength=0.0,
            confidence=0.95 * (1 - best),
            rationale=reasons_for_both_bad(a, b),
            criteria=criteria,
            judge=self.name,
        )

    def _verdict(self, winner: Winner, x: float, rationale: str, criteria: tuple[Criterion, ...]) -> Verdict:
        band, size = self.weights.tie_band, abs(x)
        better, worse = _logistic(size - band), _logistic(-size - band)
        return Verdict(
            winner=winner,
            strength=math.tanh(size / self.weights.decisive),
            confidence=max(0.0, 1 - better - worse) if winner == "tie" else better,
            rationale=rationale,
            criteria=criteria,
            judge=self.name,
        )


def _require_something_to_compare(a: Side, b: Side) -> None:
    if a.launches and b.launches:
        return
    for side in (a, b):
        reason = side.evidence.driver_error or next(
            (r.reason for r in _all_launches(side.evidence) if r.outcome == "blocked"), ""
        )
        if reason:
            raise JudgeError(f"nothing to compare: a solution could not be tried: {reason}")
    raise JudgeError("nothing to compare: the two solutions were not used in the same way")


def _all_launches(evidence: Evidence) -> list[LaunchReport]:
    return [evidence.launch, *(t.launch for t in evidence.trajectories)]


def _criterion(name: str, weight: float, a: Measure, b: Measure) -> Criterion:
    ranked = sorted((a, b), key=lambda m: (-m.score, m.words))
    words = list(dict.fromkeys(m.words for m in ranked))
    return Criterion(
        criterion=name,
        a=a.score,
        b=b.score,
        weight=weight,
        message=" against ".join(words) if len(words) > 1 else f"both: {words[0]}",
        steps_a=a.steps,
        steps_b=b.steps,
    )


def _logistic(x: float) -> float:
    return 0.5 * (1 + math.tanh(x / 2))
