"""Programs with windows, run for real: they draw, take keys and clicks, crash, and are slow."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent_judge.drive import Replay
from agent_judge.launch.local import LocalBackend
from agent_judge.launch.session import BrowserSession
from agent_judge.schema import Scenario, Solution, Task, Viewport

_RED, _GREEN, _BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
_BOUND = 20.0
"""Seconds within which what was done must be seen."""
_LOSS = 16
"""How far a colour may be off: the screen sends some parts compressed."""
_Colour = tuple[int, int, int]


async def _launched(backend: LocalBackend, environment: str, code: str, *dependencies: str) -> BrowserSession:
    if missing := [lacking.what for lacking in backend.missing(environment)]:
        pytest.skip(f"this machine lacks {', '.join(missing)}")
    solution = Solution(
        environment=environment,
        language="python",
        entry="main.py",
        files={"main.py": code.encode()},
        dependencies=dependencies,
    )
    return await backend.launch(solution, Viewport(width=800, height=600), 0)


async def _middle_of(session: BrowserSession, colour: _Colour) -> tuple[float, float] | None:
    """Where on the screen a colour is, or nothing if there is none of it."""
    assert session.page
    with Image.open(io.BytesIO(await session.page.screenshot())) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    rows, columns = np.nonzero((abs(pixels - colour) <= _LOSS).all(axis=2))
    return (float(columns.mean()), float(rows.mean())) if rows.size else None


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_BOUND):
        while not await holds():
            pass


async def _click_on(session: BrowserSession, colour: _Colour) -> None:
    place = await _middle_of(session, colour)
    assert place is not None
    assert session.page
    await session.page.mouse.click(*place)


_GAME = """
import pygame
pygame.init()
screen = pygame.display.set_mode((400, 300))
clock, x, colour, running = pygame.time.Clock(), 300, (255, 0, 0), True
while running:
    for event in pygame.event.get():
        if event.type == pygame.KEYDOWN and event.key == pygame.K_LEFT:
            x -= 200
        if event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE:
            running = False
        if event.type == pygame.MOUSEBUTTONDOWN and x <= event.pos[0] < x + 60:
            colour = (0, 255, 0)
    screen.fill((30, 30, 60))
    pygame.draw.rect(screen, colour, (x, 100, 60, 60))
    pygame.display.flip()
    clock.tick(60)
"""


async def test_a_pygame_game_takes_keys_and_clicks_and_its_end_is_told(backend: LocalBackend) -> None:
    session = await _launched(backend, "pygame", _GAME, "pygame")
    try:
        assert (session.report.outcome, session.report.reason) == ("ready", "")
        assert session.page
        before = await _middle_of(session, _RED)
        assert before
        await session.page.keyboard.press("ArrowLeft")

        async def moved() -> bool:
            now = await _middle_of(session, _RED)
            return now is not None and abs(before[0] - now[0] - 200) < 3

        await _until(moved)
        await _click_on(session, _RED)

        async def green() -> bool:
            return await _middle_of(session, _GREEN) is not None

        await _until(green)
        assert session.death() == ""
        await session.page.keyboard.press("Escape")

        async def over() -> bool:
            await asyncio.sleep(0.05)
            return session.death() == "the program ended by itself"

        await _until(over)
    finally:
        await session.close()


_STEPPER = """
import pygame
pygame.init()
screen = pygame.display.set_mode((780, 200))
clock, x = pygame.time.Clock(), 40
while True:
    for event in pygame.event.get():
        if event.type == pygame.KEYDOWN and event.key == pygame.K_RIGHT:
            x += 100
    screen.fill((30, 30, 60))
    pygame.draw.rect(screen, (255, 0, 0), (x, 100, 60, 60))
    pygame.display.flip()
    clock.tick(20)
"""


async def test_a_scenario_counts_every_key_and_sees_what_is_drawn_after_it(
    backend: LocalBackend, tmp_path: Path
) -> None:
    keys = [("ArrowRight", 1, True), ("x", 1, False), ("ArrowRight", 5, True), ("x", 1, False)]
    scenario = Scenario.model_validate(
        {
            "id": "keys",
            "steps": [
                {"do": "press", "key": key, "times": times, "expect": [{"changed": changed}]}
                for key, times, changed in keys
            ],
        }
    )
    session = await _launched(backend, "pygame", _STEPPER, "pygame")
    try:
        began = await _middle_of(session, _RED)
        trajectory = await Replay().drive(session, Task(id="t", instruction="Move a box"), scenario, tmp_path)
        ended = await _middle_of(session, _RED)
    finally:
        await session.close()
    assert [step.outcome for step in trajectory.steps] == ["done"] * 4, trajectory.steps
    assert began
    assert ended
    assert ended[0] - began[0] == pytest.approx(600, abs=3)


_FORM = """
import tkinter as tk
window = tk.Tk()
entry = tk.Entry(window, bg='#0000ff', fg='#0000ff', insertbackground='#0000ff')
entry.pack()
def go():
    print('hello', entry.get())
    panel.config(bg='#00ff00')
