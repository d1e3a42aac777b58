"""What is E2B's own: faults that pass are waited out, those that stay are told, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.launch import e2b_provider, e2b_template
from agent_judge.launch.backends import backend_of
from agent_judge.launch.box_command import Mount
from agent_judge.launch.e2b_provider import E2BProvider
from agent_judge.launch.e2b_template import template_name
from agent_judge.launch.guest import Flavour
from agent_judge.launch.owner import this_machine
from agent_judge.launch.remote import RemoteBackend
from agent_judge.protocols import Session
from agent_judge.read.environment import Limits
from agent_judge.schema import Solution, Viewport
from tests.backends import e2b_machine
from tests.backends.e2b_service import ENVD_PORT, Service, serving

_PROJECT = Path(__file__).parents[2]
_FLAVOUR = Flavour("html", Limits.model_validate({}), 2048, False)
_PAGE = Solution(environment="html", language="html", entry="index.html", files={"index.html": b"<title>t</title>up"})
_PROGRAM = Solution(
    environment="interpreter", language="python", entry="main.py", files={"main.py": b"import time; time.sleep(99)"}
)
_SHORT = Solution(environment="interpreter", language="python", entry="main.py", files={"main.py": b"print('said')"})


@pytest.fixture(scope="module")
def _serving() -> Iterator[Service]:
    if reason := e2b_machine.missing():
        pytest.skip(reason)
    with serving() as started:
        yield started


@pytest.fixture
def service(_serving: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service of our own, which may be made to fail."""
    for name in [name for name in os.environ if name.startswith("E2B_")]:
        monkeypatch.delenv(name)
    for name, value in _serving.variables().items():
        monkeypatch.setenv(name, value)
    yield _serving
    _serving.inject = lambda method, path: ""
    _serving.templates, _serving.most = None, 100
    assert _serving.machines == {}
    assert _serving.refused == []


@pytest.fixture
async def backend(service: Service) -> AsyncIterator[RemoteBackend]:
    async with RemoteBackend(E2BProvider(), kept_ready=0) as entered:
        yield entered


class Faults:
    """Makes each kind of request fail for its first times."""

    def __init__(self, how: str, times: int, only: Callable[[str, str], bool] = lambda method, path: True) -> None:
        self.happened: list[str] = []
        self._how, self._times, self._only = how, times, only
        self._seen: dict[str, int] = {}

    def __call__(self, method: str, path: str) -> str:
        kind = f"{method} {path.split('/')[1]}"
        if not self._only(method, path) or self._seen.get(kind, 0) >= self._times:
            return ""
        self._seen[kind] = self._seen.get(kind, 0) + 1
        self.happened.append(kind)
        return self._how


async def _death_of(session: Session) -> str:
    async with asyncio.timeout(30):
        while not (death := session.death()):  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.1)
    return death


@pytest.mark.parametrize("how", ["429", "500", "cut"])
async def test_faults_that_pass_are_waited_out(service: Service, backend: RemoteBackend, how: str) -> None:
    service.inject = faults = Faults(how, 1, lambda method, path: "/process." not in path or how == "429")
    session = await backend.launch(_SHORT, Viewport(), 1)
    await session.close()
    assert session.report.stdout == "said\n"
    assert {"POST v2", "POST files", "POST filesystem.Filesystem", "DELETE sandboxes"} <= set(faults.happened)


async def test_an_answer_that_is_lost_makes_no_second_sandbox(service: Service, backend: RemoteBackend) -> None:
    before = len(service.asked)
    service.inject = Faults("cut", 2, lambda method, path: path == "/v2/sandboxes" and method == "POST")
    await (await backend.launch(_PAGE, Viewport(), 1)).close()
    assert len(service.asked) == before + 1


@pytest.mark.parametrize("how", ["die", "cut", "500"])
async def test_a_sandbox_that_fails_while_it_is_made_is_replaced(
    service: Service, backend: RemoteBackend, how: str
) -> None:
    service.inject = faults = Faults(how, 1, lambda method, path: path == "/process.Process/Start")
    session = await backend.launch(_PAGE, Viewport(), 1)
    assert session.report.outcome == "ready"
    assert faults.happened
    await session.close()


@pytest.mark.parametrize("end", ["die", "cut"])
async def test_a_program_whose_sandbox_is_lost_is_not_blamed(
    service: Service, backend: RemoteBackend, end: str
) -> None:
    launching = asyncio.ensure_future(backend.launch(_PROGRAM, Viewport(), 1))
    async with asyncio.timeout(60):
        while not any(  # noqa: ASYNC110 - no event tells of it
            "box.py" in word
            for made in list(service.machines.values())
            for one in made.envd.commands.values()
            for word in one.config.args
        ):
            await asyncio.sleep(0.05)
    identity = next(iter(service.machines))
    if end == "die":
        await asyncio.to_thread(service.kill, identity)
    else:
        assert await asyncio.to_thread(service.cut, identity, "request")
    with pytest.raises(DriverError, match=r"died|does not take"):
        await launching


