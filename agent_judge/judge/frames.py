"""Chooses the screenshots that tell most, and joins them into captioned sheets within a token budget.

A page is pictured whole at its start; after that only where something changed, and
of that the region that changed, so that it stays legible at a fraction of the cost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFont, UnidentifiedImageError

from agent_judge.errors import DriverError
from agent_judge.judge.question import Picture
from agent_judge.schema import Evidence, Trajectory, digest_of

VERSION = 1
PATCH = 28
"""Claude counts one token for each square of this many pixels, rounded up per side."""
LONGEST_SIDE = 1568
"""No model scales an image of at most this many pixels down."""
SHEET_WIDTH = 1288
CELL = (644, 400)
"""A cell is at most this large: half a screenshot of the usual size, or a changed region in full."""
CAPTION = 24
TALLEST = 3.0
"""What is taller than so many times its width is cut off below."""
_MARGIN = 40
_PNG_LIMIT = 1_500_000


@dataclass(frozen=True)
class Frame:
    """A screenshot that could be shown."""

    reference: str
    caption: str
    path: Path
    before: Path | None
    """What the page looked like before; ``None`` for the start."""
    telling: float
    """How much it tells; the greater, the sooner it is shown."""

    @cached_property
    def content(self) -> str:
        """Digest of the file."""
        return _digest(self.path)


def candidates(evidence: Evidence, root: Path, with_steps: bool = True) -> tuple[Frame, ...]:
    """Every distinct screenshot, in the order in which they were taken; identical ones only once.

    Args:
        evidence: Whose screenshots.
        root: The folder that their paths are relative to.
        with_steps: Whether those after steps count, or only that of the start.

    Raises:
        DriverError: A screenshot that the evidence names cannot be read.
    """
    seen: set[str] = set()
    found = []
    for trajectory in evidence.trajectories:
        for frame in _frames(trajectory, root):
            if (with_steps or frame.before is None) and frame.content not in seen:
                seen.add(frame.content)
                found.append(frame)
    return tuple(found)


@dataclass(frozen=True)
class Album:
    """What a budget of image tokens was spent on."""

    pictures: tuple[Picture, ...]
    shown: tuple[str, ...]
    """References of the frames in the pictures."""

    @property
    def tokens(self) -> int:
        """Image tokens of all pictures."""
        return sum(tokens(picture.width, picture.height) for picture in self.pictures)


def album(frames: Sequence[Frame], budget: int) -> Album:
    """Joins as many frames as the budget allows, the most telling first, into sheets in their own order.

    Args:
        frames: What could be shown.
        budget: Image tokens that may be used.
    """
    order = sorted(range(len(frames)), key=lambda i: (-frames[i].telling, i))
    cells = {i: _cell(frames[i]) for i in sorted(order[: _most(budget)])}
    chosen = [i for i in order if i in cells]
    while chosen:
        pages = _pages([cells[i] for i in sorted(chosen)])
        if sum(tokens(page.width, page.height) for page in pages) <= budget:
            return Album(tuple(_picture(page) for page in pages), tuple(frames[i].reference for i in sorted(chosen)))
        chosen.pop()
    return Album((), ())


def tokens(width: int, height: int) -> int:
    """Image tokens of an image of at most :data:`LONGEST_SIDE` pixels a side."""
    return -(-width // PATCH) * -(-height // PATCH)


def tokens_as_sent(width: int, height: int) -> int:
    """Image tokens of a screenshot sent as it is, where needed scaled down to :data:`LONGEST_SIDE`."""
    scale = min(1.0, LONGEST_SIDE / max(width, height))
    return tokens(max(1, round(width * scale)), max(1, round(height * scale)))


def _frames(trajectory: Trajectory, root: Path) -> Iterator[Frame]:
    shots = trajectory.observations
    if shots and shots[0].screenshot:
        path = root / shots[0].screenshot
        yield Frame(f"{trajectory.scenario}#launch", f"{trajectory.scenario}#launch start", path, None, 100.0)
    for step in trajectory.steps:
        if step.after >= len(shots) or not shots[step.after].screenshot or step.outcome == "driver_error":
            continue
        change = step.change
        failed = step.outcome != "done"
        if not (change.any or failed):
            continue
        telling = 10.0 * failed + 3.0 * min(change.pixels * 10, 1) + min(len(change.added) + len(change.removed), 8) / 4
        before = shots[step.before].screenshot if step.before < len(shots) else ""
        yield Frame(
            reference=f"{trajectory.scenario}#{step.index}",
            caption=f"{trajectory.scenario}#{step.index} {step.do}: {step.outcome}",
            path=root / shots[step.after].screenshot,
            before=root / before if before else None,
            telling=telling + 0.5 * (step is trajectory.steps[-1]),
        )


@dataclass(frozen=True)
class _Cell:
    identity: str
    caption: str
    image: Image.Image


@dataclass(frozen=True)
class _Page:
    cells: tuple[tuple[_Cell, int, int], ...]
    """Cells and where they stand."""
    width: int
    height: int


def _cell(frame: Frame) -> _Cell:
    image = _read(frame.path)
    box = _changed(frame, image)
    caption = frame.caption + (" (the part that changed)" if box else "")
    if box is None and image.height > image.width * TALLEST:
        shown = image.crop((0, 0, image.width, round(image.width * TALLEST)))
    else:
        shown = image.crop(box) if box else image
    scale = min(1.0, CELL[0] / shown.width, CELL[1] / shown.height)
    size = (max(1, round(shown.width * scale)), max(1, round(shown.height * scale)))
    identity = digest_of([VERSION, frame.content, caption, box, size])
    return _Cell(
        identity,
        caption,
        shown.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0) if size != shown.size else shown,
    )


def _changed(frame: Frame, after: Image.Image) -> tuple[int, int, int, int] | None:
    """The region that changed, where showing it alone tells more than the whole page at half its size."""
    if frame.before is None:
        return None
    before = _read(frame.before)
    if before.size != after.size:
        return None
    box = ImageChops.difference(before, after).getbbox()
    if box is None:
        return None
    left, top = max(0, box[0] - _MARGIN), max(0, box[1] - _MARGIN)
    right, bottom = min(after.width, box[2] + _MARGIN), min(after.height, box[3] + _MARGIN)
    return (left, top, right, bottom) if right - left <= CELL[0] and bottom - top <= CELL[1] else None


def _pages(cells: Sequence[_Cell]) -> list[_Page]:
    """Sets cells in rows, and rows on pages, as narrow and as low as they come."""
    rows: list[list[_Cell]] = []
    width = 0
    for cell in cells:
        needed = max(cell.image.width, _text_width(cell.caption))
        if rows and width + needed <= SHEET_WIDTH:
            rows[-1].append(cell)
            width += needed
        else:
            rows.append([cell])
            width = needed
    pages: list[_Page] = []
    placed: list[tuple[_Cell, int, int]] = []
    top = right = 0
    for row in rows:
        height = max(cell.image.height for cell in row) + CAPTION
        if placed and top + height > LONGEST_SIDE:
            pages.append(_Page(tuple(placed), right, top))
            placed, top, right = [], 0, 0
        left = 0
        for cell in row:
            placed.append((cell, left, top))
            left += max(cell.image.width, _text_width(cell.caption))
        right, top = max(right, left), top + height
    return [*pages, _Page(tuple(placed), right, top)]


def _picture(page: _Page) -> Picture:
    sheet = Image.new("RGB", (page.width, page.height), "white")
    draw = ImageDraw.Draw(sheet)
    for cell, left, top in page.cells:
        draw.rectangle((left, top, page.width, top + CAPTION - 1), fill="black")
        draw.text((left + 4, top + 3), cell.caption, fill="white", font=_font())
        sheet.paste(cell.image, (left, top + CAPTION))
        edge = (left, top, left + cell.image.width - 1, top + CAPTION + cell.image.height - 1)
        draw.rectangle(edge, outline="black")
    media_type, data = _encode(sheet)
    identity = digest_of([[cell.identity, left, top] for cell, left, top in page.cells])
    return Picture(identity, media_type, data, page.width, page.height)


def _encode(image: Image.Image) -> tuple[str, bytes]:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    if buffer.tell() <= _PNG_LIMIT:
        return "image/png", buffer.getvalue()
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return "image/jpeg", buffer.getvalue()


@lru_cache(maxsize=2)  # the page before a step is the page after the one before
def _read(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            image.load()
            return image if image.mode == "RGB" else image.convert("RGB")
    except (OSError, UnidentifiedImageError) as error:
        raise DriverError(f"{path}: the evidence names this screenshot, but it cannot be read: {error}") from error


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DriverError(f"{path}: the evidence names this screenshot, but it cannot be read: {error}") from error


def _most(budget: int) -> int:
    """More frames than this cannot fit, since the smallest cell still needs its caption and margins."""
    return max(1, budget // 20)


def _text_width(text: str) -> int:
    return round(_font().getlength(text)) + 8


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(15)
