from __future__ import annotations

import pytest

from agent_judge.agree import Rating, rater_agreement
from agent_judge.errors import BadInput

# The worked example of Krippendorff's "Computing Krippendorff's Alpha-Reliability" (2011), nominal data:
# four observers, twelve units, missing values; alpha is 0.743.
EXAMPLE = {
    "A": "123321412...",
    "B": "1233224125.3",
    "C": ".3332342251.",
    "D": "12332441251.",
}


def example() -> list[Rating]:
    return [
        Rating(item=f"u{i}", rater=rater, value=value)
        for rater, values in EXAMPLE.items()
        for i, value in enumerate(values)
        if value != "."
    ]


def test_alpha_is_krippendorffs_own() -> None:
    found = rater_agreement(example(), rounds=200)
    assert found.alpha is not None
    assert found.alpha.value == pytest.approx(0.743, abs=5e-4)
    assert found.alpha.lower < 0.743 < found.alpha.upper
    assert (found.raters, found.items) == (4, 11)


def test_every_two_raters_are_compared() -> None:
    pairs = {(pair.first, pair.second): pair for pair in rater_agreement(example(), rounds=10).pairs}
    assert len(pairs) == 6
    assert pairs["A", "B"].items == 9
    assert pairs["A", "B"].agreement == pytest.approx(8 / 9)


def test_all_the_same_has_no_alpha_and_bad_ratings_are_refused() -> None:
    same = [Rating(item=f"i{i}", rater=r, value="A") for i in range(3) for r in "xy"]
    assert rater_agreement(same, rounds=10).alpha is None
    with pytest.raises(BadInput, match="no item was rated by two"):
        rater_agreement([Rating(item="i", rater="x", value="A")])
    with pytest.raises(BadInput, match="'x' rated 'i0' twice"):
        rater_agreement([*same, Rating(item="i0", rater="x", value="B")])
