"""The report as a person meets it: opened from disk in a browser, read, filtered, walked through."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

import agent_judge.drive
from agent_judge.errors import BadInput
from agent_judge.report import write_report
from agent_judge.store import RunFolder
from tests.report.synthetic_run import HOSTILE

AXE = Path(agent_judge.drive.__file__).parent / "axe.min.js"
SIZES = {"desktop": (1280, 860), "phone": (390, 844)}
BATTLE = "battle-todo-list-amber-7b-birch-large"
NO_BUILD = "battle-star-dodge-amber-7b-dune-mini"


@asynccontextmanager
async def opened(browser: Browser, report: Path, part: str = "", **options: Any) -> Any:
    """Opens a report; errors of the page, and requests for anything but files, fail the test."""
    context = await browser.new_context(**options)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("request", lambda asked: None if asked.url.startswith(("file:", "data:")) else complaints.append(asked.url))
    await page.goto(report.as_uri() + (f"#{part}" if part else ""))
    yield page
    await context.close()
    assert complaints == []


async def violations(page: Page) -> list[str]:
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run(document).then((result) => result.violations)")
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


async def shown_wholly(page: Page) -> None:
    """Scrolls through the page, so that its pictures come, and goes back to the top."""
    await page.evaluate("document.querySelectorAll('img').forEach((image) => { image.loading = 'eager'; })")
    await page.evaluate("Promise.all([...document.images].map((image) => image.decode().catch(() => null)))")


async def test_report_opens_from_disk_with_ranking_and_pictures(reader: Browser, run_folder: Path) -> None:
    async with opened(reader, run_folder / "report.html") as page:
        await expect(page.get_by_role("heading", name="Synthetic suite")).to_be_visible()
        first = page.locator(".board tbody tr").first
        await expect(first).to_contain_text("amber-7b")
        await expect(first.get_by_role("img", name="1,120, 95 % interval 1,065 to 1,186")).to_be_visible()
        await expect(page.locator(".notes li")).to_contain_text(
            ["this machine has no Streamlit", "dune-mini on tip-calculator: node is not installed"]
        )
        sure = page.locator(".matrix-card", has=page.locator("#certainty-title"))
        await expect(sure).to_contain_text("here 3 of 6 pairs.")
        await expect(sure.locator("tbody tr").first.locator("td.significant")).to_contain_text(
            ["p = 0.03", "p = 0.003"]
        )
        await expect(page.locator("#battle-list .battle-row")).to_have_count(18)
        await shown_wholly(page)
        widths = await page.locator("#task-list img").evaluate_all("(all) => all.map((image) => image.naturalWidth)")
        assert len(widths) == 10
        assert min(widths) > 200


async def test_slices_have_their_own_win_matrix_and_groups(reader: Browser, run_folder: Path) -> None:
    async with opened(reader, run_folder / "report.html") as page:
        game = page.locator(".slice", has_text="too few to trust").first
        await expect(game.locator(".matrix")).to_be_hidden()
        await game.get_by_text("Who beats whom").click()
        await expect(game.locator(".matrix tbody tr").first).to_contain_text("62 %")
        html = page.locator(".slice", has_text="html")
        await expect(html).to_contain_text("Never met those above, and ranked by themselves, 4 battles")
        await expect(html.locator(".slice-rows")).to_have_count(2)


async def test_chances_to_be_among_the_best_are_told(reader: Browser, run_folder: Path) -> None:
    async with opened(reader, run_folder / "report.html") as page:
        await expect(page.locator(".board thead")).to_contain_text("Top 3")
        await expect(page.locator(".board tbody tr").nth(1).locator(".chance")).to_have_text(["12 %", "97 %"])


async def test_text_of_programs_and_suites_is_never_markup(reader: Browser, new_run: Callable[..., Path]) -> None:
    folder = new_run(tasks=1, models=2)
    files = RunFolder(folder)
    run = files.read_run()
    tasks = (run.tasks[0].model_copy(update={"instruction": HOSTILE}),)
    files.write_run(run.model_copy(update={"suite": HOSTILE, "notes": (HOSTILE,), "tasks": tasks}))
    async with opened(reader, write_report(folder), BATTLE) as page:
        await expect(page.locator(".rationale").first).to_contain_text("<script>document.title='owned'</script>")
        await expect(page.locator(".instruction").first).to_contain_text("</script>")
        await expect(page.locator(".messages", has_text="onerror").first).to_be_visible()
        assert await page.title() != "owned"
        assert await page.locator("img[onerror]").count() == 0
        await page.get_by_role("link", name="← Battles").click()
        await expect(page.locator("h1")).to_contain_text("<img src=x")
        assert await page.locator("script:not([type])").count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
async def test_every_view_is_accessible_and_fits(reader: Browser, run_folder: Path, size: str, scheme: Any) -> None:
    width, height = SIZES[size]
    looks = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    async with opened(reader, run_folder / "report.html", **looks) as page:

        async def check(view: str) -> None:
            assert await violations(page) == [], view
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, view

        await page.locator("#leaderboard details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
        await check("overview")
        for part in (BATTLE, NO_BUILD, "solution/todo-list/cedar"):
            await page.evaluate(f"location.hash = '{part}'")
            await expect(page.locator("#detail")).to_be_visible()
            await page.locator("#detail details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
            await check(part)
        await page.locator(".step-picture").nth(2).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await check("a step's picture")


async def test_battle_tells_steps_verdicts_and_what_was_not_borne_out(reader: Browser, run_folder: Path) -> None:
    async with opened(reader, run_folder / "report.html", BATTLE) as page:
        await expect(page.locator(".film")).to_have_count(2)
        await expect(page.locator(".film").first.get_by_role("listitem")).to_have_count(7)
        broken = page.locator("#step-b-main-use-3")
        await expect(broken.locator(".badge")).to_contain_text("no effect")
        await expect(broken.locator(".expectations .failed")).to_contain_text("2 listitems")
        await expect(broken.locator(".expectations .seen")).to_contain_text("seen:")
        await expect(page.locator("#step-b-main-use-5 .badge")).to_contain_text("not found")
        await expect(page.locator("#step-a-main-use-0 .change summary")).to_contain_text("3 % of the picture changed")
        await expect(page.locator(".votes tbody tr")).to_have_count(2)
        await expect(page.locator(".claims .unsupported")).to_contain_text("there is no step main-use#11")
        await expect(page.locator(".verdict").nth(1)).to_contain_text("18,840 tokens (12,000 cached)")


async def test_findings_of_a_driving_model_stand_at_its_steps(reader: Browser, run_folder: Path) -> None:
    async with opened(reader, run_folder / "report.html", "solution/todo-list/cedar") as page:
        found = page.locator(".strip .claims li")
        await expect(found).to_have_count(2)
        await expect(found.nth(1)).to_contain_text("Not borne out, does not count: no such step")
        await expect(page.locator(".strip")).to_contain_text("Driving cost $0.0040 · 940 tokens")
        await found.first.get_by_role("button", name="step 6").click()
        await expect(page.locator("#viewer-title")).to_contain_text("step 6 of 6")


async def test_cited_step_is_one_click_away_and_unknown_ones_are_named(reader: Browser, run_folder: Path) -> None:
    async with opened(reader, run_folder / "report.html", BATTLE) as page:
        await page.locator(".because a.ref", has_text="step 6").first.click()
        cited = page.locator("#step-b-main-use-5")
        await expect(cited).to_be_focused()
        await expect(cited).to_be_in_viewport()
        assert page.url.endswith(f"#{BATTLE}/b/main-use/5")
        await page.locator(".criteria details summary").first.click()
        await expect(page.locator(".ref-unknown").first).to_contain_text("nowhere#7 not in the evidence")


async def test_link_to_a_step_opens_there(reader: Browser, run_folder: Path) -> None:
    async with opened(reader, run_folder / "report.html", f"{BATTLE}/b/main-use/3") as page:
        await expect(page.locator("#step-b-main-use-3")).to_be_in_viewport()
    async with opened(reader, run_folder / "report.html", "battle-of-hastings") as page:
        await expect(page.get_by_role("heading", name="Not in this run")).to_be_visible()


async def test_failed_build_shows_why(reader: Browser, run_folder: Path) -> None:
    async with opened(reader, run_folder / "report.html", NO_BUILD) as page:
        launch = page.locator(".launch").nth(1)
        await expect(launch.locator(".badge")).to_contain_text("build failed")
        await expect(launch.locator(".reason")).to_contain_text("App.tsx:12:9")
        await expect(launch.locator("pre")).to_be_visible()


async def test_filters_narrow_the_battles_and_are_kept_in_the_address(reader: Browser, run_folder: Path) -> None:
    async with opened(reader, run_folder / "report.html") as page:
        rows = page.locator("#battle-list .battle-row")
        await page.locator("#filter-model").select_option("cedar")
        await expect(rows).to_have_count(9)
        await page.locator("#filter-task").select_option("star-dodge")
        await expect(rows).to_have_count(3)
        await expect(page.locator("#battle-count")).to_have_text("3 of 18 battles")
        await page.locator("#filter-outcome").select_option("launch")
        await expect(rows).to_have_count(1)
        kept = page.url
        await page.get_by_role("button", name="Clear filters").click()
        await expect(rows).to_have_count(18)
        await page.get_by_label("Judges disagree").check()
        disagreeing = await page.evaluate("INDEX.battles.filter((battle) => battle.split).length")
        await expect(rows).to_have_count(disagreeing)
        assert 0 < disagreeing < 18
        await page.locator("#filter-winner").select_option("decided")
        await expect(page.locator("#battle-list .empty")).to_be_visible()
    async with opened(reader, run_folder / "report.html", kept.partition("#")[2]) as page:
        await expect(page.locator("#battle-list .battle-row")).to_have_count(1)


async def test_keyboard_walks_through_battles_steps_and_pictures(reader: Browser, run_folder: Path) -> None:
    async with opened(reader, run_folder / "report.html", BATTLE) as page:
        heading = page.locator(".contender h2")
        await page.keyboard.press("j")
        await expect(heading.nth(1)).to_have_text("cedar")
        await page.keyboard.press("k")
        await expect(heading.nth(1)).to_have_text("birch-large")
        await page.keyboard.press("n")
        await expect(page.locator("#step-a-main-use-0")).to_be_focused()
        await page.keyboard.press("o")
        title = page.locator("#viewer-title")
        await expect(title).to_contain_text("step 1 of 6")
        await page.keyboard.press("ArrowRight")
        await expect(title).to_contain_text("step 2 of 6")
        await page.keyboard.press("x")
        await expect(title).to_contain_text("birch-large")
        await page.keyboard.press("b")
        await expect(page.get_by_role("button", name="Before")).to_have_attribute("aria-pressed", "true")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await page.keyboard.press("Escape")
        await expect(page.locator("#overview")).to_be_visible()


async def test_theme_can_be_chosen(reader: Browser, run_folder: Path) -> None:
    async with opened(reader, run_folder / "report.html", color_scheme="light") as page:
        ground = "getComputedStyle(document.body).backgroundColor"
        light = await page.evaluate(ground)
        await page.keyboard.press("t")
        await page.keyboard.press("t")
        await expect(page.locator("#theme-name")).to_have_text("Dark")
        assert await page.evaluate(ground) != light


async def test_picture_is_the_png_beside_the_report_else_the_thumbnail(
    reader: Browser, new_run: Callable[..., Path]
) -> None:
    report = write_report(new_run(tasks=1, models=2))
    wide = "(image) => image.decode().then(() => image.naturalWidth)"
    async with opened(reader, report, BATTLE) as page:
        await page.locator(".step-picture").first.click()
        picture = page.locator(".stage img").first
        assert (await picture.get_attribute("src") or "").startswith("evidence/")
        assert await picture.evaluate(wide) == 1280
    shutil.rmtree(report.parent / "evidence")
    context = await reader.new_context()
    page = await context.new_page()
    await page.goto(report.as_uri() + f"#{BATTLE}")
    await page.locator(".step-picture").first.click()
    await page.wait_for_function("document.querySelector('.stage img').src.startsWith('data:image/webp')")
    assert await page.locator(".stage img").first.evaluate(wide) == 720
    await context.close()


async def test_large_run_stays_small_and_is_drawn_as_needed(reader: Browser, new_run: Callable[..., Path]) -> None:
    report = write_report(new_run(tasks=50, models=5))
    assert report.stat().st_size < 8_000_000
    async with opened(reader, report) as page:
        await expect(page.locator("#battle-count")).to_have_text("500 battles")
        assert await page.locator("#battle-list .battle-row").count() == 60
        await page.get_by_role("button", name="Show 60 more of 440").click()
        await expect(page.locator("#battle-list .battle-row")).to_have_count(120)
        await page.evaluate("location.hash = `battle-${INDEX.battles[444].slug}`")
        await expect(page.locator(".detail-bar")).to_contain_text("445 of 500")
        assert await page.locator("#battle-list .step").count() == 0


async def test_run_that_is_not_over_is_told_as_such(reader: Browser, new_run: Callable[..., Path]) -> None:
    folder = new_run(tasks=1, models=2)
    for name in ("verdicts.jsonl", "leaderboard.json"):
        (folder / name).unlink()
    async with opened(reader, write_report(folder)) as page:
        await expect(page.locator(".notes")).to_contain_text("The run is not over")
        await expect(page.locator("#battle-list")).to_contain_text("There are no battles yet.")
        await expect(page.locator("#task-list .solution")).to_have_count(2)


def test_folder_that_is_no_run_is_bad_input(tmp_path: Path, new_run: Callable[..., Path]) -> None:
    with pytest.raises(BadInput, match=r"no run\.json"):
        write_report(tmp_path)
    folder = new_run(tasks=1, models=2)
    (folder / "verdicts.jsonl").write_text("{}\n")
    with pytest.raises(BadInput, match=r"verdicts\.jsonl"):
        write_report(folder)


async def test_a_comparison_of_two_opens_with_what_was_compared(reader: Browser, new_run: Callable[..., Path]) -> None:
    async with opened(reader, write_report(new_run(tasks=1, models=2, judges=("evidence",)))) as page:
        await expect(page.locator("#detail .film, #detail .strip, #detail h1").first).to_be_visible()
        await expect(page.locator("#overview")).to_be_hidden()
        await page.locator(".brand").click()
        await expect(page.locator("#overview")).to_be_visible()
        await expect(page.locator("#leaderboard")).to_have_count(0)


_LABELS_WITHIN = """axis => {
  const { left, right } = axis.getBoundingClientRect();
  return [...axis.querySelectorAll("text")].map((label) => label.getBoundingClientRect())
    .every((label) => label.left >= left && label.right <= right);
}"""


async def test_a_phone_shows_the_axis_and_every_column(reader: Browser, run_folder: Path) -> None:
    async with opened(reader, run_folder / "report.html", viewport={"width": 390, "height": 800}) as page:
        axis = page.locator("#leaderboard .board thead .axis").first
        await expect(axis).to_be_visible()
        assert await axis.evaluate(_LABELS_WITHIN)
        row = page.locator(".board tbody tr").first
        await expect(row.locator(".chance").first).to_be_visible()
        await expect(row.locator(".record")).to_be_visible()
        for matrix in await page.locator(".matrix-card .scroller").all():
            assert await matrix.evaluate("one => one.scrollWidth <= one.clientWidth")


async def test_a_comparison_names_the_letter_of_a_side_once(reader: Browser, new_run: Callable[..., Path]) -> None:
    folder = new_run()
    for file in (*folder.glob("*.json"), *folder.glob("*.jsonl")):
        told = file.read_text(encoding="utf-8").replace("amber-7b", "A: amber.html").replace("birch-large", "B: b.html")
        file.write_text(told, encoding="utf-8")
    async with opened(reader, write_report(folder)) as page:
        row = page.locator("a[href^='#battle-']", has_text="amber.html").filter(has_text="b.html").first
        assert "A: " not in await row.inner_text()
        await row.click()
        await expect(page.locator(".contender-A .contender-name")).to_have_text(re.compile(r"^A\s*amber\.html"))
        await expect(page.locator(".contender-B .contender-name")).to_have_text(re.compile(r"^B\s*b\.html"))
