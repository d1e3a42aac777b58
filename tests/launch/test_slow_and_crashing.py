"""Programs that are slow to start and programs that crash, of the environments whose other tests have none of them."""

from __future__ import annotations

import pytest

from agent_judge.launch.local import LocalBackend
from agent_judge.launch.session import BrowserSession
from agent_judge.schema import Solution, Viewport

_FILES = {
    "html": ("html", "index.html"),
    "react": ("typescript", "App.tsx"),
    "vue": ("javascript", "App.vue"),
    "mermaid": ("mermaid", "index.mmd"),
    "interpreter": ("python", "main.py"),
}
_BUSY = "const until = Date.now() + 1500; while (Date.now() < until);"
_SLOW = {
    "html": f"<!doctype html><p id=p></p><script>{_BUSY} p.textContent = 'there at last'</script>",
    "react": f"{_BUSY}\nexport default function App() {{ return <p>there at last</p>; }}",
    "vue": f"<script setup>{_BUSY}</script><template><p>there at last</p></template>",
    "mermaid": "flowchart TD\n  a[there at last]\n"
    + "".join(f"  n{n} --> n{n + 1}\n  n{n} --> a\n" for n in range(40)),
    "interpreter": "import time\ntime.sleep(2)\nprint('there at last')\n",
}
_CRASHING = {
    "html": "<!doctype html><h1>Here</h1><script>missing.call()</script>",
    "react": "export default function App() { missing.call(); return <h1>Here</h1>; }",
    "vue": "<script setup>missing.call()</script><template><h1>Here</h1></template>",
}


async def _launched(backend: LocalBackend, environment: str, code: str) -> BrowserSession:
    if missing := [lacking.what for lacking in backend.missing(environment)]:
        pytest.skip(f"this machine lacks {', '.join(missing)}")
    language, entry = _FILES[environment]
    files = {entry: code.encode()}
    return await backend.launch(
        Solution(environment=environment, language=language, entry=entry, files=files), Viewport(), 1
    )


@pytest.mark.parametrize("environment", _SLOW)
async def test_what_is_slow_to_start_is_waited_for(backend: LocalBackend, environment: str) -> None:
    session = await _launched(backend, environment, _SLOW[environment])
    try:
        assert session.report.outcome in ("ready", "finished"), session.report
        assert session.page
        assert "there at last" in await session.page.inner_text("body")
    finally:
        await session.close()


@pytest.mark.parametrize("environment", _CRASHING)
async def test_an_exception_at_the_start_is_named(backend: LocalBackend, environment: str) -> None:
    session = await _launched(backend, environment, _CRASHING[environment])
    try:
        assert session.report.outcome == "ready"
        assert any("missing is not defined" in error for error in session.drain().errors)
    finally:
        await session.close()
