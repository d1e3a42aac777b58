"""Bad input ends in one clear line and exit code 2; a bad program ends in findings and a verdict against it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent_judge.cli import main
from tests.run.counters import CLICKS, PAGE, write_suite

GOOD = PAGE.format(click=CLICKS["counts"])


@dataclass
class Answer:
    """How a command ended."""

    returncode: int
    stderr: str


Cli = Callable[..., Answer]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command in ``tmp_path``."""

    def run(*arguments: str | Path) -> Answer:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["agent-judge", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return Answer(ended.value.code, capfd.readouterr().err)

    return run


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def move(path: Path, to: Path) -> None:
    path.rename(to)


def append(path: Path, line: dict[str, str]) -> None:
    path.write_text(path.read_text() + json.dumps(line) + "\n")


# --- Files that cannot be used ------------------------------------------------------------------

FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda folder: folder / "nowhere.html", "nowhere.html"),
    "empty": (lambda folder: write(folder / "empty.html", ""), "empty"),
    "no entry": (lambda folder: write(folder / "data" / "notes.csv", "a,b\n").parent, "data"),
    "not UTF-8": (lambda folder: write(folder / "bad.html", b"<h1>caf\xe9 \xff\xfe</h1>"), "UTF-8"),
    "50 MB": (lambda folder: write(folder / "huge.html", b"<p>" + b"x" * 50_000_000), "MB"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_a_solution_is_named_in_one_line(name: str, tmp_path: Path, cli: Cli) -> None:
    make, hint = FILES[name]
    check_one_line(cli("audit", make(tmp_path)), hint)


SCENARIOS = {
    "unknown action": ("id: s\nsteps:\n  - do: clik\n    target: {role: button}\n", "3"),
    "target with nothing in it": ("id: s\nsteps:\n  - do: click\n    target: {}\n", "4"),
    "unknown key": ("id: s\nsteps:\n  - do: wait\n    ms: 5\n    colour: red\n", "colour"),
    "no steps": ("id: s\nsteps: []\n", "steps"),
    "not YAML": ("id: [s\n", ":2:1"),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_that_cannot_be_replayed_is_named_with_its_place(name: str, tmp_path: Path, cli: Cli) -> None:
    text, hint = SCENARIOS[name]
    scenario = write(tmp_path / "scenario.yaml", text)
    answer = cli("replay", scenario, write(tmp_path / "good.html", GOOD))
    check_one_line(answer, hint)
    assert "scenario.yaml" in answer.stderr


SUITES: dict[str, tuple[Callable[[Path], None], str]] = {
    "unknown key": (lambda suite: edit(suite / "suite.toml", "rounds", "rouns"), "rouns"),
    "not TOML": (lambda suite: edit(suite / "suite.toml", 'name = "', "name = "), "suite.toml"),
    "no task of that id": (
        lambda suite: append(suite / "answers" / "counts.jsonl", {"task_id": "ghost", "response": "x"}),
        "ghost",
    ),
    "duplicate task": (
        lambda suite: append(suite / "tasks.jsonl", {"id": "counter-0", "instruction": "x"}),
        "counter-0",
    ),
    "duplicate answer": (
        lambda suite: append(suite / "answers" / "counts.jsonl", {"task_id": "counter-0", "response": "x"}),
        "counter-0",
    ),
    "broken line": (
        lambda suite: edit(suite / "tasks.jsonl", '{"id": "counter-1"', '{"id": counter-1'),
        "tasks.jsonl:2",
    ),
    "scenario of another task": (
        lambda suite: move(suite / "scenarios" / "counter-0", suite / "scenarios" / "ghost"),
        "ghost",
    ),
}


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_that_cannot_be_run_is_named_with_file_and_place(name: str, tmp_path: Path, cli: Cli) -> None:
    suite = write_suite(tmp_path / "suite", tasks=2, models=("counts", "doubles"))
    spoil, hint = SUITES[name]
    spoil(suite)
    check_one_line(cli("run", suite), hint)
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_holds_a_run_is_not_overwritten(tmp_path: Path, cli: Cli) -> None:
    suite = write_suite(tmp_path / "suite", tasks=1, models=("counts", "doubles"))
    write(tmp_path / "run" / "run.json", "{}")
    check_one_line(cli("run", suite, "--out", tmp_path / "run"), "--resume")
    check_one_line(cli("run", suite, "--out", tmp_path / "run", "--resume"), "run.json")


def check_one_line(answer: Answer, hint: str) -> None:
    assert answer.returncode == 2, answer.stderr
    lines = answer.stderr.strip().splitlines()
    assert len(lines) == 1, answer.stderr
    assert hint in lines[0]
    assert "Traceback" not in answer.stderr


# --- Programs that are bad -----------------------------------------------------------------------

PROGRAMS = {
    "never loads": '<h1>Counter</h1><script src="https://example.invalid/slow.js"></script><img src="/never">',
    "endless loop": "<h1>Counter</h1><script>for (;;) {}</script>",
    "alert on load": GOOD.replace("<script>", "<script>alert('hello');"),
    "navigates away": "<h1>Counter</h1><script>location.href = 'https://example.invalid/'</script>",
    "does not compile": "export default function App() { return <div>{</div> }",
    "no code": "I would rather not write this program.",
}


def test_bad_programs_lose_with_a_reason_and_the_run_goes_on(tmp_path: Path, cli: Cli) -> None:
    suite = write_suite(tmp_path / "suite", tasks=1, models=("counts",))
    for name, program in PROGRAMS.items():
        fence = "jsx" if "export" in program else "html"
        response = program if name == "no code" else f"```{fence}\n{program}\n```"
        line = json.dumps({"task_id": "counter-0", "response": response})
        write(suite / "answers" / f"{name.replace(' ', '-')}.jsonl", line + "\n")

    answer = cli("run", suite, "--out", tmp_path / "run", "--jobs", "2")

    assert answer.returncode == 0, answer.stderr
    assert "Traceback" not in answer.stderr
    battles = [json.loads(line) for line in (tmp_path / "run" / "battles.jsonl").read_text().splitlines()]
    assert len(battles) == 7 * 6 // 2
    beaten = {b["model_b"] for b in battles if b["model_a"] == "counts" and b["winner"] == "model_a"}
    beaten |= {b["model_a"] for b in battles if b["model_b"] == "counts" and b["winner"] == "model_b"}
    assert beaten == {name.replace(" ", "-") for name in PROGRAMS} - {"alert-on-load"}  # a greeting breaks nothing
    launches = {entry["model"]: launch_of(tmp_path / "run", entry) for entry in entries(tmp_path / "run")}
    assert launches["does-not-compile"]["outcome"] == "build_failed"
    assert launches["no-code"]["outcome"] == "build_failed"
    assert launches["endless-loop"]["outcome"] in ("never_ready", "crashed")
    assert launches["endless-loop"]["reason"]
    assert launches["alert-on-load"]["outcome"] == "ready"


def entries(run: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((run / "run.json").read_text())["entries"]
    return found


def launch_of(run: Path, entry: dict[str, Any]) -> dict[str, str]:
    (key,) = entry["evidence"]
    launch: dict[str, str] = json.loads((run / "evidence" / str(key) / "evidence.json").read_text())["launch"]
    return launch


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("audit", "--frob", "x"), "No such option: --frob (Possible options: --fresh)"),
        (("run", "--jobs", "x"), "Invalid value for '--jobs'"),
        (("adit",), "No such command 'adit'. Did you mean 'audit'?"),
        (("scenario", "chek"), "No such command 'chek'"),
        (("compare", "a"), "Missing argument 'B'"),
        (("--frob",), "No such option: --frob"),
    ],
)
def test_arguments_that_cannot_be_read_are_told_in_one_line(words: tuple[str, ...], told: str, cli: Cli) -> None:
    check_one_line(cli(*words), told)


# --- Sandboxes that cannot be had ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("sandbox", "variables", "message"),
    [
        ("docker", {"PATH": "/nowhere"}, "apt-get install -y docker.io"),
        ("docker", {"DOCKER_HOST": "tcp://127.0.0.1:2375"}, "unset DOCKER_HOST"),
        ("e2b", {"E2B_API_KEY": "", "E2B_DEBUG": ""}, "E2B_API_KEY"),
    ],
)
def test_a_sandbox_that_cannot_be_had_is_told_in_one_line(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: str, variables: dict[str, str], message: str
) -> None:
    write(tmp_path / "docker", "#!/bin/sh\nexit 1\n").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    page = write(tmp_path / "page.html", "<h1>Page</h1>")
    answer = cli("audit", page, "--sandbox", sandbox)
    assert answer.returncode == 3
    assert message in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1


def test_an_unknown_sandbox_is_told(cli: Cli, tmp_path: Path) -> None:
    answer = cli("audit", write(tmp_path / "page.html", "<h1>Page</h1>"), "--sandbox", "moon")
    assert answer.returncode == 2
    assert "there is no sandbox 'moon'" in answer.stderr
    assert "docker" in answer.stderr
