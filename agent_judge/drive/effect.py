"""What a step changed to the eye, leaving out that the pointer and the focus make things light up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from agent_judge.drive.change import pixel_change
from agent_judge.drive.ground import Found
from agent_judge.drive.observe import Observer, View
from agent_judge.drive.snapshot import Rect
from agent_judge.schema import ActionName

_REACH = 8
"""By how many pixels a hover or focus effect may reach beyond its element."""
_CLICKS = frozenset(("click", "dblclick", "check", "uncheck"))
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

    def point(self, found: Found | None) -> None:
        """Says what the next step points at."""
        rect = found.candidate.rect if found and found.candidate.role != "canvas" else None
        self._pointed_before = self._pointed_at
        self._pointed_at = rect and Rect(
            rect.x - _REACH, rect.y - _REACH, rect.width + 2 * _REACH, rect.height + 2 * _REACH
        )

    async def change(self, action: ActionName, before: View, after: View) -> float:
        """Share of pixels that differ, for a step after which the page reads the same as before.

        Where nothing differs but what the pointer is on, the pointer and the focus are taken
        away and the page is looked at again.
        """
        difference = await asyncio.to_thread(pixel_change, before.picture, after.picture)
        if not difference.share or action not in _CLICKS or self._pointed_at is None:
            return difference.share
        places = [place for place in (self._pointed_before, self._pointed_at) if place]
        elsewhere = await asyncio.to_thread(pixel_change, before.picture, after.picture, places)
        if elsewhere.share:
            return difference.share
        away = await self._picture_without_pointer()
        places = [self._pointed_before] if self._pointed_before else []
        return (await asyncio.to_thread(pixel_change, before.picture, away, places)).share

    async def _picture_without_pointer(self) -> bytes:
        page = self.observer.page
        await page.mouse.move(0, 0)
        focused = await page.evaluate_handle(_UNFOCUS)
        await self.observer.settler.rest()
        picture = await self.observer.picture()
        await focused.evaluate(_REFOCUS)
        return picture
