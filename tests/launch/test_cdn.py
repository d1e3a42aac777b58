from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.launch import cdn, npm
from agent_judge.launch.cdn import wanted_by
from agent_judge.launch.cdn_fonts import Family, fonts_of
from agent_judge.launch.local import LocalBackend
from agent_judge.launch.session import BrowserSession
from agent_judge.schema import Solution, Viewport


@pytest.mark.parametrize(
    ("url", "package", "version", "file"),
    [
        ("https://cdn.jsdelivr.net/npm/d3@7.9.0/dist/d3.min.js", "d3", "7.9.0", "/dist/d3.min.js"),
        ("https://cdn.jsdelivr.net/npm/@scope/a@1/b.css", "@scope/a", "1", "/b.css"),
        ("https://unpkg.com/react@18/umd/react.production.min.js", "react", "18", "/umd/react.production.min.js"),
        ("https://unpkg.com/htmx.org", "htmx.org", "2.0.4", ""),
        ("https://cdnjs.cloudflare.com/ajax/libs/three.js/r128/three.min.js", "three", "0.128.0", "/three.min.js"),
        ("https://cdnjs.cloudflare.com/ajax/libs/font-awesome/6.4.0/css/all.min.css", "@fortawesome/fontawesome-free",
         "6.4.0", "/css/all.min.css"),
        ("https://cdnjs.cloudflare.com/ajax/libs/font-awesome/4.7.0/css/font-awesome.min.css", "font-awesome", "4.7.0",
         "/css/font-awesome.min.css"),
        ("https://code.jquery.com/jquery-3.6.0.min.js", "jquery", "3.6.0", "/dist/jquery.min.js"),
        ("https://code.jquery.com/jquery-3.7.1.slim.min.js", "jquery", "3.7.1", "/dist/jquery.slim.min.js"),
        ("https://cdn.tailwindcss.com/?plugins=forms", "tailwindcss-cdn", "3.4.10", "/tailwindcss.js"),
        ("https://d3js.org/d3.v7.min.js", "d3", "7", "/dist/d3.min.js"),
        ("https://cdn.plot.ly/plotly-2.27.0.min.js", "plotly.js-dist-min", "2.27.0", "/plotly.min.js"),
        ("https://maxcdn.bootstrapcdn.com/bootstrap/4.5.2/css/bootstrap.min.css", "bootstrap", "4.5.2",
         "/dist/css/bootstrap.min.css"),
        ("https://ajax.googleapis.com/ajax/libs/jquery/3.5.1/jquery.min.js", "jquery", "3.5.1", "/jquery.min.js"),
    ],
)  # fmt: skip
def test_an_address_of_a_cdn_means_a_file_of_a_package(url: str, package: str, version: str, file: str) -> None:
    wanted = wanted_by(url)
    assert wanted
    assert (wanted.kind, wanted.package, wanted.version, wanted.file) == ("file", package, version, file)


@pytest.mark.parametrize(
    ("url", "package", "file"),
    [
        ("https://esm.sh/react@18.2.0", "react", ""),
        ("https://esm.sh/react-dom@18.2.0/client", "react-dom", "/client"),
        ("https://esm.sh/@scope/a@1.0.0/b?deps=react@18", "@scope/a", "/b"),
        ("https://cdn.jsdelivr.net/npm/lit@3/+esm", "lit", ""),
        ("https://unpkg.com/lit-html@3?module", "lit-html", ""),
        ("https://cdn.skypack.dev/lodash", "lodash", ""),
        ("https://ga.jspm.io/npm:preact@10.19.0", "preact", ""),
    ],
)
def test_an_address_may_mean_a_module(url: str, package: str, file: str) -> None:
    wanted = wanted_by(url)
    assert wanted
    assert (wanted.kind, wanted.package, wanted.file) == ("module", package, file)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/npm/react@18/index.js",
        "https://unpkg.com.evil.example/react",
        "https://api.github.com/repos",
        "https://cdn.jsdelivr.net/gh/someone/something/a.js",
        "http://127.0.0.1:8000/react",
    ],
)
def test_other_addresses_mean_nothing(url: str) -> None:
    assert wanted_by(url) is None


def test_both_notations_of_google_fonts_are_read() -> None:
    new = "https://fonts.googleapis.com/css2?family=Open+Sans:ital,wght@0,400;1,700&family=Inter:wght@300..500&display=swap"
    assert fonts_of(new) == [Family("Open Sans", (400, 700), True), Family("Inter", (300, 400, 500), False)]
    old = "https://fonts.googleapis.com/css?family=Roboto:300,700|Lato"
    assert fonts_of(old) == [Family("Roboto", (300, 700), False), Family("Lato", (400,), False)]


