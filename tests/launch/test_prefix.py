from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from agent_judge.errors import MissingRequirement
from agent_judge.launch.chromium import _box
from agent_judge.launch.prefix import is_shared, own_prefix
from agent_judge.launch.toolchain import _root, toolchain


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "person"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


def program(place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy("/bin/true", place)
    return place


@pytest.mark.parametrize(
    ("place", "prefix"),
    [
        (".nvm/versions/node/v20/bin/node", ".nvm/versions/node/v20"),
        (".pyenv/versions/3.11.7/bin/python3.11", ".pyenv/versions/3.11.7"),
        ("node-v20/bin/node", "node-v20"),
        ("tools/deno/deno", "tools/deno"),
        ("bin/tool", "bin/tool"),
        ("tool", "tool"),
        (".local/bin/tool", ".local/bin/tool"),
        (".cargo/bin/tool", ".cargo/bin/tool"),
    ],
)
def test_a_program_in_a_home_shows_its_own_folder_or_itself_alone(home: Path, place: str, prefix: str) -> None:
    assert own_prefix(program(home / place)) == home / prefix


def test_a_link_in_a_home_leads_to_where_the_program_is(home: Path) -> None:
    program(home / ".tools" / "node-v20" / "bin" / "node")
    link = home / ".local" / "bin" / "node"
    link.parent.mkdir(parents=True)
    link.symlink_to(home / ".tools" / "node-v20" / "bin" / "node")
    assert own_prefix(link) == home / ".tools" / "node-v20"


@pytest.mark.parametrize("folder", ["/", "/home", "/home/someone", "/root", "/opt", "/home/someone/.local"])
def test_no_box_sees_what_is_shared(folder: str) -> None:
    assert is_shared(Path(folder))


async def test_a_tool_in_a_home_is_bound_without_the_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = program(home / ".local" / "bin" / "node")
    monkeypatch.setenv("PATH", f"{node.parent}:/usr/bin:/bin")
    found = await toolchain(["node"])
    assert [mount.source for mount in found.mounts] == [node]
    assert found.path == [str(node.parent)]


async def test_a_python_that_is_the_home_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "base_prefix", str(home))
    _root.cache_clear()
    try:
        with pytest.raises(MissingRequirement, match="which no box may see"):
            await toolchain(["python"])
    finally:
        _root.cache_clear()


def test_a_browser_that_lies_in_a_home_is_refused(home: Path) -> None:
    with pytest.raises(MissingRequirement, match="a folder of its own"):
        _box(home / "chrome")
    assert str(home / "chrome-linux") in _box(home / "chrome-linux" / "chrome")
