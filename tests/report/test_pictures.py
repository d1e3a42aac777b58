"""Screenshots made small."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image

from agent_judge.report.pictures import Pictures, make_thumbnail, thumbnail_width


def save(path: Path, colour: str, size: tuple[int, int] = (1280, 800), mode: str = "RGB") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).convert(mode).save(path)


def test_equal_screenshots_are_kept_once(tmp_path: Path) -> None:
    for name in ("one/step-000.png", "one/step-001.png", "two/step-000.png"):
        save(tmp_path / name, "teal" if name.endswith("0.png") else "plum")
    pictures = Pictures(tmp_path)
    names = [pictures.add(name) for name in ("one/step-000.png", "one/step-001.png", "two/step-000.png")]
    assert names[0] == names[2] != names[1]
    thumbnails = pictures.thumbnails()
    assert set(thumbnails) == set(names)
    small = Image.open(io.BytesIO(base64.b64decode(thumbnails[names[0]].data)))
    assert (small.format, small.size) == ("WEBP", (720, 450))
    assert (thumbnails[names[0]].width, thumbnails[names[0]].height) == (1280, 800)


def test_what_is_no_picture_or_not_there_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    save(tmp_path.parent / "outside.png", "red")
    pictures = Pictures(tmp_path)
    assert pictures.add("missing.png") == ""
    assert pictures.add("") == ""
    assert pictures.add("../outside.png") == ""
    assert pictures.add("broken.png") != ""
    assert pictures.thumbnails() == {}


def test_tall_and_small_and_paletted_pictures_keep_their_look(tmp_path: Path) -> None:
    save(tmp_path / "tall.png", "red", (400, 4000))
    save(tmp_path / "small.png", "red", (120, 90), "P")
    tall, small = make_thumbnail(tmp_path / "tall.png", 200), make_thumbnail(tmp_path / "small.png", 200)
    assert tall is not None
    assert small is not None
    assert Image.open(io.BytesIO(base64.b64decode(tall.data))).size == (200, 320)
    image = Image.open(io.BytesIO(base64.b64decode(small.data))).convert("RGB")
    assert image.size == (120, 90)
    red, green, blue = image.resize((1, 1)).tobytes()
    assert red > 200 > 60 > max(green, blue)


def test_more_pictures_are_smaller_ones() -> None:
    widths = [thumbnail_width(count) for count in (10, 500, 2000, 20_000)]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == 4
