"""How a browser that Playwright does not start itself is started: with the same arguments as one that it does."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Error, Playwright

from agent_judge.errors import DriverError

_TELLS = '#!/bin/sh\nprintf "%s\\0" "$@" > "$AGENT_JUDGE_ARGUMENTS"\n'
_OWN = ("--user-data-dir=", "--remote-debugging-port=")
_PROFILE = "--user-data-dir=/browser/profile"
_known: dict[tuple[str, ...], list[str]] = {}
_asking = asyncio.Lock()


async def started_arguments(playwright: Playwright, arguments: Sequence[str]) -> list[str]:
    """All arguments that Playwright would start a browser with, which nothing but starting one tells.

    Args:
        playwright: Whose version decides about them.
        arguments: Ours, which come on top.

    Raises:
        DriverError: It starts nothing.
    """
    async with _asking:
        wanted = tuple(arguments)
        if wanted not in _known:
            _known[wanted] = await _told(playwright, wanted)
        return _known[wanted]


async def _told(playwright: Playwright, arguments: Sequence[str]) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="agent-judge-arguments-") as folder:
        teller, told = Path(folder) / "teller.sh", Path(folder) / "arguments"
        teller.write_text(_TELLS, encoding="utf-8")
        teller.chmod(0o700)
        with contextlib.suppress(Error):  # What tells its arguments is no browser.
            browser = await playwright.chromium.launch(
                executable_path=teller,
                args=arguments,
                chromium_sandbox=False,
                env={"AGENT_JUDGE_ARGUMENTS": str(told)},
                handle_sigint=False,
            )
            await browser.close()
        if not told.exists():
            raise DriverError("Playwright does not start browsers on this machine")
        words = told.read_text(encoding="utf-8").split("\0")[:-1]
    return [_PROFILE, *(word for word in words if not word.startswith(_OWN))]
