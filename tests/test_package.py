"""The public functions are there when asked for, and cost nothing before."""

from __future__ import annotations

import subprocess
import sys

import pytest

import agent_judge


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_loads_no_browser_and_no_statistics() -> None:
    loaded = run("import agent_judge, sys; print(*(set(sys.modules) & {'playwright', 'numpy', 'scipy', 'pydantic'}))")
    assert loaded == ""


@pytest.mark.parametrize(
    "code",
    [
        "from agent_judge import rank",
        "import agent_judge.rank; from agent_judge import rank",
        "from agent_judge.rank.read import read_battles; import agent_judge; rank = agent_judge.rank",
        "from agent_judge import rank; import agent_judge.rank.fit; from agent_judge import rank",
    ],
)
def test_rank_is_the_function_in_whatever_order_things_are_imported(code: str) -> None:
    assert run(f"{code}\nprint(rank.__name__, rank.__module__)") == "rank agent_judge.rank.ranking"


def test_the_public_names_are_told_and_callable() -> None:
    assert set(agent_judge.__all__) <= set(dir(agent_judge))
    assert all(callable(getattr(agent_judge, name)) for name in agent_judge.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = agent_judge.nothing
