from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest

from agent_judge.agree import calibrate
from agent_judge.agree.calibrate import VotedCriteria
from agent_judge.errors import BadInput
from agent_judge.judge.weights import CRITERIA, load_weights, save_weights
from agent_judge.schema import Winner


def votes_by(
    true: dict[str, float], tasks: int = 60, per_task: int = 5, band: float = 0.6, seed: int = 0
) -> list[VotedCriteria]:
    """Votes of people who weigh the criteria in their own way."""
    rng = np.random.default_rng(seed)
    weights = np.array([true.get(name, 0.0) for name in CRITERIA])
    cases = []
    for task in range(tasks):
        for _ in range(per_task):
            difference = rng.uniform(-1, 1, len(CRITERIA)) * (rng.random(len(CRITERIA)) < 0.5)
            x = float(difference @ weights) + rng.logistic()
            vote = "A" if x > band else "B" if x < -band else "tie"
            cases.append(
                VotedCriteria(
                    task_id=f"t{task}",
                    vote=cast(Winner, vote),
                    differences=dict(zip(CRITERIA, difference.tolist(), strict=True)),
                )
            )
    return cases


def test_people_who_care_for_other_things_are_learnt_from_and_the_gain_is_real() -> None:
    start = load_weights()
    found = calibrate(votes_by({"accessibility": 8.0, "layout": 6.0, "frame_rate": 6.0}), start, rounds=300)
    assert found.supported
    assert found.gain.lower > 0.1
    assert found.after.value > found.before.value
    fitted = found.weights.criteria
    assert all(weight >= 0 for weight in fitted.values())
    assert min(fitted["accessibility"], fitted["layout"], fitted["frame_rate"]) > max(
        fitted["steps"], fitted["completed"]
    )
    assert "agree better" in found.claim


@pytest.mark.parametrize("seed", range(3))
def test_people_who_weigh_as_the_judge_does_leave_nothing_to_gain(seed: int) -> None:
    own = load_weights()
    found = calibrate(votes_by(own.criteria, tasks=40, band=own.tie_band, seed=seed), own, rounds=300)
    assert not found.supported
    assert found.gain.lower <= 0
    assert found.claim.startswith("No gain is supported")


def test_a_gain_that_few_votes_cannot_bear_out_is_not_claimed() -> None:
    cases = votes_by({"steps": 6.0, "expectations": 3.0, "completed": 2.0}, tasks=15, per_task=3)
    assert not calibrate(cases, load_weights()).supported


def test_what_votes_of_one_task_share_is_no_gain_on_others() -> None:
    """Each task's votes agree with each other and with nothing else: known to who is tested on his own tasks only."""
    rng = np.random.default_rng(0)
    cases = []
    for task in range(30):
        liked = rng.integers(len(CRITERIA))
        for case in votes_by({CRITERIA[liked]: 12.0}, tasks=1, per_task=6, seed=100 + task):
            cases.append(case.model_copy(update={"task_id": f"t{task}"}))
    even = load_weights().model_copy(update={"criteria": dict.fromkeys(CRITERIA, 4.0)})
    assert not calibrate(cases, even, rounds=300).supported


def test_fitted_weights_are_a_weights_file(tmp_path: Path) -> None:
    found = calibrate(votes_by({"steps": 5.0}, tasks=20), load_weights(), rounds=20)
    save_weights(found.weights, tmp_path / "weights.json")
    assert load_weights(tmp_path / "weights.json") == found.weights
    assert found.weights.credit == load_weights().credit


def test_too_little_to_learn_from_is_refused() -> None:
    with pytest.raises(BadInput, match="votes on 9 tasks"):
        calibrate(votes_by({"steps": 5.0}, tasks=9), load_weights())
    same = [case.model_copy(update={"vote": "A"}) for case in votes_by({"steps": 5.0}, tasks=12)]
    with pytest.raises(BadInput, match="all votes say the same"):
        calibrate(same, load_weights())
