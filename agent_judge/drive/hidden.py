"""What using a control does that neither picture nor text show: it copies, saves, sounds, asks, or only comes later."""

from __future__ import annotations

from importlib.resources import files

from playwright.async_api import Error, Page

from agent_judge.launch.own_world import ask

_HIDDEN = (files(__package__) / "hidden.js").read_text(encoding="utf-8")
WROTE_THE_SAME = "writing the same"
"""The sign that the document was written to, with what was there already."""


async def watch_for_hidden_effects(page: Page) -> None:
    """Begins to notice the hidden effects of what is clicked next."""
    for frame in page.frames:
        try:
            await ask(frame, _HIDDEN, "arm")
        except Error:
            continue  # A frame that is just going away.


async def hidden_effects(page: Page) -> frozenset[str]:
    """Signs of effects since the watch began; a page that was left meanwhile has none to tell."""
    signs: set[str] = set()
    for frame in page.frames:
        try:
            signs.update(await ask(frame, _HIDDEN, "read"))
        except Error:
            continue
    return frozenset(signs)
