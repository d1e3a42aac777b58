"""A page is waited for until it rests, with the frames within it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from agent_judge.drive.settle import SettleConfig, Settler
from agent_judge.protocols import Session

Open = Callable[[str], Awaitable[Session]]
BUSY = """<p id=n>0</p><script>
  let timer;
  onmessage = () => clearInterval(timer);
  timer = setInterval(() => { document.getElementById('n').textContent += 1 }, 20)</script>"""
INNER = f"""<iframe srcdoc="{BUSY}"></iframe>"""
NESTED = f"""<iframe srcdoc="{INNER.replace("&", "&amp;").replace('"', "&quot;")}"></iframe>"""


@pytest.mark.parametrize("page", [BUSY, INNER, NESTED], ids=["page", "frame", "frame in a frame"])
async def test_a_page_rests_only_when_all_of_it_does(open_page: Open, page: str) -> None:
    session = await open_page(page)
    assert session.page
    config = SettleConfig(quiet=400, bound=1000)
    busy, calm = Settler(session.page, config), Settler(session.page, config)
    assert not (await busy.rest()).settled
    await session.page.frames[-1].evaluate("onmessage()")
    assert (await calm.rest()).settled
    busy.close()
    calm.close()


async def test_a_frame_that_goes_away_meanwhile_keeps_nobody_waiting(open_page: Open) -> None:
    session = await open_page(INNER + "<script>onmessage = () => document.querySelector('iframe').remove()</script>")
    assert session.page
    settler = Settler(session.page, SettleConfig())
    await session.page.evaluate("setTimeout(() => postMessage('go', '*'), 20)")
    assert (await settler.rest()).settled
    settler.close()
