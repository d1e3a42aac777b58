"""Tests of this folder run against every backend that this machine has; others are skipped with the reason."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from agent_judge.launch.backends import SANDBOXES, backend_of
from agent_judge.protocols import Backend, Session
from agent_judge.read.environment import Environment, Limits
from agent_judge.schema import Solution, Viewport
from tests.backends import e2b_machine
from tests.backends.e2b_service import Service, serving

Launch = Callable[..., Awaitable[Session]]


def _narrow(environment: Environment) -> Limits:
    """Little of everything, so that attacks on limits end soon."""
    memory_mib = 400 if environment.kind == "page" else 256
    loop = environment.name == "interpreter"
    return Limits(
        memory_mib=memory_mib,
        processes=40,
        disk_mib=64,
        output_kib=256,
        total_seconds=15 if loop else 99,
        build_seconds=20,
        start_seconds=15,
    )


@pytest.fixture(scope="session")
def e2b_service() -> Iterator[Service]:
    """A service that speaks as E2B does; it is the one that everything asks from here on."""
    if reason := e2b_machine.missing():
        pytest.skip(reason)
    with serving() as service, pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith("E2B_")]:
            patched.delenv(name)
        for name, value in service.variables().items():
            patched.setenv(name, value)
        yield service
        assert service.refused == []


def _entered(narrow: bool) -> Callable[..., AsyncIterator[Backend]]:
    async def enter(request: pytest.FixtureRequest) -> AsyncIterator[Backend]:
        if request.param == "e2b":
            request.getfixturevalue("e2b_service")
        backend = backend_of(request.param, _narrow if narrow else None)
        if lacking := backend.missing("none"):
            pytest.skip(f"{lacking[0].what} is missing: {lacking[0].command}")
        async with backend as entered:
            yield entered

    return enter


backend = pytest.fixture(_entered(narrow=False), scope="session", params=SANDBOXES)
narrow = pytest.fixture(_entered(narrow=True), scope="session", params=SANDBOXES)


@pytest.fixture
async def launch() -> AsyncIterator[Launch]:
    """Launches files in an environment; what was launched is closed after the test."""
    opened: list[Session] = []

    async def launch(backend: Backend, environment: str, files: dict[str, str], *dependencies: str) -> Session:
        entry = next(iter(files))
        solution = Solution(
            environment=environment,
            language=_LANGUAGES[entry.rpartition(".")[2]],
            entry=entry,
            files={name: text.encode() for name, text in files.items()},
            dependencies=dependencies,
        )
        opened.append(await backend.launch(solution, Viewport(), 1))
        return opened[-1]

    yield launch
    for session in opened:
        await session.close()


_LANGUAGES = {"py": "python", "js": "javascript", "html": "html", "c": "c", "tsx": "typescript"}
