"""What tests of the command line share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent_judge.cli import main


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """All it said, without the line breaks that a terminal's width makes."""
        return " ".join((self.out + self.err).split())

    @property
    def last_line(self) -> str:
        """What a failed command said in the end."""
        return self.err.strip().splitlines()[-1] if self.err.strip() else ""


Cli = Callable[..., Ended]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command in ``tmp_path``."""

    def run(*arguments: str | Path) -> Ended:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["agent-judge", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        said = capfd.readouterr()
        return Ended(ended.value.code, said.out, said.err)

    return run
