from __future__ import annotations

from pathlib import Path

import pytest

from agent_judge.errors import BadInput
from agent_judge.judge import JudgeSettings, load_judge, load_weights, save_weights
from agent_judge.judge.weights import CRITERIA


def test_saved_weights_read_back_the_same(tmp_path: Path) -> None:
    weights = load_weights().model_copy(update={"tie_band": 1.25})
    save_weights(weights, tmp_path / "w.json")
    assert load_weights(tmp_path / "w.json") == weights


def test_the_embedded_weights_name_every_criterion() -> None:
    assert tuple(load_weights().criteria) == CRITERIA


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "JSON"),
        ('{"criteria": {"beauty": 1}, "tie_band": 1, "decisive": 1, "floor": 0}', "unknown criterion beauty"),
        ('{"criteria": {"steps": -1}, "tie_band": 1, "decisive": 1, "floor": 0}', "negative"),
        ('{"criteria": {"steps": 1}, "tie_band": -1, "decisive": 1, "floor": 0}', "tie_band"),
        ('{"criteria": {"steps": 1}, "tieband": 1, "tie_band": 1, "decisive": 1, "floor": 0}', "tieband"),
    ],
)
def test_wrong_weights_are_told_in_one_line(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "w.json"
    file.write_text(content)
    with pytest.raises(BadInput, match=message) as caught:
        load_judge("evidence", JudgeSettings(weights=file))
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot read the weights"):
        load_weights(tmp_path / "none.json")
