"""The system calls that a box refuses, as a Berkeley packet filter for the kernel."""

from __future__ import annotations

import errno
import platform
import struct
import tomllib
from functools import cache

from agent_judge.errors import MissingRequirement
from agent_judge.places import data_folder

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_OR_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_FOREIGN_NUMBERS = 0x40000000
"""From here on x86_64 numbers the calls of its x32 variant, which would pass by every comparison."""


@cache
def seccomp_filter() -> bytes:
    """The filter for this machine, as ``bwrap --seccomp`` reads it.

    Raises:
        MissingRequirement: The machine's system call numbers are not known.
    """
    data = tomllib.loads((data_folder("sandbox") / "syscalls.toml").read_text(encoding="utf-8"))
    numbers = data["machines"].get(platform.machine())
    if numbers is None:
        known = " or ".join(data["machines"])
        raise MissingRequirement(f"server code cannot be boxed on {platform.machine()}: use a machine of {known}")
    program = [
        *_unless_equal(_ARCHITECTURE, numbers["audit_arch"], _KILL_PROCESS),
        _instruction(_LOAD, _NUMBER),
        _instruction(_JUMP_GREATER_OR_EQUAL, _FOREIGN_NUMBERS, 0, 1),
        _instruction(_RETURN, _ERRNO | errno.ENOSYS),
    ]
    for number in numbers["absent"].values():
        program += _refuse(number, errno.ENOSYS)
    for number in numbers["refused"].values():
        program += _refuse(number, errno.EPERM)
    program += _refuse_flags(numbers["clone"], data["clone_flags_refused"])
    program += _refuse_other_families(numbers["socket"], data["socket_families"])
    program.append(_instruction(_RETURN, _ALLOW))
    return b"".join(program)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _unless_equal(offset: int, value: int, verdict: int) -> list[bytes]:
    return [
        _instruction(_LOAD, offset),
        _instruction(_JUMP_EQUAL, value, 1, 0),
        _instruction(_RETURN, verdict),
    ]


def _refuse(number: int, error: int) -> list[bytes]:
    return [_instruction(_JUMP_EQUAL, number, 0, 1), _instruction(_RETURN, _ERRNO | error)]


def _refuse_flags(number: int, flags: int) -> list[bytes]:
    return [
        _instruction(_JUMP_EQUAL, number, 0, 4),
        _instruction(_LOAD, _FIRST_ARGUMENT),
        _instruction(_JUMP_ANY_BIT, flags, 0, 1),
        _instruction(_RETURN, _ERRNO | errno.EPERM),
        _instruction(_RETURN, _ALLOW),
    ]


def _refuse_other_families(number: int, allowed: list[int]) -> list[bytes]:
    checks = [_instruction(_JUMP_EQUAL, family, len(allowed) - place, 0) for place, family in enumerate(allowed)]
    return [
        _instruction(_JUMP_EQUAL, number, 0, len(checks) + 2),
        _instruction(_LOAD, _FIRST_ARGUMENT),
        *checks,
        _instruction(_RETURN, _ERRNO | errno.EAFNOSUPPORT),
    ]
