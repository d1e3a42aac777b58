"""How the end of a boxed program is told: finished, crashed and why, or killed by which limit."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass

from agent_judge.launch.box import Ended
from agent_judge.launch.launching import OpenBox
from agent_judge.read.environment import Limits
from agent_judge.read.recipe import Recipe
from agent_judge.schema import LaunchOutcome

_REASON_CHARACTERS = 300
_ERROR_LINE = re.compile(
    r"^(?:[\w.]*(?:Error|Exception|Exit|Interrupt|Warning)\b.*|panic: .*|fatal error: .*|.*\[ERROR\] .*|"
    r"thread '.*panicked at .*\n.*|Exception in thread .*|terminate called .*(?:\n\s+what\(\): .*)?|.*: error: .*|"
    r"error(?:\[E\d+\])?: .*)$",
    re.MULTILINE,
)
_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):\r?\n(?:[ \t].*\n)+(\S.*)$", re.MULTILINE)
"""Python's account of an exception, whose last line names it, whatever it is called."""
_PLACED_ERROR = re.compile(r":\d+(?::\d+)?: (?:fatal )?error:|^error(?:\[E\d+\])?: ", re.MULTILINE)
_SHORTAGES = {
    r"MemoryError|std::bad_alloc|OutOfMemoryError|heap out of memory|Cannot allocate memory|out of memory|"
    r"memory allocation of \d+ bytes failed":
        "used more than {limits.memory_mib} MiB of memory",
    r"No space left on device|File too large|ENOSPC":
        "used more than {limits.disk_mib} MiB of disk",
    r"Resource temporarily unavailable|can't start new thread|unable to create (?:new )?native thread|"
    r"newosproc|fork: retry":
        "ran more than {limits.processes} processes and threads",
}  # fmt: skip
"""What a program says that ran into a limit and ended by itself before the watch saw it."""


@dataclass(frozen=True)
class Account:
    """How a boxed program's end is told."""

    outcome: LaunchOutcome
    reason: str = ""


def build_failure(built: Ended, log: str, recipe: Recipe, limits: Limits) -> Account | None:
    """What is wrong with a build, if anything is."""
    if built.how == "killed":
        return Account("killed", f"killed: {built.reason}")
    if built.code:
        # Below an error with its place a compiler quotes the code, which may say anything.
        if not _PLACED_ERROR.search(log) and (shortage := _shortage(log, limits)):
            return Account("killed", f"killed: {shortage}")
        reason = _told(recipe, log) or first_error(log) or f"the build ended with {in_words(built.code)}"
        return Account("build_failed", reason)
    return None


def death_of(box: OpenBox, recipe: Recipe, limits: Limits) -> str:
    """Why a box's program is no more, or nothing."""
    ended = box.end()
    return (
        ""
        if ended is None
        else account_of(ended, box.stderr or box.stdout, recipe, limits).reason or "the program ended by itself"
    )


def account_of(ended: Ended, errors: str, recipe: Recipe, limits: Limits) -> Account:
    """How a program's end is told: finished, crashed and why, or killed by which limit."""
    if ended.how == "killed":
        return Account("killed", f"killed: {ended.reason}")
    if ended.code == 0:
        return Account("finished")
    if shortage := _shortage(errors, limits):
        return Account("killed", f"killed: {shortage}")
    reason = _told(recipe, errors) or last_error(errors)
    if reason:
        return Account("crashed", reason)
    last_words = " ".join(errors.strip().rpartition("\n")[2].split())[:_REASON_CHARACTERS]
    how = f"the program ended with {in_words(ended.code)}"
    return Account("crashed", f"{how}: {last_words}" if last_words else how)


def _shortage(text: str, limits: Limits) -> str:
    """The limit that a program's last words complain of, or nothing."""
    tail = text[-4000:]
    signs = (shortage for sign, shortage in _SHORTAGES.items() if re.search(sign, tail))
    return next(signs, "").format(limits=limits)


def _told(recipe: Recipe, text: str) -> str:
    """What a recipe knows to say about a failure."""
    for pattern, reason in recipe.reasons.items():
        if found := re.search(pattern, text, re.MULTILINE):
            return found.expand(reason)
    return ""


def first_error(text: str) -> str:
    """The line of a compiler's log that says what is wrong first."""
    return _telling(text, 0)


def last_error(text: str) -> str:
    """The last line of a program's complaints that reads like an error, or nothing."""
    return _telling(text, -1)


def _telling(text: str, which: int) -> str:
    found = [(line.start(), line[0]) for line in _ERROR_LINE.finditer(text)]
    found += [(account.start(1), account[1]) for account in _TRACEBACK.finditer(text)]
    return " ".join(sorted(found)[which][1].split())[:_REASON_CHARACTERS] if found else ""


def in_words(code: int) -> str:
    """An exit code as a person reads it: ``exit code 2``, ``signal SIGSEGV``."""
    names = {number.value: number.name for number in signal.Signals}
    return f"signal {names[code - 128]}" if code - 128 in names else f"exit code {code}"
