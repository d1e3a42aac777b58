"""What is seen at one moment: picture, accessibility snapshot, text, and what the page said since."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from playwright.async_api import Error, Frame, Page

from agent_judge.drive.lazy import cached_property
from agent_judge.drive.settle import SettleConfig, Settler
from agent_judge.drive.snapshot import Node, parse_snapshot, snapshot_lines
from agent_judge.launch.own_world import ask
from agent_judge.protocols import PageLog, Session
from agent_judge.schema import Observation

_TEXT = (files(__package__) / "text.js").read_text(encoding="utf-8")
_NEXT_CHANGE = (files(__package__) / "next_change.js").read_text(encoding="utf-8")
_CAPTURE_TIMEOUT = 5000


@dataclass(frozen=True)
class View:
    """What can be seen and read at one moment."""

    url: str
    title: str
    text: str
    snapshot: str
    picture: bytes = b""
    """The viewport as PNG; empty where only reading was asked for."""

    @cached_property
    def tree(self) -> Node:
        """The snapshot, parsed."""
        return parse_snapshot(self.snapshot)

    @cached_property
    def lines(self) -> list[str]:
        """The snapshot's lines without what differs between two looks at the same page."""
        return snapshot_lines(self.snapshot)

    def reads_like(self, other: View) -> bool:
        """Whether the same is there to read, whatever it looks like."""
        return self.url == other.url and self.text == other.text and self.lines == other.lines


@dataclass
class Observer:
    """Looks at a session's page and keeps the Observations of one trajectory."""

    session: Session
    page: Page
    folder: Path
    config: SettleConfig = field(default_factory=SettleConfig)
    observations: list[Observation] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    """The views that the observations were made of."""

    def __post_init__(self) -> None:
        self.settler = Settler(self.page, self.config)
        self._began = time.monotonic()
        self._log = PageLog()

    def close(self) -> None:
        """Stops listening to the page."""
        self.settler.close()

    async def settled_view(self) -> View:
        """Waits for rest and looks.

        The picture is taken while waiting, since most pages rest already, and taken
        again if the page stirred meanwhile.
        """
        rest, view = await asyncio.gather(self.settler.rest(), self.view())
        if not rest.stirred or self.settler.eternal:
            return view
        return await self.view()

    async def view(self) -> View:
        """Looks now."""
        read, picture = await asyncio.gather(self.read(), self.picture())
        return View(read.url, read.title, read.text, read.snapshot, picture)

    async def picture(self) -> bytes:
        """The viewport now, as PNG."""
        return await self.page.screenshot(timeout=_CAPTURE_TIMEOUT)

    async def read(self) -> View:
        """Reads the page now, without a picture."""
        snapshot, texts = await asyncio.gather(self._snapshot(), self._texts())
        title = texts[0][0] if texts else ""
        return View(self.page.url, title, "\n".join(text for _, text in texts if text), snapshot)

    async def next_change(self, milliseconds: float) -> None:
        """Waits until the document changes, or so long."""
        try:
            await ask(self.page, _NEXT_CHANGE, milliseconds, again=False)
        except Error as error:
            if self.page.is_closed() or "navigation" not in error.message:
                raise

    def listen(self) -> PageLog:
        """What the page said since the last kept observation, so far."""
        fresh = self.session.drain()
        self._log.console += fresh.console
        self._log.errors += fresh.errors
        self._log.failed_requests += fresh.failed_requests
        self._log.dialogs += fresh.dialogs
        return self._log

    def keep(self, view: View) -> int:
        """Makes a view the next Observation, with its picture in the folder; returns its index."""
        index = len(self.observations)
        name = ""
        if view.picture:
            name = f"step-{index:03}.png"
            (self.folder / name).write_bytes(view.picture)
        log = self.listen()
        self._log = PageLog()
        self.views.append(view)
        self.observations.append(
            Observation(
                at=round(time.monotonic() - self._began, 3),
                url=view.url,
                title=view.title,
                screenshot=name,
                snapshot=view.snapshot,
                text=view.text,
                console=tuple(log.console),
                errors=tuple(log.errors),
                failed_requests=tuple(log.failed_requests),
                dialogs=tuple(log.dialogs),
            )
        )
        return index

    async def _snapshot(self) -> str:
        return await self.page.aria_snapshot(mode="ai", boxes=True, timeout=_CAPTURE_TIMEOUT)

    async def _texts(self) -> list[tuple[str, str]]:
        return [read for frame in self.page.frames if (read := await _read_frame(frame)) is not None]


async def _read_frame(frame: Frame) -> tuple[str, str] | None:
    try:
        read = await ask(frame, _TEXT)
    except Error:
        if frame is frame.page.main_frame:
            raise
        return None  # A frame that went away while it was read has nothing to say.
    return str(read["title"]), str(read["text"])
