"""Programs that serve a page, run for real: they work, crash, are slow, and are used through their page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.async_api import expect

from agent_judge.launch.local import LocalBackend
from agent_judge.launch.session import BrowserSession
from agent_judge.read.environment import Environment, Limits
from agent_judge.schema import Solution, Viewport

_ENTRIES = {"python": "main.py", "javascript": "server.js"}


async def _launched(
    backend: LocalBackend, environment: str, code: str, *dependencies: str, language: str = "python"
) -> BrowserSession:
    if missing := [lacking.what for lacking in backend.missing(environment)]:
        pytest.skip(f"this machine lacks {', '.join(missing)}")
    entry = _ENTRIES[language]
    solution = Solution(
        environment=environment,
        language=language,
        entry=entry,
        files={entry: code.encode()},
        dependencies=dependencies,
    )
    return await backend.launch(solution, Viewport(), 0)


def _starting_within(seconds: float) -> Callable[[Environment], Limits]:
    return lambda environment: environment.limits.model_copy(update={"start_seconds": seconds})


async def test_a_streamlit_button_is_answered_by_its_script(backend: LocalBackend) -> None:
    code = "import streamlit as st\nst.title('Counter')\nif st.button('Add'): st.write('added', 40 + 2)\n"
    session = await _launched(backend, "streamlit", code)
    try:
        assert (session.report.outcome, session.report.reason) == ("ready", "")
        assert session.page
        assert await session.page.get_by_role("heading", name="Counter").is_visible()
        await session.page.get_by_role("button", name="Add").click()
        await expect(session.page.get_by_text("added 42")).to_be_visible()
        assert session.death() == ""
    finally:
        await session.close()


async def test_a_slow_streamlit_script_is_waited_for_and_its_exceptions_are_told(backend: LocalBackend) -> None:
    code = "import time\nimport streamlit as st\ntime.sleep(2)\nst.title('Late')\nif st.button('Go'): {}['x']\n1 / 0\n"
    session = await _launched(backend, "streamlit", code)
    try:
        assert (session.report.outcome, session.report.reason) == ("ready", "")
        assert session.page
        assert "Late" in await session.page.inner_text("body")
        assert session.drain().errors == ["ZeroDivisionError: division by zero"]
        await session.page.get_by_role("button", name="Go").click()
        await expect(session.page.get_by_text("KeyError")).to_be_visible()
        assert session.drain().errors == ["KeyError: 'x'"]
    finally:
        await session.close()


async def test_a_streamlit_script_that_shows_nothing_but_its_error_is_a_crash(backend: LocalBackend) -> None:
    session = await _launched(backend, "streamlit", "import streamlit as st\nraise ValueError('no data')\n")
    try:
        assert session.report.outcome == "crashed"
        assert session.report.reason == "its first page shows nothing but an error: ValueError: no data"
        assert session.page
    finally:
        await session.close()


async def test_a_gradio_textbox_is_answered_by_its_function(backend: LocalBackend) -> None:
    code = (
        "import time\nimport gradio as gr\ntime.sleep(1)\n"
        "gr.Interface(lambda text: text[::-1], gr.Textbox(label='Word'), gr.Textbox(label='Reversed'))"
        ".launch(share=True)\n"
    )
    session = await _launched(backend, "gradio", code)
    try:
        assert (session.report.outcome, session.report.reason) == ("ready", "")
        assert session.page
        await session.page.get_by_label("Word").fill("drawer")
        await session.page.get_by_role("button", name="Submit").click()
        await expect(session.page.get_by_label("Reversed")).to_have_value("reward")
    finally:
        await session.close()


async def test_a_gradio_interface_that_nothing_launches_is_launched(backend: LocalBackend) -> None:
    session = await _launched(
        backend, "gradio", "import gradio as gr\nwith gr.Blocks() as demo:\n  gr.Markdown('# Blocks')\n"
    )
    try:
        assert session.report.outcome == "ready"
        assert session.page
        assert await session.page.get_by_role("heading", name="Blocks").is_visible()
    finally:
        await session.close()


_EXPRESS = """
const app = require('express')();
app.get('/', (request, response) => response.send('<h1>Shop</h1><a href="/cart?item=pear">Buy</a>'));
app.get('/cart', (request, response) => response.send(`<p>In the cart: ${request.query.item}</p>`));
setTimeout(() => app.listen(4567), 1000);
"""


async def test_a_slow_express_server_is_found_on_its_port_and_used(backend: LocalBackend) -> None:
    session = await _launched(backend, "webserver", _EXPRESS, "express", language="javascript")
    try:
        assert (session.report.outcome, session.address) == ("ready", "http://localhost:4567/")
        assert session.page
        await session.page.get_by_role("link", name="Buy").click()
        await expect(session.page.get_by_text("In the cart: pear")).to_be_visible()
    finally:
        await session.close()


_FRAMEWORKS = {
    "flask": "from flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef index(): return '<h1>Hello</h1>'\n",
    "fastapi": (
        "from fastapi import FastAPI\nfrom fastapi.responses import HTMLResponse\napp = FastAPI()\n"
        "@app.get('/', response_class=HTMLResponse)\ndef index(): return '<h1>Hello</h1>'\n"
    ),
    "dash": "from dash import Dash, html\napp = Dash()\napp.layout = html.H1('Hello')\napp.run(debug=True)\n",
    "nicegui": "from nicegui import ui\nui.html('<h1>Hello</h1>', sanitize=False)\nui.run()\n",
}


@pytest.mark.parametrize("framework", _FRAMEWORKS)
async def test_python_frameworks_show_their_page(backend: LocalBackend, framework: str) -> None:
    session = await _launched(backend, "webserver", _FRAMEWORKS[framework], framework)
    try:
        assert (session.report.outcome, session.report.reason) == ("ready", "")
        assert session.page
        await expect(session.page.get_by_role("heading", name="Hello")).to_be_visible()
    finally:
        await session.close()


_FAILING = {
    ("gradio", "import gradio\nraise ValueError('no model')"): ("crashed", "ValueError: no model"),
    ("webserver", "import sys\nsys.exit('no settings')"): ("crashed", "ended with exit code 1: no settings"),
    ("webserver", "print('done')"): ("never_ready", "the program ended without serving a page"),
    ("webserver", "x = bytearray(2**36)"): ("killed", "killed: used more than 2048 MiB of memory"),
}  # fmt: skip


@pytest.mark.parametrize("case", _FAILING, ids=lambda case: f"{case[0]}: {case[1][:30]}")
async def test_a_failure_is_told_by_its_true_reason(backend: LocalBackend, case: tuple[str, str]) -> None:
    session = await _launched(backend, *case)
    await session.close()
    outcome, reason = _FAILING[case]
    assert session.page is None
    assert session.report.outcome == outcome
    assert reason in session.report.reason


async def test_a_first_page_that_fails_inside_the_server_is_a_crash_that_is_shown(backend: LocalBackend) -> None:
    code = (
        "from flask import Flask, render_template\napp = Flask(__name__)\n"
        "@app.get('/')\ndef index(): return render_template('shop.html')\n"
    )
    session = await _launched(backend, "webserver", code, "flask")
    try:
        assert session.report.outcome == "crashed"
        assert session.report.reason == (
            "its first page answers with status 500: jinja2.exceptions.TemplateNotFound: shop.html"
        )
        assert session.page
        assert "Internal Server Error" in await session.page.inner_text("body")
    finally:
        await session.close()


async def test_a_server_that_never_listens_is_never_ready() -> None:
    async with LocalBackend(_starting_within(1)) as impatient:
        session = await _launched(impatient, "webserver", "import time\ntime.sleep(600)")
        await session.close()
    assert (session.report.outcome, session.report.reason) == (
        "never_ready",
        "nothing listened on any port within 1 s",
    )


_DYING = """
import http.server, os
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == '/end':
            os._exit(7)
        super().do_GET()
