from __future__ import annotations

import json

import pytest

from agent_judge.judge.ballot import ballot_schema, parse_ballot, winner_of
from tests.judge.messages_rules import check_message_request
from tests.judge.voters import ballot, finding


def test_the_schema_is_one_that_the_api_takes() -> None:
    form = {"type": "json_schema", "schema": ballot_schema()}
    message = {"role": "user", "content": "Judge"}
    check_message_request(
        {"model": "claude-sonnet-5-5", "max_tokens": 10, "messages": [message], "output_config": {"format": form}}
    )


def test_findings_come_before_the_winner_so_that_it_rests_on_them() -> None:
    assert list(ballot_schema()["properties"]) == ["findings", "scores", "reasons", "winner", "confidence"]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        " \n{}\n",
        "Here is my ballot:\n\n```json\n{}\n```\nDone.",
        "```\n{}\n```",
        "I thought about {{it}}.\n```json\n{}\n```",
        "My answer is {} as explained.",
    ],
)
def test_a_ballot_is_found_in_what_a_model_says(text: str) -> None:
    given = ballot("second", [finding("first", "use#1")])
    assert parse_ballot(text.replace("{}", given)).winner == "second"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"winner": "A"}, "winner"),
        ({"confidence": 1.5}, "confidence 1.5"),
        ({"scores": [{"criterion": "functions", "first": 11, "second": 1}]}, "between 0 and 10"),
        ({"scores": [{"criterion": "beauty", "first": 1, "second": 1}]}, "criterion"),
        ({"extra": 1}, "extra"),
        ({"reasons": None}, "reasons"),
    ],
)
def test_what_is_no_ballot_is_told_in_one_line(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        parse_ballot(json.dumps({**json.loads(ballot("first")), **change}))
    assert "\n" not in str(caught.value)


def test_places_become_sides() -> None:
    first, tie = parse_ballot(ballot("first")), parse_ballot(ballot("tie"))
    assert (winner_of(first, "A"), winner_of(first, "B"), winner_of(tie, "B")) == ("A", "B", "tie")
