"""The wheel carries its data: installed into an empty environment, it judges from any folder."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands' folder of an environment that has only the wheel and what it depends on."""
    place = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place / "dist", ROOT)
    (wheel,) = (place / "dist").glob("*.whl")
    venv.create(place / "venv", with_pip=True)
    python = place / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "requirements.lock", wheel)
    return python.parent


def test_the_wheel_does_the_demo(installed: Path, tmp_path: Path) -> None:
    run(installed / "agent-judge", "demo", "--out", tmp_path / "demo", "--no-interaction", cwd=tmp_path)
    leaderboard = json.loads((tmp_path / "demo" / "leaderboard.json").read_text())
    assert {line["model"] for line in leaderboard["models"]} == {"amber", "birch", "cedar", "dune"}
    assert "<html" in (tmp_path / "demo" / "report.html").read_text()


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
