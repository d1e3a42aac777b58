from __future__ import annotations

import pytest

from agent_judge.launch.bundle import PACKAGES, bundle, package_of
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
