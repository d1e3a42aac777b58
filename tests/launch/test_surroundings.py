from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent_judge.launch import bundle, local, npm, surroundings
from agent_judge.launch.esbuild import Built
from agent_judge.launch.local import LocalBackend
from agent_judge.places import data_folder
from agent_judge.schema import Solution, Viewport


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data that may be changed."""
    copy = tmp_path / "sandbox"
    shutil.copytree(data_folder("sandbox"), copy)
    monkeypatch.setattr(surroundings, "data_folder", lambda _: copy)
    monkeypatch.setattr(bundle, "environments_folder", lambda: copy / "environments")
    return copy


def keys() -> dict[str, dict[str, str]]:
    surroundings._shared.cache_clear()
    surroundings._fonts.cache_clear()
    return {name: dict(LocalBackend().versions(name)) for name in ("html", "mermaid", "interpreter")}


@pytest.mark.parametrize(
    "file",
    [
        "syscalls.toml",
        "tools.toml",
        "environments/html/cdn.toml",
        "environments/react/bundle.toml",
        "environments/react/package-lock.json",
        "environments/vue/versions.toml",
    ],
)
def test_evidence_of_every_environment_depends_on_the_data_that_all_share(sandbox: Path, file: str) -> None:
    before = keys()
    with (sandbox / file).open("a") as text:
        text.write("\n# changed\n")
    after = keys()
    assert [name for name in before if before[name] == after[name]] == []


def test_evidence_depends_on_the_fonts_that_pages_are_drawn_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "_FONTS", (str(tmp_path),))
    before = keys()
    (tmp_path / "New.ttf").write_bytes(b"font")
    assert keys()["html"] != before["html"]


def test_evidence_depends_on_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys()
    monkeypatch.setattr(local, "chromium_version", lambda: "1.2.3")
    assert keys()["html"] != before["html"]


@pytest.mark.parametrize("file", ["bundle.toml", "package-lock.json"])
async def test_packages_are_bundled_anew_when_the_way_of_bundling_changes(
    sandbox: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str
) -> None:
    built = []

    async def made(imports: object, wanted: object, seconds: float) -> Built:
        built.append(imports)
        return Built({"packages.js": b"1"}, (), (), "")

    async def fetched(wanted: object) -> Path:
        return tmp_path

    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(bundle, "_bundled_packages", made)
    monkeypatch.setattr(bundle, "fetch_packages", fetched)
    for _ in range(2):
        await bundle.packages_together(["clsx"], (), 10)
    assert len(built) == 1
    with (sandbox / "environments" / "react" / file).open("a") as text:
        text.write("\n")
    bundle.bundler_digest.cache_clear()
    await bundle.packages_together(["clsx"], (), 10)
    bundle.bundler_digest.cache_clear()
    assert len(built) == 2


_PAGES = {
    "a file of a CDN": Solution(
        environment="html", language="html", entry="index.html",
        files={"index.html": b'<script src="https://unpkg.com/clsx@2/dist/clsx.min.js"></script><h1>x</h1>'},
    ),
    "a module of a CDN": Solution(
        environment="html", language="html", entry="index.html",
        files={"index.html": b'<script type="module">import clsx from "https://esm.sh/clsx@2"; clsx()</script><h1>x'},
    ),
    "a bundled package": Solution(
        environment="react", language="tsx", entry="App.tsx", dependencies=("clsx@^2.0.0",),
        files={"App.tsx": b'import clsx from "clsx"; export default () => <h1>{clsx("x")}</h1>'},
    ),
    "a package of a program": Solution(
        environment="interpreter", language="javascript", entry="main.cjs", dependencies=("clsx@2",),
        files={"main.cjs": b'console.log(require("clsx").clsx("x"))'},
    ),
}  # fmt: skip


@pytest.mark.parametrize("solution", _PAGES.values(), ids=_PAGES.keys())
async def test_the_report_names_what_versions_were_left_open_became(backend: LocalBackend, solution: Solution) -> None:
    if backend.missing(solution.environment):
        pytest.skip(f"{solution.environment} cannot be had here")
    for _ in ("fetched", "from the cache"):
        session = await backend.launch(solution, Viewport(), 1)
        await session.close()
        assert session.report.outcome in ("ready", "finished"), session.report
        assert session.report.packages["clsx"].startswith("2.")


@pytest.mark.needs("interpreter")
async def test_the_report_of_a_python_program_names_its_packages(backend: LocalBackend) -> None:
    solution = Solution(
        environment="interpreter", language="python", entry="main.py", dependencies=("colorama",),
        files={"main.py": b"import colorama"},
    )  # fmt: skip
    session = await backend.launch(solution, Viewport(), 1)
    await session.close()
    assert session.report.packages["colorama"]


def test_a_package_that_gives_no_version_is_one_that_cannot_be_had(tmp_path: Path) -> None:
    with pytest.raises(npm.PackageProblem, match="no version"):
        npm.packed_version(tmp_path)
