"""What a user names on the command line becomes a Solution, or one line that says why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent_judge.errors import BadInput
from agent_judge.read.solution import solution_from_path

PAGE = "<!DOCTYPE html><title>t</title><p>hello</p>"


def refusal(source: str | Path) -> str:
    with pytest.raises(BadInput) as raised:
        solution_from_path(source)
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith(str(source))
    return message


@pytest.mark.parametrize(
    ("name", "code", "environment", "language"),
    [
        ("page.html", PAGE, "html", "html"),
        ("App.tsx", "export default () => <p>hi</p>", "react", "typescript"),
        ("App.jsx", "export default () => <p>hi</p>", "react", "javascript"),
        ("App.vue", "<template><p>hi</p></template>", "vue", "javascript"),
        ("app.py", "import streamlit as st\nst.write(1)", "streamlit", "python"),
        ("main.rs", "fn main() {}", "interpreter", "rust"),
        ("diagram.mmd", "graph TD\n A --> B", "mermaid", "mermaid"),
        ("answer.md", "Here:\n```python\nprint(1)\n```", "interpreter", "python"),
    ],
)
def test_a_file_is_a_program(tmp_path: Path, name: str, code: str, environment: str, language: str) -> None:
    (tmp_path / name).write_text(code, encoding="utf-8")

    solution = solution_from_path(tmp_path / name)

    assert (solution.environment, solution.language, solution.problem) == (environment, language, "")


def test_a_folder_keeps_its_files_as_they_are(tmp_path: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n\xff\xfe\x00"
    (tmp_path / "img").mkdir()
    (tmp_path / "img/logo.png").write_bytes(picture)
    (tmp_path / "index.html").write_text(PAGE + '<img src="img/logo.png">', encoding="utf-8")
    (tmp_path / "node_modules/x").mkdir(parents=True)
    (tmp_path / "node_modules/x/index.js").write_text("1", encoding="utf-8")

    solution = solution_from_path(tmp_path)

    assert (solution.environment, solution.entry) == ("html", "index.html")
    assert set(solution.files) == {"index.html", "img/logo.png"}
    assert solution.files["img/logo.png"] == picture


def test_a_vite_project_is_react(tmp_path: Path) -> None:
    files = {
        "package.json": '{"scripts": {"start": "vite"}, "dependencies": {"react": "^19", "zustand": "*"}}',
        "vite.config.js": "import react from '@vitejs/plugin-react'; export default { plugins: [react()] }",
        "index.html": '<div id="root"></div><script type="module" src="/src/main.jsx"></script>',
        "src/main.jsx": "import { createRoot } from 'react-dom/client';\nimport App from './App';\n"
        "createRoot(document.getElementById('root')).render(<App />);",
        "src/App.jsx": "import { create } from 'zustand';\nexport default () => <p>hi</p>;",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    solution = solution_from_path(tmp_path)

    assert (solution.environment, solution.entry) == ("react", "src/main.jsx")
    assert solution.dependencies == ("react-dom", "react@^19", "zustand@*")


def test_an_address_is_something_that_runs_already() -> None:
    solution = solution_from_path("http://localhost:3000/app")

    assert (solution.environment, solution.url, solution.files) == ("url", "http://localhost:3000/app", {})


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "no such file or folder" in refusal(tmp_path / "none.html")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(" \n", encoding="utf-8")
    assert "the file is empty" in refusal(tmp_path / "a.html")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"print('\xff')")
    assert "not UTF-8 text (byte 7)" in refusal(tmp_path / "a.py")


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.html").open("wb") as file:
        file.truncate(50_000_000)
    assert "50.0 MB is too large, at most 20 MB" in refusal(tmp_path / "a.html")


def test_a_large_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    for number in range(3):
        with (tmp_path / f"{number}.bin").open("wb") as file:
            file.truncate(9_000_000)
    assert "at most 20 MB in all" in refusal(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert "the folder is empty" in refusal(tmp_path)


def test_a_folder_with_nothing_to_start_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    told = refusal(tmp_path)
    assert "nothing in it can be started: the folder holds no code" in told
    assert "index.html" in told
    assert "main.py" in told


def test_a_language_that_is_not_run_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.php").write_text("<?php echo 1;", encoding="utf-8")
    assert "PHP" in refusal(tmp_path / "a.php")


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "solution"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    for name, target in (("a.txt", "../secret.txt"), ("b", "..")):
        (folder / name).symlink_to(target)
        with pytest.raises(BadInput, match="this link leads out of the solution's folder"):
            solution_from_path(folder)
        (folder / name).unlink()
    (folder / "same.html").symlink_to("index.html")

    assert set(solution_from_path(folder).files) == {"index.html", "same.html"}


def test_a_link_that_leads_round_in_a_circle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")

    assert "leads round in a circle" in refusal(tmp_path)


def test_a_link_to_nothing_in_the_folder_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "old.html").symlink_to("gone.html")

    assert set(solution_from_path(tmp_path).files) == {"index.html"}


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("x", encoding="utf-8")

    assert "caf\\xe9.txt: the name of this file is not UTF-8" in refusal(tmp_path)


def test_a_path_that_is_too_long_is_refused(tmp_path: Path) -> None:
    assert "too long" in refusal(tmp_path / ("a" * 5000))


def test_a_pipe_is_neither_file_nor_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "neither a file nor a folder" in refusal(tmp_path / "pipe")


def test_an_address_without_a_host_is_refused() -> None:
    assert "not an address" in refusal("http:///x")