http.server.HTTPServer(('127.0.0.1', 8123), Handler).serve_forever()
"""


async def test_a_server_that_dies_while_it_is_used_is_told(backend: LocalBackend) -> None:
    session = await _launched(backend, "webserver", _DYING)
    try:
        assert session.page
        assert session.death() == ""
        await session.page.evaluate("fetch('/end').catch(() => 'gone')")
        await expect(session.page.locator("body")).to_be_visible()
        assert "exit code 7" in session.death()
    finally:
        await session.close()


_TWO_NAMES = """
import http.server, socket, threading
class Inner(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Access-Control-Allow-Origin', '*')
        self.end_headers()
        self.wfile.write(b'<h1>Main</h1>' if self.server.server_port == 5001 else b'inner')
class V6(http.server.HTTPServer):
    address_family = socket.AF_INET6
threading.Thread(target=http.server.HTTPServer(('127.0.0.1', 5002), Inner).serve_forever, daemon=True).start()
threading.Thread(target=V6(('::1', 5003), Inner).serve_forever, daemon=True).start()
print('http://localhost:5001/', flush=True)
http.server.HTTPServer(('127.0.0.1', 5001), Inner).serve_forever()
"""


async def test_a_page_reaches_its_servers_by_every_name_of_the_loopback_and_nothing_else(backend: LocalBackend) -> None:
    session = await _launched(backend, "webserver", _TWO_NAMES)
    try:
        assert session.page
        reach = "address => fetch(address).then(answer => answer.text(), () => 'refused')"
        for address in ("http://127.0.0.1:5002/", "http://localhost:5002/", "http://[::1]:5003/"):
            assert await session.page.evaluate(reach, address) == "inner"
        blocked = len(session.blocked_requests)
        assert await session.page.evaluate(reach, "http://127.0.0.1.example:5002/") == "refused"
        assert len(session.blocked_requests) == blocked + 1
    finally:
        await session.close()


def test_versions_name_the_tools_that_programs_run_with(backend: LocalBackend) -> None:
    assert backend.versions("streamlit")["python"]
    assert backend.versions("webserver")["node"] if not backend.missing("webserver") else True
    assert "python" not in backend.versions("html")
