"""What a step changed to the eye, leaving out that the pointer and the focus make things light up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from agent_judge.drive.change import pixel_change
from agent_judge.drive.ground import Found
from agent_judge.drive.observe import Observer, View
from agent_judge.drive.snapshot import Rect
from agent_judge.launch.own_world import ask_handle
from agent_judge.schema import ActionName

_REACH = 8
"""By how many pixels a hover or focus effect may reach beyond its element."""
_CLICKS = frozenset(("click", "dblclick", "check", "uncheck"))
_POINTS = _CLICKS | {"hover", "drag", "type"}
"""Actions that move the pointer to their element."""
_WHOLE = frozenset(("fragment", "document", "iframe", "dialog", "main", "application"))
"""What may have the focus without lighting up."""
_UNFOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  if (element.matches("input,textarea,select,iframe,[contenteditable]")) return null;
  element.blur();
  return element;
}"""
_REFOCUS = "element => { if (element) element.focus({ preventScroll: true }); }"


@dataclass
class Eye:
    """Compares pictures, knowing where the pointer was."""

    observer: Observer
    _pointed_before: Rect | None = None
    _pointed_at: Rect | None = None

    def point(self, action: ActionName, found: Found | None) -> None:
        """Says what the next step does with what; the pointer stays where it is for what needs none."""
        if action in _POINTS:
            rect = found.candidate.rect if found and found.candidate.role != "canvas" else None
            self._pointed_before, self._pointed_at = self._pointed_at, rect and _around(rect)

    async def change(self, action: ActionName, before: View, after: View) -> float:
        """Share of pixels that differ, for a step after which the page reads the same as before.

        Where nothing differs but what the pointer or the focus was or is on, the two are
        taken away and the page is looked at again.
        """
        difference = await asyncio.to_thread(pixel_change, before.picture, after.picture)
        if not difference.share or action not in _CLICKS or self._pointed_at is None:
            return difference.share
        left = [place for place in (self._pointed_before, _focused(before)) if place]
        elsewhere = await asyncio.to_thread(pixel_change, before.picture, after.picture, [*left, self._pointed_at])
        if elsewhere.share:
            return difference.share
        away = await self._picture_without_pointer()
        return (await asyncio.to_thread(pixel_change, before.picture, away, left)).share

    async def _picture_without_pointer(self) -> bytes:
        page = self.observer.page
        await page.mouse.move(0, 0)
        focused = await ask_handle(page, _UNFOCUS)
        await self.observer.settler.rest()
        picture = await self.observer.picture()
        await focused.evaluate(_REFOCUS)
        return picture


def _around(rect: Rect) -> Rect:
    return Rect(rect.x - _REACH, rect.y - _REACH, rect.width + 2 * _REACH, rect.height + 2 * _REACH)


def _focused(view: View) -> Rect | None:
    """Where the focus was, and with it a ring or a caret."""
    active = next((node for node in view.tree.walk() if "active" in node.states and node.role not in _WHOLE), None)
    return _around(active.rect) if active and active.rect else None
