from __future__ import annotations

from pathlib import Path

import pytest

from agent_judge.errors import DriverError
from agent_judge.launch import esbuild as bundler
from agent_judge.launch.bundle import PACKAGES, bundle, package_of
from agent_judge.launch.bundle_barrels import names_used
from agent_judge.launch.esbuild import BuildFailed, esbuild


async def built(source: str, **others: bytes) -> str:
    files = {"App.tsx": source.encode(), **others}
    return (await bundle(files, "App.tsx", seconds=30)).script.decode()


@pytest.mark.parametrize(
    ("path", "package"),
    [("react", "react"), ("react-dom/client", "react-dom"), ("@scope/a", "@scope/a"), ("@scope/a/b/c", "@scope/a")],
)
def test_an_import_belongs_to_a_package(path: str, package: str) -> None:
    assert package_of(path) == package


async def test_the_code_is_small_and_its_packages_stand_apart() -> None:
    made = await bundle(
        {"App.tsx": b"import clsx from 'clsx'; export const a: string = clsx('x')"}, "App.tsx", seconds=30
    )
    assert len(made.script) < 3000
    assert PACKAGES.encode() in made.packages_script
    assert b"clsx:()=>" in made.packages_script


async def packed(source: str) -> bytes:
    return (await bundle({"App.jsx": source.encode()}, "App.jsx", seconds=60)).packages_script


async def test_of_a_thousand_icons_a_page_is_given_those_that_it_names() -> None:
    named = await packed("import { Plus, Trash2 as Bin } from 'lucide-react'; export const icons = [<Plus/>, <Bin/>];")
    assert len(named) < 20_000
    assert b"lucide-react" in named


async def test_icons_chosen_while_it_runs_are_all_there() -> None:
    chosen = await packed("import * as all from 'lucide-react'; export const icon = all[location.hash];")
    assert len(chosen) > 400_000


async def test_an_icon_that_does_not_exist_does_not_fail_the_build() -> None:
    assert await packed("import { Plus, Invented } from 'lucide-react'; export const icons = [Plus, Invented];")


def test_what_code_uses_of_a_package_is_told_only_where_it_is_plain() -> None:
    plain = 'var import_a = require("a");\nf(import_a.One, (0, import_a.Two)());'
    assert names_used(plain, "a") == {"One", "Two"}
    assert names_used('var A = __toESM(require("a"));\nf(A.One);', "a") == {"One"}
    assert not names_used(f"{plain} g(import_a);", "a")
    assert not names_used(f'{plain} Promise.resolve().then(() => __toESM(require("a")));', "a")


async def test_types_and_jsx_are_compiled_away() -> None:
    script = await built("type T = {a: number}; export default (t: T) => <b>{t.a satisfies number}</b>")
    assert "satisfies" not in script
    assert "<b>" not in script


async def test_a_syntax_error_is_one_line_with_its_place() -> None:
    with pytest.raises(BuildFailed) as failed:
        await built("const x = ;")
    assert str(failed.value) == 'App.tsx:1:10: Unexpected ";"'
    assert "const x = ;" in failed.value.log


async def test_a_missing_style_or_picture_is_stood_in_for_and_noted() -> None:
    made = await bundle(
        {"App.tsx": b"import './App.css'; import logo from './logo.png'; console.log(logo)"}, "App.tsx", seconds=30
    )
    assert [note.split()[0] for note in made.notes] == ["./App.css", "./logo.png"]


async def test_missing_code_is_not_stood_in_for() -> None:
    with pytest.raises(BuildFailed, match=r'App\.tsx:1:\d+: Could not resolve "\./Chart"'):
        await built("import Chart from './Chart'; console.log(Chart)")


async def test_what_the_build_sets_is_known_to_the_code() -> None:
    script = await built("console.log(process.env.NODE_ENV, import.meta.env.MODE)")
    assert 'console.log("production"' in script


@pytest.mark.parametrize("path", ["/etc/passwd", "../../../../../../../../etc/passwd", "/proc/self/environ"])
async def test_no_file_of_the_host_gets_into_a_bundle(path: str) -> None:
    with pytest.raises(BuildFailed) as failed:
        await esbuild(
            {"a.js": f"import x from '{path}'; console.log(x)".encode()},
            "a.js",
            ["--bundle", "--loader:=text"],
            seconds=20,
        )
    assert "root:" not in failed.value.log


async def test_a_module_of_node_is_empty_as_it_is_in_every_bundler() -> None:
    made = await bundle({"a.js": b"import fs from 'fs'; console.log(fs)"}, "a.js", seconds=30)
    assert b"fs:()=>({})" in made.packages_script


@pytest.mark.parametrize(
    ("code", "log"),
    [
        (1, "bwrap: Creating new namespace failed: Operation not permitted"),
        (1, "✘ [ERROR] Failed to write to output file: write /out/a.js: no space left on device\n"),
        (-9, ""),
        (137, "Killed"),
    ],
)
async def test_what_this_machine_does_to_the_bundler_is_not_the_sources_fault(
    monkeypatch: pytest.MonkeyPatch, code: int, log: str
) -> None:
    async def failed(command: list[str], place: Path, seconds: float) -> tuple[int, str]:
        return code, log

    monkeypatch.setattr(bundler, "_run", failed)
    with pytest.raises(DriverError):
        await built("export default 1")


async def test_a_source_that_speaks_of_a_full_disk_is_still_broken() -> None:
    with pytest.raises(BuildFailed):
        await built("const said = 'bwrap: no space left on device, permission denied' const")


async def test_packages_that_take_long_to_bundle_are_not_the_first_answers_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_judge.launch.bundle.cache_folder", lambda: tmp_path)
    source = {"App.jsx": b'import React from "react"; export default () => React.version;'}
    run = bundler._run

    async def slow(command: list[str], place: Path, seconds: float) -> tuple[int, str]:
        shared = "packages.js" in command
        return await run(command, place, 0.0 if shared else seconds)

    monkeypatch.setattr(bundler, "_run", slow)
    with pytest.raises(DriverError, match="npm packages could not be bundled"):
        await bundle(source, "App.jsx", seconds=60)


async def test_an_answer_that_takes_long_to_bundle_does_not_build() -> None:
    with pytest.raises(BuildFailed, match="took more than"):
        await bundle({"App.jsx": b"export default 1"}, "App.jsx", seconds=0)
