"""Model judges through the command line, against strict local servers."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_judge.schema import CompareResult, Evidence
from tests.cli.conftest import Cli
from tests.cli.judged import answers_kept, battles, spent, verdicts
from tests.judge.chat_server import ChatServer
from tests.judge.messages_server import KEY, Answer, Hang, MessagesServer, Page, Say, image_count, text_of
from tests.judge.voters import observant
from tests.run.counters import CLICKS, PAGE, SCENARIO, write_suite

MODELS = ("counts", "ignores", "doubles")
WON = [
    ("claude", "counts", "doubles", "model_a"),
    ("claude", "counts", "ignores", "model_a"),
    ("claude", "doubles", "ignores", "tie"),
]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MessagesServer]:
    with MessagesServer(observant) as running:
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.url)
        yield running


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    running = ChatServer(voter=observant)
    yield running
    running.close()


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    return write_suite(tmp_path / "suite", tasks=1, models=MODELS)


@pytest.fixture
def pages(tmp_path: Path) -> tuple[str, ...]:
    """Arguments of ``compare``: a page that counts, one that does not, the task, and how to use them."""
    for name in ("counts", "ignores"):
        (tmp_path / f"{name}-page.html").write_text(PAGE.format(click=CLICKS[name]))
    (tmp_path / "count.yaml").write_text(SCENARIO)
    return ("counts-page.html", "ignores-page.html", "--task", "Make a counter", "--scenario", "count.yaml")


def compared(said: str) -> CompareResult:
    return CompareResult.model_validate_json(said)


# --- compare --------------------------------------------------------------------------------------


def test_compare_needs_nothing_but_a_key(cli: Cli, server: MessagesServer, pages: tuple[str, ...]) -> None:
    ended = cli("compare", *pages, "--judge", "claude", "--json", "-")
    assert ended.code == 0, ended.said
    assert server.refused == []
    verdict = compared(ended.out).verdict
    assert (verdict.winner, verdict.position_bias, verdict.prompt) == ("A", False, "judge@2")
    assert verdict.supported == pytest.approx(1 / 3)
    assert [claim.problem for claim in verdict.claims] == [
        "",
        "there is no step count-to-two#99",
        "“Total: 99” is not in the evidence",
    ]
    assert verdict.cost.usd
    assert verdict.cost.input_tokens > 0
    assert [body["model"] for body in server.received] == ["claude-sonnet-5-5"] * 2
    assert not any("-page" in text_of(body) for body in server.received)
    turned = cli("compare", pages[1], pages[0], *pages[2:], "--judge", "claude", "--json", "-")
    assert compared(turned.out).verdict.winner == "B"


def test_compare_says_who_voted_what_is_unsupported_and_what_it_cost(
    cli: Cli, server: MessagesServer, pages: tuple[str, ...]
) -> None:
    ended = cli("compare", *pages, "--judge", "claude")
    assert ended.code == 0, ended.said
    assert "A is better" in ended.said
    assert "one order: A (confidence 0.63)" in ended.said
    assert "the other order: A (confidence 0.63)" in ended.said
    assert "1 of 3 claims borne out by the evidence" in ended.said
    assert "does not count: a step that never was (there is no step count-to-two#99)" in ended.said
    assert "cost: 0.0" in ended.said


@pytest.mark.parametrize(
    ("mode", "code", "launch", "steps"),
    [
        ("code", True, False, False),
        ("code+execution", True, True, False),
        ("execution", False, True, False),
        ("interaction", False, True, True),
        ("code+interaction", True, True, True),
    ],
)
def test_a_mode_shows_what_it_says(
    cli: Cli, server: MessagesServer, pages: tuple[str, ...], mode: str, code: bool, launch: bool, steps: bool
) -> None:
    ended = cli("compare", *pages, "--judge", "claude", "--mode", mode)
    assert ended.code == 0, ended.said
    for body in server.received:
        assert ("onclick=" in text_of(body)) == code
        assert ("## Start (" in text_of(body)) == (image_count(body) > 0) == launch
        assert ("count-to-two#0 click: no_effect" in text_of(body)) == steps


def test_any_endpoint_that_speaks_as_openais_does_judges(
    cli: Cli, chat: ChatServer, pages: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", chat.url)
    for name in ("openai:local", f"openai:local@{chat.url}"):
        ended = cli("compare", *pages, "--judge", name, "--json", "-")
        assert ended.code == 0, ended.said
        verdict = compared(ended.out).verdict
        assert (verdict.winner, verdict.judge) == ("A", name)
        assert verdict.cost.usd is None
        assert verdict.cost.output_tokens > 0
    assert any(block["type"] == "image_url" for block in chat.received[0]["messages"][1]["content"])
    assert "response_format" in chat.received[0]


# --- run ------------------------------------------------------------------------------------------


def test_several_judges_decide_the_same_battles(
    cli: Cli, server: MessagesServer, chat: ChatServer, suite: Path, tmp_path: Path
) -> None:
    other = f"openai:local@{chat.url}"
    ended = cli("run", suite, "--out", "r", "--judge", "claude", "--judge", "evidence", "--judge", other)
    assert ended.code == 0, ended.said
    found = battles(tmp_path / "r")
    assert found[:3] == WON
    assert [line[1:] for line in found if line[0] == other] == [line[1:] for line in WON]
    assert [line[3] for line in found if line[0] == "evidence"][:2] == ["model_a", "model_a"]
    assert len(found) == 9
    assert (len(server.received), len(chat.received)) == (6, 6)


def test_a_panel_keeps_every_vote_of_every_round(cli: Cli, server: MessagesServer, suite: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "protocol: critique\naggregate: weights\nmembers:\n"
        "  - {role: functional-tester, judge: claude, weight: 2}\n  - {role: ux-critic, judge: claude}\n"
        "  - {judge: evidence}\n"
    )
    ended = cli("run", suite, "--out", "r", "--judge", "panel:mine.yaml")
    assert ended.code == 0, ended.said
    assert server.refused == []
    verdict = verdicts(tmp_path / "r")["panel:mine.yaml", "counts", "ignores"]
    assert verdict.winner == "A"
    assert [(vote.voter, vote.round, vote.weight, vote.winner) for vote in verdict.votes] == [
        ("functional-tester (claude)", 1, 2.0, "A"),
        ("ux-critic (claude)", 1, 1.0, "A"),
        ("evidence", 1, 1.0, "A"),
        ("functional-tester (claude)", 2, 2.0, "A"),
        ("ux-critic (claude)", 2, 1.0, "A"),
        ("evidence", 2, 1.0, "A"),
    ]
    assert "roles/ux-critic@" in verdict.prompt
    assert verdict.cost.usd == pytest.approx(sum(vote.cost.usd or 0 for vote in verdict.votes))
    # Three battles, two members that ask, two rounds, two orders.
    assert len(server.received) == 3 * 2 * 2 * 2
    heard = [text_of(body) for body in server.received if "# What others said" in text_of(body)]
    assert len(heard) == 12
    assert not any("a step that never was" in text for text in heard)


def test_a_dry_run_says_what_the_run_then_sends_and_costs(
    cli: Cli, server: MessagesServer, suite: Path, tmp_path: Path
) -> None:
    ended = cli("run", suite, "--judge", "claude", "--dry-run")
    assert ended.code == 0, ended.said
    assert server.received == []
    assert list(tmp_path.glob("runs/*")) == []
    words = ended.said.split()
    assert words[words.index("requests") + 1] == "6"
    at_most = float(words[words.index("most") + 1])
    assert "nothing was sent" in ended.said
    assert cli("run", suite, "--out", "r", "--judge", "claude").code == 0
    assert len(server.received) == 6
    assert 0 < spent(tmp_path / "r") < at_most


def test_a_dry_run_needs_no_key_and_lets_no_model_drive(
    cli: Cli, server: MessagesServer, suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script = using
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    ended = cli("run", suite, "--judge", "claude", "--driver", "claude", "--fresh", "--dry-run")
    assert ended.code == 0, ended.said
    assert "not in it: claude as the driver (it stops after 2 US dollars for each use of a program)" in ended.said
    assert "nothing was sent" in ended.said
    ended = cli("run", suite, "--judge", "claude", "--chooser", "claude", "--fresh", "--dry-run")
    assert "not in it: claude as the chooser (a request or two for each step that rules leave open)" in ended.said
    assert server.headers == []


def test_a_comparison_says_beforehand_what_it_costs_and_is_asked_in_batches(
    cli: Cli, server: MessagesServer, pages: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = cli("compare", *pages, "--judge", "claude", "--dry-run")
    assert ended.code == 0, ended.said
    assert server.received == []
    assert not (tmp_path / "runs").exists()
    assert ended.said.split()[ended.said.split().index("requests") + 1] == "2"
    assert "nothing was sent" in ended.said

    ended = cli("compare", *pages, "--judge", "claude", "--batch", "--out", "c")
    assert ended.code == 0, ended.said
    assert sum(len(batch["requests"]) for batch in server.batches.values()) == 2
    asked = len(server.received)
    again = ("compare", *pages, "--judge", "claude", "--out", "c", "--resume", "--json", "-")
    first = cli(*again)
    assert first.code == 0, first.said
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    assert cli(*again, "--replay-responses").out == first.out
    assert len(server.received) == asked
    assert "name the folder" in cli("compare", *pages, "--resume").said


def test_a_limit_of_money_stops_before_it_is_passed_and_more_money_goes_on(
    cli: Cli, server: MessagesServer, suite: Path, tmp_path: Path
) -> None:
    run = tmp_path / "r"
    ended = cli("run", suite, "--out", "r", "--judge", "claude", "--max-cost", "0.2")
    assert ended.code == 0, ended.said
    asked = len(server.received)
    assert 0 < asked < 6
    assert 0 < spent(run) <= 0.2
    assert len(battles(run)) < 3
    assert "not asked: it could pass the limit of 0.2 US dollars (--max-cost)" in ended.said
    # What was spent before counts: with the same limit, nothing more is asked.
    ended = cli("run", suite, "--out", "r", "--resume")
    assert "not asked" in ended.said
    assert len(server.received) == asked
    ended = cli("run", suite, "--out", "r", "--resume", "--max-cost", "5")
    assert ended.code == 0, ended.said
    assert battles(run) == WON
    assert len(server.received) == 6


def test_everything_is_recomputed_from_kept_answers_without_key_or_network(
    cli: Cli, server: MessagesServer, suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("run", suite, "--out", "r", "--judge", "claude", "--judge", "panel:default").code == 0
    before = battles(tmp_path / "r"), verdicts(tmp_path / "r")
    asked = len(server.received)
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1")
    for file in (tmp_path / "r" / "verdicts").iterdir():  # whatever stands there is not believed
        file.write_text(file.read_text().replace('"winner":"A"', '"winner":"both_bad"'))
    ended = cli("run", suite, "--out", "r", "--resume", "--replay-responses")
    assert ended.code == 0, ended.said
    assert (battles(tmp_path / "r"), verdicts(tmp_path / "r")) == before
    assert [line for line in before[0] if line[0] == "claude"] == WON
    assert len(server.received) == asked


def test_what_has_no_kept_answer_stays_without_a_verdict(
    cli: Cli, server: MessagesServer, suite: Path, tmp_path: Path
) -> None:
    assert cli("run", suite, "--out", "r", "--judge", "claude").code == 0
    shutil.rmtree(tmp_path / "r" / "responses")
    ended = cli("run", suite, "--out", "r", "--resume", "--replay-responses")
    assert "no answer was kept for the request" in ended.said
    assert battles(tmp_path / "r") == []
    assert len(server.received) == 6
    assert cli("run", suite, "--out", "r", "--resume").code == 0
    assert battles(tmp_path / "r") == WON
    assert len(server.received) == 6


# --- Batches, and runs that are killed ------------------------------------------------------------


def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    """Runs a command in a process of its own."""
    command = [sys.executable, "-m", "agent_judge", *map(str, arguments)]
    root = str(Path(__file__).parents[2])
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": root}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def kill_when(reached: threading.Event, process: subprocess.Popen[bytes]) -> None:
    try:
        for _ in range(600):  # a bound, not a measure: starting takes long on a busy machine
            if reached.wait(0.5):
                return
            if process.poll() is not None:
                _, said = process.communicate()
                pytest.fail(f"it ended by itself: {said.decode()}")
        pytest.fail("it never came so far")
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def test_a_run_killed_while_its_batch_is_under_way_loses_and_repeats_nothing(
    cli: Cli, server: MessagesServer, suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    polled = threading.Event()
    original = MessagesServer.batch

    def batch(self: MessagesServer, name: str, polled_now: bool = True, **_: Any) -> dict[str, Any]:
        answer = original(self, name, polled_now)
        if self.batches[name]["polls"] == 2:
            polled.set()
        return answer

    server.polls_until_ended = 1_000_000
    with monkeypatch.context() as patched:
        patched.setattr(MessagesServer, "batch", batch)
        kill_when(polled, start("run", suite, "--out", tmp_path / "r", "--judge", "claude", "--batch"))
    assert answers_kept(tmp_path / "r") == 0
    server.polls_until_ended = 0
    ended = cli("run", suite, "--out", "r", "--resume")
    assert ended.code == 0, ended.said
    assert battles(tmp_path / "r") == WON
    sent = [request["custom_id"] for each in server.batches.values() for request in each["requests"]]
    assert len(server.batches) == 1
    assert len(sent) == len(set(sent)) == len(server.answered) == 6
    assert 0 < spent(tmp_path / "r") < 0.05


def test_a_killed_run_asks_only_for_what_is_missing(
    cli: Cli, server: MessagesServer, suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = threading.Event()

    def script(body: dict[str, Any]) -> Answer:
        if len(server.received) > 3:
            stuck.set()
            return Hang(100)
        return observant(body)

    server.script = script
    kill_when(stuck, start("run", suite, "--out", tmp_path / "r", "--judge", "claude"))
    kept = answers_kept(tmp_path / "r")
    assert 0 < kept <= 3
    # Another server: what was under way when the process was killed may still arrive at the first one.
    with MessagesServer(observant) as second:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", second.url)
        ended = cli("run", suite, "--out", "r", "--resume")
    assert ended.code == 0, ended.said
    assert battles(tmp_path / "r") == WON
    assert len(second.received) == 6 - kept


# --- Claude as the driver -------------------------------------------------------------------------


def using(body: dict[str, Any]) -> Answer:
    """A model that clicks the button of a counter twice and says what it found; it judges, too."""
    if "tools" not in body:
        return observant(body)
    answers = sum(message["role"] == "assistant" for message in body["messages"])
    if answers == 2:
        claims = [
            {"step": 0, "severity": "major", "message": "it shows a count", "quote": "Count:"},
            {"step": 0, "severity": "major", "message": "made up", "quote": "Total: 99"},
        ]
        return Say("", tools=(("finish", {"claims": claims}),))
    reference = re.findall(r'button "Add one" [^\n]*\[ref=(\w+)\]', all_text(body))[-1]
    return Say("", tools=(("click", {"ref": reference, "goal": answers}),), thinking="I click.")


def all_text(body: dict[str, Any]) -> str:
    """All that a model that uses a program was told."""
    told = [block for message in body["messages"] if message["role"] == "user" for block in message["content"]]
    inner = [part for block in told for part in block.get("content", [block])]
    return "\n".join(part["text"] for part in inner if part["type"] == "text")


def test_claude_uses_the_programs_and_its_claims_are_checked(
    cli: Cli, server: MessagesServer, suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script = using
    ended = cli("run", suite, "--out", "r", "--judge", "claude", "--driver", "claude", "--fresh")
    assert ended.code == 0, ended.said
    assert server.refused == []
    assert battles(tmp_path / "r") == WON
    used = [Evidence.model_validate_json(file.read_bytes()) for file in tmp_path.glob("r/evidence/*/evidence.json")]
    assert len(used) == 3
    for trajectory in (trajectory for evidence in used for trajectory in evidence.trajectories):
        assert (trajectory.policy, len(trajectory.steps)) == ("agent", 2)
        assert [claim.supported for claim in trajectory.claims] == [True, False]
        assert trajectory.cost.usd
    judged = [text_of(body) for body in server.received if "tools" not in body]
    assert all("it shows a count" in text and "made up" not in text for text in judged)
    # What driving cost counts, and a run that only replays needs no key for it.
    assert spent(tmp_path / "r") > sum(v.cost.usd or 0 for v in verdicts(tmp_path / "r").values())
    asked = len(server.received)
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    ended = cli("run", suite, "--out", "r", "--resume", "--replay-responses")
    assert ended.code == 0, ended.said
    assert battles(tmp_path / "r") == WON
    assert len(server.received) == asked


def choosing(body: dict[str, Any]) -> Answer:
    """A model that says that the button ``Wibble`` is meant; programs without it have none."""
    lines = [line for line in all_text(body).splitlines() if re.match(r'\| \d+\. button "Wibble"', line)]
    return Say("", tools=(("choose", {"element": int(lines[-1].split()[1].rstrip(".")) if lines else None}),))


def test_claude_says_which_element_a_step_means(cli: Cli, server: MessagesServer, tmp_path: Path) -> None:
    page = "<!doctype html><title>L</title><button onclick=\"this.after('kept')\">{}</button><button>Foo</button>"
    for name, word in (("a", "Wibble"), ("b", "Frobnicate")):
        (tmp_path / f"{name}.html").write_text(page.format(word))
    step = "{do: click, intent: archive the letter, target: {role: button, name: Archive}, expect: [{text: kept}]}"
    (tmp_path / "s.yaml").write_text(f"id: s\nsteps:\n  - {step}\n")
    server.script = choosing
    pages = ("a.html", "b.html", "--task", "letters", "--scenario", "s.yaml", "--out", "r")
    ended = cli("compare", *pages, "--chooser", "claude", "--fresh")
    assert ended.code == 0, ended.said
    assert server.refused == []
    assert "A is better" in ended.said
    assert len(server.received) == 2
    assert "cost of using them: " in ended.said
    assert spent(tmp_path / "r") > 0


# --- What cannot be done --------------------------------------------------------------------------


def test_without_a_key_the_variable_is_named(cli: Cli, suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(suite))
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    for more in (("--judge", "claude"), ("--judge", "panel:default"), ("--driver", "claude")):
        ended = cli("run", suite, *more)
        assert (ended.code, ended.last_line) == (
            3,
            "agent-judge: no key for Claude: export ANTHROPIC_API_KEY=... (keys are made at platform.claude.com)",
        )
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    ended = cli("run", suite, "--judge", "openai:gpt-6")
    assert ended.code == 3
    assert "export OPENAI_API_KEY=..." in ended.last_line


@pytest.mark.parametrize(
    ("panel", "message"),
    [
        (
            "members: [{judge: claude, role: wizard}]",
            "p.yaml: unknown role 'wizard': known are accessibility-reviewer, code-reviewer, functional-tester, ",
        ),
        ("members: [{judge: 'panel:q.yaml'}]", "q.yaml: a panel cannot sit on itself: q → p → q"),
        ("members: [{judge: 'panel:p.yaml'}]", "p.yaml: a panel cannot sit on itself: p → p"),
        ("members: [", "p.yaml:"),
        ("members: [{judge: nobody}]", "unknown judge 'nobody'"),
    ],
)
def test_a_wrong_panel_is_told_in_one_line(
    cli: Cli, server: MessagesServer, suite: Path, tmp_path: Path, panel: str, message: str
) -> None:
    (tmp_path / "p.yaml").write_text(panel)
    (tmp_path / "q.yaml").write_text("members: [{judge: 'panel:p.yaml'}]")
    ended = cli("run", suite, "--judge", "panel:q.yaml" if "q.yaml" in panel else "panel:p.yaml")
    assert ended.code == 2
    assert ended.last_line.startswith("agent-judge: ")
    assert message in ended.last_line
    assert server.received == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--judge", "claude", "--max-cost", "0"), "--max-cost 0: nothing can be asked with this"),
        (("--judge", "claude", "--max-cost", "-3"), "--max-cost -3: nothing can be asked with this"),
        (("--judge", "claude", "--mode", "vibes"), "--mode vibes: known are code, code+execution, "),
        (("--judge", "oracle"), "unknown judge 'oracle': known are evidence, claude, "),
        (("--judge", "panel:nowhere"), "panel:nowhere: there is no such file, and the bundled panels are "),
        (("--driver", "gpt"), "unknown model 'gpt': known are claude, claude:MODEL"),
        (("--chooser", "gpt"), "unknown model 'gpt': known are claude, claude:MODEL"),
        (("--chooser", "claude", "--driver", "claude"), "--chooser: a model that drives by itself"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_used(
    cli: Cli, server: MessagesServer, suite: Path, more: tuple[str, ...], message: str
) -> None:
    ended = cli("run", suite, *more)
    assert ended.code == 2
    assert ended.last_line.startswith("agent-judge: ")
    assert message in ended.last_line
    assert server.received == []


def test_a_server_that_cannot_be_asked_is_told_in_one_line(
    cli: Cli, server: MessagesServer, suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = cli("run", suite, "--judge", "claude:claude-9")
    assert (ended.code, ended.last_line) == (
        2,
        "agent-judge: there is no model 'claude-9' at this address: model: claude-9",
    )
    server.script = lambda body: Page()
    for more in (("--judge", "claude"), ("--driver", "claude", "--fresh")):
        ended = cli("run", suite, *more)
        assert ended.code == 2
        assert "the server does not speak the Messages API (did it answer with a page?)" in ended.last_line
        assert "check ANTHROPIC_BASE_URL" in ended.last_line
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-wrong")
    for more in (("--judge", "claude"), ("--judge", "claude", "--batch"), ("--driver", "claude", "--fresh")):
        ended = cli("run", suite, *more)
        assert (ended.code, ended.last_line) == (
            2,
            "agent-judge: the key in ANTHROPIC_API_KEY was refused: invalid x-api-key",
        )
    assert server.answered == []
