"""Python packages: installed once per set, and what is said when they cannot be."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from agent_judge.errors import DriverError
from agent_judge.launch import pip
from agent_judge.launch.pip import Unavailable, installed_versions, python_packages
from agent_judge.launch.toolchain import PythonKind


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
    with pytest.raises(DriverError, match="Connection refused"):
        await python_packages(["click"])


@pytest.fixture
def busy_registry(request: pytest.FixtureRequest) -> Iterator[str]:
    """Answers everything with one status."""

    class Busy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(request.param)

        def log_message(self, format: str, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Busy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/simple"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("busy_registry", [401, 403, 429, 503], indirect=True)
async def test_a_registry_that_refuses_to_say_is_nobodys_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, busy_registry: str
) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path))
    monkeypatch.setenv("UV_DEFAULT_INDEX", busy_registry)
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(DriverError, match="by no fault of theirs"):
        await python_packages(["click"])
    assert [one.name for one in (tmp_path / "python").iterdir() if one.is_dir()] == []


@pytest.mark.parametrize(
    "log",
    [
        "error: Failed to install: click-8.whl\n cause: No space left on device (os error 28)",
        "error: Permission denied (os error 13)",
        "error: invalid peer certificate: UnknownIssuer",
        "error: Hash mismatch for click==8",
        "",
    ],
)
async def test_failures_of_this_machine_are_not_the_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, log: str
) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path))

    async def ran(words: list[str | Path]) -> pip._Done:
        return pip._Done(0 if "venv" in words else 2, log)

    monkeypatch.setattr(pip, "_run", ran)
    with pytest.raises(DriverError):
        await python_packages(["click"])


async def test_what_compiling_breaks_is_not_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path))

    async def ran(words: list[str | Path]) -> pip._Done:
        if "install" in words:
            (tmp_path / "uv" / "archive-v0" / "one").mkdir(parents=True, exist_ok=True)
        return pip._Done(2 if "--offline" in words else 0, "it is gone")

    monkeypatch.setattr(pip, "_run", ran)
    with pytest.raises(DriverError, match="it is gone"):
        await python_packages(["click"])
    assert [one.name for one in (tmp_path / "python").iterdir() if one.is_dir()] == []


async def test_packages_are_compiled_once_though_nothing_comes_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path))
    compiled = []

    def make(folder: str | Path) -> None:
        Path(folder).mkdir(parents=True, exist_ok=True)

    async def ran(words: list[str | Path]) -> pip._Done:
        if "venv" in words:
            make(words[-1])
        if "install" in words:
            make(tmp_path / "uv" / "archive-v0" / "without_sources")
        if "compileall" in words:
            compiled.append(words)
        return pip._Done(0, "")

    monkeypatch.setattr(pip, "_run", ran)
    await python_packages(["click"])
    await python_packages(["colorama"])
    assert len(compiled) == 1


async def test_packages_for_another_python_are_that_pythons() -> None:
    other = PythonKind("3.13" if sys.version_info[:2] != (3, 13) else "3.12", "x86_64-unknown-linux-gnu")
    folder = await python_packages(["markupsafe==3.0.2"], other)
    assert folder is not None
    assert installed_versions(folder) == {"MarkupSafe": "3.0.2"}
    built_for = [file.name for file in folder.rglob("_speedups.*.so")]
    assert built_for == [f"_speedups.cpython-{other.version.replace('.', '')}-x86_64-linux-gnu.so"]
    assert (await python_packages(["markupsafe==3.0.2"])) != folder
