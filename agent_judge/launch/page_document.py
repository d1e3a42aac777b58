"""Makes pages from texts: Markdown as a document, Mermaid as a diagram."""

from __future__ import annotations

import json

from agent_judge.errors import DriverError
from agent_judge.launch.bundle import usual_versions
from agent_judge.launch.launching import Launching
from agent_judge.launch.npm import PackageProblem, fetch_package
from agent_judge.launch.page_parts import OURS, BuiltPage, text_of
from agent_judge.launch.page_settings import PageSettings
from agent_judge.read.environment import Environment
from agent_judge.schema import Solution

_RENDERERS = {"marked": "lib/marked.umd.js", "mermaid": "dist/mermaid.min.js"}


async def document_page(
    launching: Launching, environment: Environment, settings: PageSettings, solution: Solution
) -> BuiltPage:
    """Renders a text in the page itself, where a syntax error shows as what it is.

    Raises:
        DriverError: What renders it cannot be had.
    """
    files = dict(solution.files)
    source = json.dumps({"language": solution.language, "text": text_of(files[solution.entry])})
    page = (environment.folder / "document.html").read_text(encoding="utf-8")
    files["index.html"] = page.replace("{{source}}", source.replace("<", "\\u003c")).encode()
    files[f"{OURS}/document.js"] = (environment.folder / "document.js").read_bytes()
    files.update(await renderers())
    return BuiltPage(files, "index.html")


async def renderers() -> dict[str, bytes]:
    """The scripts that render, by the path that the page loads them from.

    Raises:
        DriverError: They cannot be had.
    """
    scripts = {}
    for package, path in _RENDERERS.items():
        try:
            folder = await fetch_package(package, usual_versions()[package])
        except PackageProblem as problem:
            raise DriverError(f"{package} cannot be had: {problem}") from problem
        scripts[f"{OURS}/{package}.js"] = (folder / path).read_bytes()
    return scripts
