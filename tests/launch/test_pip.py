"""Python packages: installed once per set, and what is said when they cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_judge.errors import DriverError
from agent_judge.launch import pip
from agent_judge.launch.pip import Unavailable, python_packages


async def test_nothing_asked_for_is_nothing_installed() -> None:
    assert await python_packages([]) is None


async def test_a_set_is_installed_once_whatever_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    first = await python_packages(["click", "colorama"])
    assert first is not None
    assert list(first.glob("lib/python*/site-packages/click/__init__.py"))

    def no_uv() -> Path:
        raise AssertionError("installed again")

    monkeypatch.setattr(pip, "find_uv", no_uv)
    assert await python_packages(["colorama", "click", "click"]) == first


@pytest.mark.parametrize(
    ("packages", "reason"),
    [
        (["surely-no-such-package-zzz"], "surely-no-such-package-zzz, which does not exist"),
        (["click<8", "click>8.1"], "cannot be installed: .*click<8 and click>8.1"),
        (["click==0.0.0.1"], "cannot be installed: .*no version of click==0.0.0.1"),
    ],
)
async def test_packages_that_cannot_be_had_are_the_solutions_fault(packages: list[str], reason: str) -> None:
    with pytest.raises(Unavailable, match=reason):
        await python_packages(packages)


@pytest.mark.parametrize(
    "package",
    ["-r /etc/passwd", "--index-url=http://localhost", "git+https://localhost/x", "./local", "x @ file:///etc"],
)
async def test_only_names_of_packages_reach_the_installer(package: str) -> None:
    with pytest.raises(Unavailable, match="not the name of a package"):
        await python_packages([package])


async def test_a_registry_that_does_not_answer_is_nobodys_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(DriverError, match="registry does not answer"):
        await python_packages(["click"])
