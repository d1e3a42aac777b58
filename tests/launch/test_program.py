"""Programs of every language, run for real: what they leave, and what is said when they fail."""

from __future__ import annotations

import pytest

from agent_judge.errors import MissingRequirement
from agent_judge.launch.local import LocalBackend
from agent_judge.launch.session import BrowserSession
from agent_judge.launch.toolchain import missing_for
from agent_judge.launch.toolchain_java import main_class, public_class
from agent_judge.read.environment import load_environments
from agent_judge.schema import Solution, Viewport

_ENTRIES = {
    "python": "main.py", "javascript": "main.js", "typescript": "main.ts", "c": "main.c", "cpp": "main.cpp",
    "java": "Main.java", "go": "main.go", "rust": "main.rs",
}  # fmt: skip


async def _launched(backend: LocalBackend, language: str, code: str, *dependencies: str) -> BrowserSession:
    if lacking := missing_for(load_environments()["interpreter"], [language]):
        pytest.skip(f"this machine lacks {', '.join(one.what for one in lacking)}")
    entry = _ENTRIES[language]
    solution = Solution(
        environment="interpreter",
        language=language,
        entry=entry,
        files={entry: code.encode()},
        dependencies=dependencies,
    )
    return await backend.launch(solution, Viewport(), 0)


_WORKING = {
    "python": "print('he' + 'llo')",
    "javascript": "console.log('he' + 'llo')",
    "typescript": "import {join} from 'path';\nconst x: string = join('he', '..', 'hello'); console.log(x)",
    "c": '#include <stdio.h>\n#include <math.h>\nint main(void) { printf("%s%d\\n", "hello", (int) sqrt(4)); }',
    "cpp": '#include <iostream>\n#include <thread>\nint main() { std::thread([]{ std::cout << "hello"; }).join(); }',
    "java": 'public class Greet { public static void main(String[] a) { System.out.println("hello"); }}',
    "go": 'package main\nimport "fmt"\nfunc main() { fmt.Println("hello") }',
    "rust": 'fn main() { println!("hello"); }',
}


@pytest.mark.parametrize("language", _WORKING)
async def test_a_program_runs_and_its_page_shows_what_it_printed(backend: LocalBackend, language: str) -> None:
    session = await _launched(backend, language, _WORKING[language])
    try:
        assert (session.report.outcome, session.report.reason, session.report.exit_code) == ("finished", "", 0)
        assert "hello" in session.report.stdout
        assert session.page is not None
        assert "hello" in await session.page.get_by_role("region", name="Output").inner_text()
    finally:
        await session.close()


_FAILING = {
    ("python", "1 / 0"): ("crashed", "ZeroDivisionError: division by zero"),
    ("python", "input('Name? ')"): ("crashed", "asked for input, and a program that runs by itself gets none"),
    ("python", "import sys; sys.exit('no data')"): ("crashed", "the program ended with exit code 1: no data"),
    ("python", "x = bytearray(2**34)"): ("killed", "killed: used more than 1024 MiB of memory"),
    ("python", "f = open('x', 'wb')\nwhile True: f.write(b'x' * 2**20)"): (
        "killed", "killed: used more than 256 MiB of disk"),
    ("python", "while True: print('x' * 999)"): ("killed", "killed: wrote more than 1024 KiB of output"),
    ("javascript", "null.x"): ("crashed", "TypeError: Cannot read properties of null (reading 'x')"),
    ("typescript", "const x: = 1"): ("build_failed", 'Unexpected "="'),
    ("c", "int main(void) { int *p = 0; *p = 1; }"): ("crashed", "the program ended with signal SIGSEGV"),
    ("c", "int f(void) { return 1; }"): ("build_failed", "has no main function"),
    ("c", "#include <SDL2/SDL.h>\nint main(void) {}"): ("build_failed", "needs SDL2/SDL.h"),
    ("cpp", '#include <stdexcept>\nint main() { throw std::runtime_error("boo"); }'): ("crashed", "what(): boo"),
    ("java", "class A { public static void main(String[] a) { throw new RuntimeException(\"boo\"); }}"): (
        "crashed", "java.lang.RuntimeException: boo"),
    ("java", "import org.junit.Test;\nclass A {}"): ("build_failed", "needs the package org.junit"),
    ("go", 'package main\nfunc main() { panic("boo") }'): ("crashed", "panic: boo"),
    ("go", 'package main\nimport "github.com/gorilla/mux"\nfunc main() { mux.New() }'): (
        "build_failed", "needs github.com/gorilla/mux"),
    ("rust", "fn main() { let v: Vec<i32> = vec![]; println!(\"{}\", v[1]); }"): ("crashed", "index out of bounds"),
    ("rust", "use tokio::net;\nfn main() {}"): ("build_failed", "needs the crate tokio"),
    ("rust", "fn main() { undefined }"): ("build_failed", "cannot find value `undefined`"),
}  # fmt: skip


