"""Model judges through the command line, against a strict local server."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_judge.cli import main
from tests.judge.messages_server import KEY, MessagesServer, Page
from tests.judge.voters import always, ballot
from tests.run.counters import write_suite

Cli = Callable[..., tuple[int, str]]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command in ``tmp_path``; gives its exit code and all it said."""

    def run(*arguments: str | Path) -> tuple[int, str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["agent-judge", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        said = capfd.readouterr()
        return ended.value.code, said.out + said.err

    return run


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MessagesServer]:
    with MessagesServer(always(ballot("first"))) as running:
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.url)
        yield running


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    return write_suite(tmp_path / "suite", tasks=1, models=("counts", "ignores"))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_run_is_judged_and_judged_again_from_its_kept_answers(
    cli: Cli, server: MessagesServer, suite: Path, tmp_path: Path
) -> None:
    code, said = cli("run", suite, "--out", "r", "--judge", "claude", "--jobs", "1")
    assert code == 0, said
    assert not server.refused
    asked = len(server.received)
    assert asked == 2
    battles = lines(tmp_path / "r" / "battles.jsonl")
    assert battles

    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "r", copy)
    shutil.rmtree(copy / "verdicts")
    (copy / "battles.jsonl").unlink()
    for checkpoint in copy.glob("checkpoints*"):
        checkpoint.unlink()
    code, said = cli("run", suite, "--out", copy, "--resume", "--replay-responses", "--jobs", "1")
    assert code == 0, said
    assert len(server.received) == asked
    assert [b["winner"] for b in lines(copy / "battles.jsonl")] == [b["winner"] for b in battles]


def test_a_dry_run_sends_nothing(cli: Cli, server: MessagesServer, suite: Path) -> None:
    code, said = cli("run", suite, "--judge", "claude", "--dry-run", "--jobs", "1")
    assert code == 0, said
    assert "nothing was sent" in said
    assert not server.received


def test_a_panel_judges(cli: Cli, server: MessagesServer, suite: Path) -> None:
    code, said = cli("run", suite, "--out", "r", "--judge", "panel:default", "--jobs", "1")
    assert code == 0, said
    assert server.received
    assert not server.refused


def test_no_key_names_the_variable(cli: Cli, suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    code, said = cli("run", suite, "--judge", "claude")
    assert code == 3, said
    assert "ANTHROPIC_API_KEY" in said


def test_a_panel_with_an_unknown_role_is_refused(cli: Cli, server: MessagesServer, suite: Path, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("members:\n  - {judge: claude, role: wizard}\n")
    code, said = cli("run", suite, "--judge", "panel:p.yaml")
    assert code == 2, said
    assert "wizard" in said


def test_a_panel_that_contains_itself_is_refused(cli: Cli, server: MessagesServer, suite: Path, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("members:\n  - {judge: 'panel:p.yaml'}\n")
    code, said = cli("run", suite, "--judge", "panel:p.yaml")
    assert code == 2, said


@pytest.mark.parametrize("case", ["wrong key", "html", "budget 0"])
def test_what_cannot_be_asked_is_said_in_one_line(
    cli: Cli, server: MessagesServer, suite: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    more: list[str] = []
    if case == "wrong key":
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-wrong-key")
    elif case == "html":
        server.script = lambda body: Page()
    else:
        more = ["--max-cost", "0"]
    code, said = cli("run", suite, "--out", "r", "--judge", "claude", "--jobs", "1", *more)
    assert code in (2, 3), said
    assert "Traceback" not in said