async def shown(backend: LocalBackend, page: str) -> BrowserSession:
    solution = Solution(environment="html", language="html", entry="index.html", files={"index.html": page.encode()})
    session = await backend.launch(solution, Viewport(), 1)
    assert session.report.outcome == "ready"
    return session


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ('<script src="https://code.jquery.com/jquery-3.6.0.min.js" integrity="sha256-/xUj+3OJU5yExlq6GSYGSHk7tPXikynS7'
         'ogEvDej/m4=" crossorigin="anonymous"></script><h1></h1><script>$("h1").text("jq " + $.fn.jquery)</script>',
         "jq 3.6.0"),
        ('<h1></h1><script src="https://cdnjs.cloudflare.com/ajax/libs/lodash.js/4.17.21/lodash.min.js"></script>'
         '<script>document.querySelector("h1").textContent = _.range(3)</script>', "0,1,2"),
        ('<div id="root"></div><script src="https://unpkg.com/react@18/umd/react.production.min.js"></script>'
         '<script src="https://unpkg.com/react-dom@18/umd/react-dom.production.min.js"></script>'
         '<script src="https://unpkg.com/@babel/standalone/babel.min.js"></script><script type="text/babel">'
         'ReactDOM.createRoot(document.getElementById("root")).render(<h1>babel</h1>)</script>', "babel"),
        ('<div id="root"></div><script type="importmap">{"imports": {"react": "https://esm.sh/react@18.2.0",'
         '"react-dom/client": "https://esm.sh/react-dom@18.2.0/client", "zustand": "https://esm.sh/zustand@5.0.3"}}'
         '</script><script type="module">import React, { useState } from "react"; import { create } from "zustand";'
         'import { createRoot } from "react-dom/client"; const use = create(() => ({ n: 2 }));'
         'const App = () => React.createElement("h1", null, "one react " + useState(1)[0] + use((s) => s.n));'
         'createRoot(document.getElementById("root")).render(React.createElement(App))</script>', "one react 12"),
        ('<h1></h1><script type="module">import { format } from "https://cdn.jsdelivr.net/npm/date-fns@4.1.0/+esm";'
         'document.querySelector("h1").textContent = format(new Date(0), "yyyy")</script>', "1970"),
    ],
    ids=["jquery with its digest", "cdnjs", "babel in the page", "importmap of esm.sh", "jsdelivr module"],
)  # fmt: skip
async def test_libraries_of_cdns_work(backend: LocalBackend, page: str, says: str) -> None:
    session = await shown(backend, page)
    try:
        assert session.page
        await session.page.wait_for_function("document.querySelector('h1')?.textContent", timeout=5000)
        assert await session.page.inner_text("h1") == says
        assert session.blocked_requests == []
        assert session.drain().errors == []
    finally:
        await session.close()


async def test_fonts_of_google_are_there(backend: LocalBackend) -> None:
    session = await shown(
        backend,
        """<link rel="stylesheet" href="https://fonts.googleapis.com/css2?family=Inter:wght@700">
        <h1 style="font: 700 20px Inter">x</h1>""",
    )
    try:
        assert session.page
        assert await session.page.evaluate(
            "[...document.fonts].some((f) => f.family.includes('Inter') && f.status === 'loaded')"
        )
        assert session.blocked_requests == []
    finally:
        await session.close()


async def test_what_no_package_answers_is_refused_and_recorded(backend: LocalBackend) -> None:
    url = "https://cdn.jsdelivr.net/npm/agent-judge-no-such-package-anywhere@1.0.0/a.js"
    session = await shown(backend, f'<script src="{url}"></script><h1>still here</h1>')
    try:
        assert [(request.url, request.kind) for request in session.blocked_requests] == [(url, "script")]
        assert session.drain().console == []
    finally:
        await session.close()


async def test_fetched_once_it_works_without_the_registry(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (
        '<script src="https://unpkg.com/clsx@2.1.1/dist/clsx.min.js"></script><h1></h1><script>h = typeof clsx</script>'
    )
    await (await shown(backend, page)).close()
    monkeypatch.setattr(npm, "find_npm", lambda: pytest.fail("the registry was asked again"))
    session = await shown(backend, page)
    try:
        assert session.page
        assert await session.page.evaluate("h") == "function"
    finally:
        await session.close()


_PAGES = {
    "named in the source": '<script src="https://unpkg.com/never-fetched-before@1.2.3/a.js"></script>',
    "put together by the page": "<script>const l = document.createElement('script'); "
    "l.src = 'https://un' + 'pkg.com/never-fetched-before@1.2.3/a.js'; document.head.append(l)</script>",
}


@pytest.mark.parametrize("page", _PAGES.values(), ids=_PAGES.keys())
@pytest.mark.parametrize(
    "code", ["ECONNREFUSED", "E503", "ENOSPC"], ids=["does not answer", "is busy", "fills the disk"]
)
async def test_a_registry_that_fails_is_never_held_against_the_page(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, page: str, code: str
) -> None:
    async def failed(folder: Path, arguments: list[str]) -> tuple[int, str]:
        return 1, f"npm error code {code}\nnpm error it failed"

    monkeypatch.setattr(npm, "_npm", failed)
    with pytest.raises((DriverError, MissingRequirement), match="it failed"):
        await shown(backend, page)


async def test_a_page_that_waits_for_our_fetching_is_not_called_slow(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = asyncio.Event()

    async def waits(folder: Path, arguments: list[str]) -> tuple[int, str]:
        await never.wait()
        return 1, ""

    monkeypatch.setattr(npm, "_npm", waits)
    quick = LocalBackend(limits=lambda environment: environment.limits.model_copy(update={"start_seconds": 1.0}))
    tag = "'<script src=https://un' + 'pkg.com/never-fetched-before@1.2.3/a.js></' + 'script>'"
    page = f"<script>document.write({tag})</script>"
    solution = Solution(environment="html", language="html", entry="index.html", files={"index.html": page.encode()})
    async with quick:
        with pytest.raises(DriverError, match="not fetched within 1 seconds"):
            await quick.launch(solution, Viewport(), 1)
        monkeypatch.setattr(cdn, "_PREPARE_SECONDS", 1)
        solution = solution.model_copy(update={"files": {"index.html": _PAGES["named in the source"].encode()}})
        with pytest.raises(DriverError, match="not be fetched within 1 seconds"):
            await quick.launch(solution, Viewport(), 1)
