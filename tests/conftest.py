"""Shared by all tests: one Playwright, one sandboxed browser and one backend per worker."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Playwright

from agent_judge.launch.local import LocalBackend


@pytest.fixture(scope="session")
async def backend() -> AsyncIterator[LocalBackend]:
    async with LocalBackend() as entered:
        yield entered


@pytest.fixture(scope="session")
def playwright(backend: LocalBackend) -> Playwright:
    return backend.playwright


@pytest.fixture
async def browser(backend: LocalBackend) -> Browser:
    """The warm browser: inside its sandbox, without network."""
    return await backend.browser()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(environment): skipped, with the reason, where it cannot be had")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        if lacking := [missing.what for missing in LocalBackend().missing(marker.args[0])]:
            pytest.skip(f"{marker.args[0]}: this machine lacks {', '.join(lacking)}")
