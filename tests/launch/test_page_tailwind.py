"""Tailwind's classes work, whether a source names them whole or they are put together while the page runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Page

from agent_judge.launch.local import LocalBackend
from agent_judge.launch.session import BrowserSession
from agent_judge.schema import Solution, Viewport

Show = Callable[..., Awaitable[Page]]
_LOADED = "performance.getEntriesByType('resource').some((one) => one.name.includes('tailwind'))"
_BUSY = "p-4 text-lg font-bold rounded"
"""Enough of Tailwind's classes to be known for it."""


@pytest.fixture
async def show(backend: LocalBackend) -> AsyncIterator[Show]:
    """Launches a React answer's files, the first of which is its entry."""
    opened: list[BrowserSession] = []

    async def launched(**files: str) -> Page:
        named = {name.replace("_", "."): text.encode() for name, text in files.items()}
        solution = Solution(environment="react", language="javascript", entry=next(iter(named)), files=named)
        session = await backend.launch(solution, Viewport(width=800, height=600), 1)
        opened.append(session)
        assert session.page, session.report
        return session.page

    yield launched
    for session in opened:
        await session.close()


async def style(page: Page, selector: str, name: str) -> str:
    value: str = await page.eval_on_selector(selector, "(one, name) => getComputedStyle(one)[name]", name)
    return value


async def test_named_classes_are_styled_without_loading_tailwind(show: Show) -> None:
    page = await show(
        App_jsx="""export default () => <main className={`p-4 ${true ? 'text-lg' : "x"}`}>
          <b className="font-bold bg-[rgb(1,2,3)] before:content-['ab'] rounded">b</b></main>"""
    )
    assert await style(page, "main", "padding") == "16px"
    assert await style(page, "main", "fontSize") == "18px"
    assert await style(page, "b", "backgroundColor") == "rgb(1, 2, 3)"
    content = await page.eval_on_selector("b", "(one) => getComputedStyle(one, '::before').content")
    assert content == '"ab"'
    assert not await page.evaluate(_LOADED)


async def test_classes_put_together_while_the_page_runs_are_styled_too(show: Show) -> None:
    page = await show(
        App_jsx=f"""import {{useState}} from 'react';
        export default () => {{ const [size, grow] = useState(2);
          return <button className={{`{_BUSY} m-${{size}}`}} onClick={{() => grow(7)}}>grow</button>; }}"""
    )
    await page.wait_for_function("getComputedStyle(document.querySelector('button')).margin === '8px'")
    await page.click("button")
    await page.wait_for_function("getComputedStyle(document.querySelector('button')).margin === '28px'")
    assert await page.evaluate(_LOADED)


async def test_names_of_the_answers_own_do_not_call_for_tailwind(show: Show) -> None:
    page = await show(App_jsx=f"export default () => <p className={{`{_BUSY} status-${{'done'}} Card`}}>p</p>")
    assert await style(page, "p", "padding") == "16px"
    assert not await page.evaluate(_LOADED)


async def test_an_answers_own_style_sheet_goes_through_tailwind(show: Show) -> None:
    page = await show(
        App_jsx="import './own.css'; export default () => <p className='card text-brand double-3'>p</p>",
        own_css="@tailwind base; @tailwind utilities; @theme { --color-brand: rgb(9 8 7); }\n"
        ".card { @apply p-8; }\n@utility double-* { margin: calc(--value(integer) * 2px); }",
    )
    assert await style(page, "p", "padding") == "32px"
    assert await style(page, "p", "color") == "rgb(9, 8, 7)"
    assert await style(page, "p", "margin") == "6px"
    assert not await page.evaluate(_LOADED)


async def test_a_style_sheet_that_tailwind_refuses_leaves_the_page_as_it_is(show: Show) -> None:
    page = await show(
        App_jsx=f"import './own.css'; export default () => <p className='{_BUSY}'>shown</p>",
        own_css=".card { @apply no-such-class; }",
    )
    assert await page.inner_text("p") == "shown"
    # Nor does it cost the next answer its style sheet.
    page = await show(App_jsx=f"export default () => <p className='{_BUSY}'>next</p>")
    assert await style(page, "p", "padding") == "16px"
    assert not await page.evaluate(_LOADED)


async def test_one_answers_classes_and_colours_are_not_anothers(show: Show) -> None:
    await show(
        App_jsx=f"import './own.css'; export default () => <p className='{_BUSY} mt-11 text-brand'>p</p>",
        own_css="@import 'tailwindcss'; @theme { --color-brand: rgb(9 8 7); }",
    )
    page = await show(App_jsx=f"export default () => <p className={{'{_BUSY}'}}>p</p>")
    sheets = await page.evaluate("[...document.querySelectorAll('style')].map((one) => one.textContent).join()")
    assert ".p-4" in sheets
    assert "mt-11" not in sheets
    assert "brand" not in sheets