@pytest.mark.parametrize("case", _FAILING, ids=lambda case: f"{case[0]}: {case[1][:30]}")
async def test_a_failure_is_told_by_its_true_reason(backend: LocalBackend, case: tuple[str, str]) -> None:
    outcome, reason = _FAILING[case]
    session = await _launched(backend, *case)
    await session.close()
    assert session.report.outcome == outcome
    assert reason in session.report.reason


async def test_a_crash_is_shown_with_what_came_before_it(backend: LocalBackend) -> None:
    session = await _launched(backend, "python", "print('before')\nraise ValueError('at last')")
    try:
        assert session.page is not None
        text = await session.page.locator("body").inner_text()
        for words in ("before", "crashed", "exit code 1", "ValueError: at last"):
            assert words in text
    finally:
        await session.close()


async def test_pictures_tables_and_pages_that_a_program_made_are_shown(backend: LocalBackend) -> None:
    code = (
        "import os, zlib, struct, pathlib\n"
        "def chunk(kind, data):\n"
        "  return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))\n"
        "rows = b''.join(b'\\0' + b'\\xff\\0\\0' * 30 for _ in range(20))\n"
        "head = chunk(b'IHDR', struct.pack('>IIBBBBB', 30, 20, 8, 2, 0, 0, 0))\n"
        "png = b'\\x89PNG\\r\\n\\x1a\\n' + head + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b'')\n"
        "os.mkdir('out'); pathlib.Path('out/red & blue.png').write_bytes(png)\n"
        "pathlib.Path('table.csv').write_text('fruit,price\\npear,3\\n')\n"
        "pathlib.Path('page.html').write_text('<h1>Chart</h1>')\n"
    )
    session = await _launched(backend, "python", code)
    try:
        assert session.report.artifacts == ("out/red & blue.png", "page.html", "table.csv")
        assert session.page is not None
        picture = session.page.get_by_role("img", name="out/red & blue.png")
        assert await picture.evaluate("image => image.naturalWidth") == 30
        assert "pear,3" in await session.page.locator("body").inner_text()
        assert await session.page.frame_locator("iframe").get_by_role("heading").inner_text() == "Chart"
    finally:
        await session.close()


async def test_figures_that_matplotlib_shows_become_pictures(backend: LocalBackend) -> None:
    code = "import matplotlib.pyplot as plt\nfor n in (1, 2):\n  plt.figure()\nplt.show()\nprint('after')"
    session = await _launched(backend, "python", code, "matplotlib")
    try:
        assert session.report.artifacts == ("figures/figure-01.png", "figures/figure-02.png")
        assert "after" in session.report.stdout
        assert session.page is not None
        assert await session.page.get_by_role("img").count() == 2
    finally:
        await session.close()


@pytest.mark.needs("interpreter")
async def test_several_files_work_together(backend: LocalBackend) -> None:
    files = {
        "go.mod": b"module example.com/app\n",
        "main.go": b'package main\nimport "example.com/app/inner"\nfunc main() { inner.Say() }',
        "inner/inner.go": b'package inner\nimport "fmt"\nfunc Say() { fmt.Println("from inside") }',
    }
    solution = Solution(environment="interpreter", language="go", entry="main.go", files=files)
    session = await backend.launch(solution, Viewport(), 0)
    await session.close()
    assert session.report.stdout == "from inside\n"


@pytest.mark.parametrize("name", ["../outside.py", "/etc/outside.py", "a/../../outside.py"])
async def test_a_file_name_that_climbs_out_is_refused(backend: LocalBackend, name: str) -> None:
    files = {"main.py": b"print(1)", name: b"print(2)"}
    solution = Solution(environment="interpreter", language="python", entry="main.py", files=files)
    session = await backend.launch(solution, Viewport(), 0)
    assert session.report.outcome == "build_failed"
    assert "leads out of its folder" in session.report.reason


async def test_a_missing_tool_is_named_with_what_installs_it(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _command: None)
    with pytest.raises(MissingRequirement, match=r"C compiler is missing: sudo apt-get install -y gcc"):
        await _launched(backend, "c", "int main(void) {}")
    missing = {lacking.command for lacking in backend.missing("interpreter")}
    assert "sudo apt-get install -y default-jdk-headless" in missing


def test_java_classes_are_told_apart() -> None:
    code = (
        "package shop.cart;\n// class Wrong { void main(\n/* public class Wrong2 {} */\n"
        'class Item { String s = "class X {"; }\n'
        "public final class Cart {\n  static class Inner { }\n  public static void main(String[] args) { }\n}\n"
    )
    assert public_class(code) == "Cart"
    assert main_class(code) == "shop.cart.Cart"
    assert main_class("class A { static class B { public static void main(String[] a) {} } }") == "A$B"
    assert main_class("class A {}") == ""
