from __future__ import annotations

import pytest

from agent_judge.errors import BadInput
from agent_judge.judge import EvidenceJudge, load_judge


def test_the_embedded_judge_is_found_by_name() -> None:
    assert isinstance(load_judge("evidence"), EvidenceJudge)


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match=r"unknown judge 'evidense'.*evidence"):
        load_judge("evidense")
