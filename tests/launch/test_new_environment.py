"""The example of ``sandbox/README.md``, followed to the letter, makes an environment."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout to which the example was added."""
    place = tmp_path_factory.mktemp("checkout")
    for part in ("agent_judge", "sandbox"):
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("__pycache__"))
    readme = (place / "sandbox" / "README.md").read_text(encoding="utf-8")
    environment, tool = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    folder = place / "sandbox" / "environments" / "lua"
    folder.mkdir()
    (folder / "environment.toml").write_text(environment, encoding="utf-8")
    shutil.copy(folder.parent / "interpreter" / "notebook.html", folder)
    with (place / "sandbox" / "tools.toml").open("a", encoding="utf-8") as tools:
        tools.write(f"\n{tool}")
    return place


def told(checkout: Path, *words: str) -> Any:
    """What a command of this checkout answers."""
    done = subprocess.run(
        [sys.executable, "-m", "agent_judge", *words, "--json", "-"],
        cwd=checkout, env={**os.environ, "PYTHONPATH": str(checkout)}, capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_new_environment_is_known_with_what_installs_its_tool(checkout: Path) -> None:
    (lua,) = (one for one in told(checkout, "doctor")["environments"] if one["environment"] == "lua")

    assert lua["title"] == "Lua"
    assert lua["ready"] or ["Lua", "sudo apt-get install -y lua5.4"] in lua["missing"]


@pytest.mark.skipif(not shutil.which("lua"), reason="this machine has no Lua")
@pytest.mark.parametrize(
    ("code", "outcome", "reason"),
    [
        ("for i = 1, 3 do print(i * 14) end", "finished", ""),
        ("local t = nil\nprint(t.x)", "crashed", "main.lua:2: attempt to index a nil value (local 't')"),
    ],
)
def test_its_programs_run_and_their_failures_are_told(checkout: Path, code: str, outcome: str, reason: str) -> None:
    (checkout / "main.lua").write_text(code)

    result = told(checkout, "audit", "main.lua")

    assert (result["solution"]["environment"], result["solution"]["language"]) == ("lua", "lua")
    assert (result["launch"]["outcome"], result["launch"]["reason"]) == (outcome, reason)
