"""A browser that may read the disk, as the one of a person who opens a report, and has no network."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright

from agent_judge.launch.chromium import find_chromium
from agent_judge.report import write_report
from tests.report.synthetic_run import build_run


@pytest.fixture(scope="session")
async def reader(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    chromium = str(find_chromium())
    if shutil.which("bwrap"):
        wrapper = tmp_path_factory.mktemp("reader") / "chromium"
        wrapper.write_text(
            "#!/bin/sh\nexec bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /dev/shm --bind /tmp /tmp "
            f'--unshare-net --unshare-pid --die-with-parent "{chromium}" --no-sandbox "$@"\n'
        )
        wrapper.chmod(0o755)
        chromium = str(wrapper)
    elif os.geteuid() == 0:
        pytest.skip("as root, Chromium runs only inside bubblewrap (apt-get install bubblewrap)")
    browser = await playwright.chromium.launch(executable_path=chromium)
    yield browser
    await browser.close()


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tasks, four models, two judges, all outcomes; with its report. Shared: do not change it."""
    folder = build_run(tmp_path_factory.mktemp("runs") / "run")
    write_report(folder)
    return folder


@pytest.fixture
def new_run(tmp_path: Path) -> Callable[..., Path]:
    """Builds a run folder of the test's own, without a report."""
    return lambda **options: build_run(tmp_path / "run", **options)