@pytest.mark.parametrize("end", ["die", "cut"])
async def test_a_page_whose_sandbox_is_lost_is_not_blamed(service: Service, backend: RemoteBackend, end: str) -> None:
    session = await backend.launch(_PAGE, Viewport(), 1)
    identity = next(iter(service.machines))
    if end == "die":
        await asyncio.to_thread(service.kill, identity)
    else:
        assert await asyncio.to_thread(service.cut, identity, "port")
    with pytest.raises(DriverError):
        await _death_of(session)
    await session.close()


async def test_a_browser_that_ends_while_it_is_handed_over_harms_no_other(
    service: Service, backend: RemoteBackend
) -> None:
    doomed, other = [await backend.launch(_PAGE, Viewport(), 1) for _ in range(2)]
    assert doomed.page is not None
    assert other.page is not None
    browser = doomed.page.context._impl_obj._browser
    assert browser is not None
    # As it is before whoever asked for it has it.
    browser._browser_type = None  # type: ignore[assignment]  # Playwright does the same
    ended = asyncio.Event()
    doomed.page.context.on("close", lambda _: ended.set())
    await asyncio.to_thread(service.kill, next(iter(service.machines)))
    await asyncio.wait_for(ended.wait(), 30)
    assert await other.page.title() == "t"
    for session in (doomed, other):
        await session.close()


async def test_a_sandbox_that_nobody_waits_for_any_more_is_ended(service: Service) -> None:
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    def tell(method: str, path: str) -> str:
        if (method, path) == ("POST", "/v2/sandboxes"):
            loop.call_soon_threadsafe(asked.set)
        return ""

    service.inject = tell
    creating = asyncio.ensure_future(E2BProvider().create(_FLAVOUR))
    await asyncio.wait_for(asked.wait(), 30)
    creating.cancel()
    with pytest.raises(asyncio.CancelledError):
        await creating
    assert service.machines == {}


async def test_who_leaves_ends_what_is_still_there(service: Service) -> None:
    async with E2BProvider() as provider:
        await provider.create(_FLAVOUR)
        assert len(service.machines) == 1
    assert service.machines == {}


async def test_sandboxes_are_asked_for_without_a_network_and_named_after_us(service: Service) -> None:
    guest = await E2BProvider().create(_FLAVOUR)
    asked = service.asked[-1]
    assert asked.allow_internet_access is False
    assert asked.template_id == template_name()
    metadata = asked.to_dict()["metadata"]
    assert metadata["agent-judge-machine"] == this_machine()
    assert metadata["agent-judge-owner"].split()[1] == str(os.getpid())
    await guest.close()
    assert not await guest.alive()


async def test_a_sandbox_in_use_is_given_more_time(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_judge.launch.e2b_guest._RENEWAL_SECONDS", 0.1)
    guest = await E2BProvider().create(_FLAVOUR)
    (made,) = service.machines.values()
    first = made.ends
    async with asyncio.timeout(30):
        while made.ends <= first:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.05)
    assert await guest.alive()
    await guest.close()


async def test_what_a_dead_process_left_is_swept_and_what_lives_is_not(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = E2BProvider()
    living = await provider.create(_FLAVOUR)
    with monkeypatch.context() as patched:
        dead = await asyncio.create_subprocess_exec(sys.executable, "-c", "pass")
        await dead.wait()
        patched.setattr(e2b_provider, "this_process", lambda: f"{this_machine()} {dead.pid} 12345.67")
        left = await provider.create(_FLAVOUR)
    assert len(service.machines) == 2
    await provider.sweep()
    assert not await left.alive()
    assert await living.alive()
    for guest in (living, left):
        await guest.close()


async def test_what_a_solution_reads_is_brought_there_once(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_judge.launch.e2b_given.cache_folder", lambda: tmp_path / "cache")
    folder = tmp_path / "given"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "words.txt").write_text("brought\n")
    guest = await E2BProvider().create(_FLAVOUR)
    place, again = await asyncio.gather(*(guest.place_of(Mount(folder, "/environment")) for _ in range(2)))
    assert place == again
    reading = await guest.start(["/bin/cat", f"{place}/deep/words.txt"], "user")
    assert [line async for line in reading.lines()] == [b"brought\n"]
    await guest.close()


def test_without_a_key_it_is_said_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("E2B_")]:
        monkeypatch.delenv(name)
    (lacking,) = backend_of("e2b").missing("none")
    assert "E2B_API_KEY" in lacking.command