tk.Button(window, text=' ', bg='#ff0000', activebackground='#ff0000', width=20, command=go).pack()
panel = tk.Frame(window, width=200, height=50)
panel.pack()
window.mainloop()
"""


async def _say_hello(session: BrowserSession) -> None:
    """Fills in the form and sends it."""
    assert session.page
    await _click_on(session, _BLUE)
    await session.page.keyboard.type("Ann Lee!")
    await _click_on(session, _RED)

    async def green() -> bool:
        return await _middle_of(session, _GREEN) is not None

    await _until(green)


async def test_a_tk_window_takes_text_and_a_click(backend: LocalBackend) -> None:
    session = await _launched(backend, "desktop", _FORM)
    try:
        assert (session.report.outcome, session.report.reason) == ("ready", "")
        await _say_hello(session)
    finally:
        await session.close()
    assert session.report.stdout == "hello Ann Lee!\n"


_SLOW_WINDOW_MANAGER = """
import os, pathlib, signal, threading, time
def freeze():
    names = pathlib.Path('/proc').glob('[0-9]*/comm')
    manager = next(int(name.parent.name) for name in names if name.read_text().strip() == 'openbox')
    while True:
        os.kill(manager, signal.SIGSTOP)
        time.sleep(0.1)
        os.kill(manager, signal.SIGCONT)
        time.sleep(0.002)
def begin():
    threading.Thread(target=freeze, daemon=True).start()
    panel.config(bg='#ffff00')
window.after(1000, begin)
window.mainloop()
"""


async def test_text_that_follows_a_click_at_once_comes_after_it(backend: LocalBackend) -> None:
    session = await _launched(backend, "desktop", _FORM.replace("window.mainloop()\n", _SLOW_WINDOW_MANAGER))
    try:

        async def slow() -> bool:
            return await _middle_of(session, (255, 255, 0)) is not None

        await _until(slow)
        await _say_hello(session)
    finally:
        await session.close()
    assert session.report.stdout == "hello Ann Lee!\n"


async def test_a_click_that_does_nothing_changes_nothing(backend: LocalBackend, tmp_path: Path) -> None:
    scenario = Scenario.model_validate(
        {
            "id": "dead",
            "steps": [
                {
                    "do": "click",
                    "target": {"role": "canvas"},
                    "at": {"x": 0.2, "y": 0.3},
                    "expect": [{"changed": False}],
                },
                {"do": "press", "key": "x", "expect": [{"changed": False}]},
            ],
        }
    )
    dead = "import tkinter\nwindow = tkinter.Tk()\nwindow.geometry('790x590')\nwindow.mainloop()\n"
    session = await _launched(backend, "desktop", dead)
    try:
        trajectory = await Replay().drive(session, Task(id="t", instruction="Nothing"), scenario, tmp_path)
    finally:
        await session.close()
    assert [step.outcome for step in trajectory.steps] == ["done"] * 2, trajectory.steps


async def test_a_matplotlib_window_shows_its_plot(backend: LocalBackend) -> None:
    code = (
        "import matplotlib.pyplot as plt\nfrom matplotlib.widgets import Slider\n"
        "figure, axes = plt.subplots()\naxes.plot([1, 3, 2], color='#ff0000', linewidth=9)\nplt.show()\n"
    )
    session = await _launched(backend, "desktop", code, "matplotlib")
    try:
        assert (session.report.outcome, session.report.reason) == ("ready", "")

        async def drawn() -> bool:
            return await _middle_of(session, _RED) is not None

        await _until(drawn)
    finally:
        await session.close()


_SLOW = {
    "pygame": f"import time\ntime.sleep(3)\n{_GAME}",
    "desktop": "import time, tkinter\ntime.sleep(3)\nw = tkinter.Tk()\n"
    "tkinter.Frame(w, width=200, height=200, bg='#ff0000').pack()\nw.mainloop()",
}


@pytest.mark.parametrize("environment", _SLOW)
async def test_a_window_that_comes_late_is_waited_for(backend: LocalBackend, environment: str) -> None:
    dependencies = ["pygame"] if environment == "pygame" else []
    session = await _launched(backend, environment, _SLOW[environment], *dependencies)
    try:
        assert session.report.outcome == "ready"
        assert await _middle_of(session, _RED)
    finally:
        await session.close()


_FAILING = {
    ("pygame", "import pygame\npygame.init()\npygame.image.load('ship.png')"): (
        "crashed", "FileNotFoundError: No file 'ship.png' found"),
    ("desktop", "import tkinter\nwindow = tkinter.Tk()\nwindow.fly()"): (
        "crashed", "AttributeError: '_tkinter.tkapp' object has no attribute 'fly'"),
    ("desktop", "import tkinter\nprint(1)"): ("never_ready", "the program ended without opening a window"),
}  # fmt: skip


@pytest.mark.parametrize("case", _FAILING, ids=lambda case: f"{case[0]}: {case[1][-20:]}")
async def test_a_failure_is_told_by_its_true_reason(backend: LocalBackend, case: tuple[str, str]) -> None:
    environment, code = case
    session = await _launched(backend, environment, code, *(["pygame"] if environment == "pygame" else []))
    await session.close()
    outcome, reason = _FAILING[case]
    assert session.page is None
    assert session.report.outcome == outcome
    assert reason in session.report.reason


def test_versions_name_what_shows_a_screen(backend: LocalBackend) -> None:
    if backend.missing("pygame"):
        pytest.skip("this machine lacks what gives a screen")
    assert {"python", "xvnc", "openbox", "screen"} <= set(backend.versions("pygame"))
