from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from agent_judge.errors import DriverError
from agent_judge.judge.frames import CELL, LONGEST_SIDE, Album, album, candidates, tokens, tokens_as_sent
from agent_judge.schema import Change, Evidence
from tests.judge.evidence_builder import evidence, trajectory
from tests.judge.voters import draw_page, pictured

PLENTY = 1_000_000


def images(shown: Album) -> list[Image.Image]:
    return [Image.open(BytesIO(picture.data)) for picture in shown.pictures]


@pytest.fixture
def used(tmp_path: Path) -> Evidence:
    return pictured(evidence(trajectory("ddndd")), tmp_path)


def test_the_start_and_every_changed_or_failed_step_is_shown(used: Evidence, tmp_path: Path) -> None:
    shown = album(candidates(used, tmp_path), PLENTY)
    assert shown.shown == ("use#launch", "use#0", "use#1", "use#2", "use#3", "use#4")


def test_a_step_that_changed_nothing_is_not_shown(used: Evidence, tmp_path: Path) -> None:
    (use,) = used.trajectories
    steps = list(use.steps)
    steps[1] = steps[1].model_copy(update={"change": Change()})
    calm = used.model_copy(update={"trajectories": (use.model_copy(update={"steps": tuple(steps)}),)})
    assert "use#1" not in album(candidates(calm, tmp_path), PLENTY).shown


def test_identical_frames_are_shown_once(used: Evidence, tmp_path: Path) -> None:
    (use,) = used.trajectories
    (tmp_path / use.observations[4].screenshot).write_bytes((tmp_path / use.observations[2].screenshot).read_bytes())
    assert album(candidates(used, tmp_path), PLENTY).shown == ("use#launch", "use#0", "use#1", "use#2", "use#4")


def test_without_steps_only_the_start_is_shown(used: Evidence, tmp_path: Path) -> None:
    assert album(candidates(used, tmp_path, with_steps=False), PLENTY).shown == ("use#launch",)


@pytest.mark.parametrize("budget", [0, 5, 200, 400, 700, 1500])
def test_a_budget_is_kept_and_the_most_telling_come_first(used: Evidence, tmp_path: Path, budget: int) -> None:
    shown = album(candidates(used, tmp_path), budget)
    assert shown.tokens <= budget
    expected = ["use#launch", "use#2"]  # the start, then the step that failed
    assert [r for r in expected if r in shown.shown] == expected[: min(len(shown.shown), 2)]


def test_of_a_small_change_only_the_region_is_shown_and_in_full(tmp_path: Path) -> None:
    used = pictured(evidence(trajectory("d")), tmp_path)
    draw_page(tmp_path / used.trajectories[0].observations[0].screenshot, (1280, 800), 3)
    draw_page(tmp_path / used.trajectories[0].observations[1].screenshot, (1280, 800), 4)
    (sheet,) = images(album([candidates(used, tmp_path)[1]], PLENTY))
    assert sheet.height < CELL[1] / 2
    full = Image.open(tmp_path / used.trajectories[0].observations[1].screenshot)
    item = full.crop((30, 146, 60, 158))
    colours = [item.getpixel((x, y)) for x in range(item.width) for y in range(item.height)]
    assert any(
        [sheet.getpixel((left + x, top + y)) for x in range(item.width) for y in range(item.height)] == colours
        for left in range(0, sheet.width - item.width)
        for top in range(30, sheet.height - item.height)
    )


def test_large_frames_are_scaled_and_many_go_on_several_sheets(tmp_path: Path) -> None:
    used = pictured(evidence(trajectory("d" * 20)), tmp_path, [(2000, 3000), (300, 200), (700, 5000)])
    shown = album(candidates(used, tmp_path), PLENTY)
    assert len(shown.shown) == 21
    assert len(shown.pictures) > 1
    assert all(max(picture.width, picture.height) <= LONGEST_SIDE for picture in shown.pictures)
    assert all(image.size == (p.width, p.height) for image, p in zip(images(shown), shown.pictures, strict=True))


def test_equal_frames_make_pictures_of_equal_identity(used: Evidence, tmp_path: Path) -> None:
    one, two = (album(candidates(used, tmp_path), PLENTY) for _ in range(2))
    assert [p.identity for p in one.pictures] == [p.identity for p in two.pictures]
    less = album(candidates(used, tmp_path)[:3], PLENTY)
    assert less.pictures[0].identity != one.pictures[0].identity


def test_a_screenshot_that_is_gone_is_our_own_fault(used: Evidence, tmp_path: Path) -> None:
    (tmp_path / used.trajectories[0].observations[1].screenshot).unlink()
    with pytest.raises(DriverError, match="cannot be read"):
        candidates(used, tmp_path)


def test_a_screenshot_that_is_damaged_is_our_own_fault(used: Evidence, tmp_path: Path) -> None:
    (tmp_path / used.trajectories[0].observations[1].screenshot).write_bytes(b"no picture")
    with pytest.raises(DriverError, match="cannot be read"):
        album(candidates(used, tmp_path), PLENTY)


@pytest.mark.parametrize(
    ("size", "expected"), [((1024, 1024), 1369), ((1280, 720), 1196), ((1, 1), 1), ((28, 29), 2), ((512, 512), 361)]
)
def test_tokens_are_counted_as_the_api_does(size: tuple[int, int], expected: int) -> None:
    assert tokens(*size) == tokens_as_sent(*size) == expected


def test_what_is_larger_than_a_model_takes_is_counted_as_scaled_down() -> None:
    assert tokens_as_sent(3136, 1568) == tokens(1568, 784)