async def _refusal(service: Service) -> str:
    with pytest.raises(MissingRequirement) as refused:
        async with backend_of("e2b") as entered:
            await entered.launch(_PAGE, Viewport(), 1)
    return str(refused.value)


async def test_a_key_that_is_refused_is_told(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("E2B_API_KEY", "e2b_wrong")
    told = await _refusal(service)
    assert "refused E2B_API_KEY" in told
    assert "\n" not in told
    service.refused.clear()


async def test_a_template_that_is_missing_is_told(service: Service) -> None:
    service.templates = set()
    assert (await _refusal(service)).endswith("agent-judge setup --sandbox e2b")


async def test_a_quota_that_is_exceeded_is_told(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_judge.launch.e2b_faults._FIRST_WAIT_SECONDS", 0.01)
    service.most = 0
    assert "quota" in await _refusal(service)


async def test_who_asks_for_more_than_the_quota_waits_for_its_own_to_end(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_judge.launch.e2b_faults._FIRST_WAIT_SECONDS", 0.01)
    service.most = 1
    provider = E2BProvider()
    first = await provider.create(_FLAVOUR)
    second = asyncio.ensure_future(provider.create(_FLAVOUR))
    await asyncio.wait([second], timeout=2)
    assert not second.done()
    await first.close()
    await (await second).close()


async def test_a_service_that_is_not_there_is_told(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("E2B_API_URL", "http://127.0.0.1:9")
    told = await _refusal(service)
    assert "http://127.0.0.1:9" in told
    assert "E2B_DOMAIN" in told


def _build(service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    packages = tmp_path / "packages"
    (packages / "six").mkdir(parents=True)
    (packages / "six" / "six.py").write_text("x = 1\n")

    async def usual() -> list[Path]:
        return [packages]

    monkeypatch.setattr(e2b_template, "_usual_folders", usual)
    monkeypatch.setattr("agent_judge.launch.e2b_given.cache_folder", lambda: tmp_path / "cache")
    service.templates = set()
    said: list[str] = []
    E2BProvider().build_template(said.append)
    return said


def test_the_template_has_all_that_the_image_has(
    service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _build(service, monkeypatch, tmp_path)
    (started,) = service.builds.started.values()
    (wanted,) = service.builds.wanted.values()
    assert wanted.name == template_name()
    assert started.from_image == "debian:12-slim"
    steps = [" ".join(step.args or []) for step in started.steps or []]
    dockerfile = (_PROJECT / "sandbox" / "Dockerfile").read_text()
    for package in ("chromium", "nodejs", "tigervnc-standalone-server", "default-jdk-headless", "golang-go", "rustc"):
        assert package in dockerfile
        assert any(package in step and "set -euo pipefail" in step for step in steps)
    assert any("/var/lib/agent-judge/given/packages-" in step for step in steps)
    assert len(service.builds.uploaded) == 1
    assert E2BProvider().missing() == []


def test_a_template_that_cannot_be_built_is_told(
    service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    service.builds.failing = "step 3 failed: no space left"
    with pytest.raises(MissingRequirement, match="step 3 failed: no space left"):
        _build(service, monkeypatch, tmp_path)
    service.builds.failing = ""


def test_what_is_asked_wrongly_is_refused(service: Service) -> None:
    """The service would else prove nothing."""
    import httpx

    url, key = service.variables()["E2B_API_URL"], {"X-API-KEY": service.key}
    wrong = {"templateID": "x", "colour": "red"}
    assert httpx.post(f"{url}/v2/sandboxes", json=wrong, headers=key).status_code == 400
    assert httpx.post(f"{url}/v2/sandboxes", json={"templateID": "x"}).status_code == 401
    assert httpx.post(f"{url}/v2/sandboxes", content=b"x", headers=key).status_code == 415
    assert httpx.post(f"{url}/process.Process/List", json={}, headers={"E2b-Sandbox-Id": "none"}).status_code == 502
    assert len(service.refused) == 3
    service.refused.clear()


async def test_an_envd_on_this_machine_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := e2b_machine.missing():
        pytest.skip(reason)
    for name in [name for name in os.environ if name.startswith("E2B_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("E2B_DEBUG", "true")
    (lacking,) = backend_of("e2b").missing("none")
    assert str(ENVD_PORT) in lacking.what
    with serving(debug=True) as service:
        async with RemoteBackend(E2BProvider(), kept_ready=0) as backend:
            page, program = await asyncio.gather(*(backend.launch(one, Viewport(), 1) for one in (_PAGE, _SHORT)))
            assert page.page is not None
            assert await page.page.title() == "t"
            assert program.report.stdout == "said\n"
            for session in (page, program):
                await session.close()
        (machine,) = service.machines.values()
        assert machine.envd.commands == {}
        assert service.refused == []
