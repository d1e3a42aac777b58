"""What shows itself only under the pointer: the buttons of a row, the entries of a menu."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from importlib.resources import files

from playwright.async_api import Error, Page

from agent_judge.drive.entries import About, smallest_holding
from agent_judge.drive.lexicon import says
from agent_judge.drive.snapshot import Node
from agent_judge.launch.own_world import ask, kept_element

_REVEAL = (files(__package__) / "reveal.js").read_text(encoding="utf-8")
_MOST_KNOWN = 60
_MOST_TRIED = 6
"""So many places are tried: a person does not point at everything either."""
_PATIENCE = 500
"""How long, in milliseconds, a place may take to be pointed at."""
REVEALING = 5_000
"""How long, in milliseconds, places are tried."""


async def point_at_what_reveals(page: Page, tree: Node, about: About) -> AsyncIterator[None]:
    """Points at one place after another over which something shows itself; each time, the page is to be looked at.

    Style sheets say which places these are; scripts do not, so that the entry itself is tried too.

    Args:
        page: The page.
        tree: What can be read on it.
        about: The entry that is looked for, if any; no others are pointed at then.
    """
    frame, entry = page.main_frame, about.text if about.sure else ""
    told = json.loads(await ask(frame, _REVEAL, _MOST_KNOWN))
    numbers = [number for number, text in enumerate(told["texts"]) if says(text, entry)][:_MOST_TRIED]
    places = [kept_element(frame, told["kept"], number) for number in numbers]
    read = smallest_holding(tree, entry)[:1] if entry else []
    around = [next((node.ref for node in (text, *text.ancestors()) if node.ref), "") for text in read]
    places += [page.get_by_ref(ref) for ref in around if ref]
    for place in places:
        try:
            await place.hover(timeout=_PATIENCE)
        except Error:
            continue  # It went away, or lies behind something: nobody can point at it.
        yield
