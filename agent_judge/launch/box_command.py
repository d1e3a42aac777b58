"""The command line of a box: bubblewrap's arguments, and the script that runs inside them."""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from agent_judge.launch.box_seccomp import seccomp_filter
from agent_judge.protocols import Missing
from agent_judge.read.environment import Limits

WORK = "/work"
_FIRST_UID, _UIDS = 1_900_000_000, 2**24
_OLDEST = (0, 7)
"""The first version of bubblewrap that can bound a folder in memory (``--size``)."""

_ROOT_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "mime.types")
_SHARED_MEMORY_MIB = 64
_TRIAL_SECONDS = 20
_OPEN_FILES = 4096
_OWN_THREADS = 8
"""Ours, and some that have ended and still count: the watch, which names the limit, must come before the kernel."""


@dataclass(frozen=True)
class Mount:
    """Something of the host's that a box may read."""

    source: Path
    target: str = ""
    """Where the box sees it; where the host has it, if not given."""


@dataclass(frozen=True)
class Plan:
    """What a box is to run."""

    start: Sequence[str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Relative POSIX path to content: what the work folder holds at first."""
    build: Sequence[Sequence[str]] = ()
    limits: Limits = field(default_factory=Limits)
    mounts: Sequence[Mount] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    terminal: bool = False
    """Whether the program's standard input is a terminal, as a developer's server has it; else it is empty."""
    path: Sequence[str] = ()
    """Folders to look for commands in before the usual ones."""
    packages: Mapping[str, str] = field(default_factory=dict)
    """The packages from a registry among what is bound, by name, and their versions."""


@dataclass(frozen=True)
class Channels:
    """The file descriptors that a box writes to besides its standard output."""

    status: int
    errors: int
    build_log: int
    made: int
    info: int
    terminal: int | None = None


def missing_box() -> tuple[Missing, ...]:
    """What this machine lacks to box anything."""
    if _working:
        return ()
    if sys.platform != "linux":
        return (Missing("bubblewrap, which boxes programs and exists on Linux only", "use a Linux machine"),)
    if shutil.which("bwrap") is None:
        return (Missing("bubblewrap, which boxes untrusted code", "sudo apt-get install -y bubblewrap"),)
    version = subprocess.run(["bwrap", "--version"], capture_output=True, text=True, check=False).stdout
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < _OLDEST:
        return (
            Missing(
                f"bubblewrap 0.7 or newer (here is {version.strip()})",
                "sudo apt-get install -y --only-upgrade bubblewrap",
            ),
        )
    if not _works(_namespaces()):
        return (
            Missing(
                "permission to make namespaces, which bubblewrap needs; a container must be started with it",
                "sudo sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0",
            ),
        )
    _working.append(True)
    return ()


_working: list[bool] = []
"""Whether boxes were found to work: that is looked at once, what is missing may be installed meanwhile."""


def _works(namespaces: Sequence[str]) -> bool:
    trial = ["bwrap", *namespaces, "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"]
    try:
        return subprocess.run(trial, capture_output=True, check=False, timeout=_TRIAL_SECONDS).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@cache
def _real_user() -> bool:
    """Whether a box may run as a user of its own, which only root can arrange.

    It then owns nothing on the host, and the kernel counts its processes apart from all others. Else the box
    runs as we do, in a user namespace.
    """
    return os.geteuid() == 0 and _works(("--unshare-pid", "--unshare-net"))


def _namespaces() -> list[str]:
    shared = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    return shared if _real_user() else ["--unshare-user", *shared]


def box_command(plan: Plan, channels: Channels) -> tuple[list[str], list[int]]:
    """The command that runs a plan.

    Returns:
        The words of the command, and file descriptors that it inherits and that the caller closes once it runs.
    """
    uid = _FIRST_UID + random.SystemRandom().randrange(_UIDS) if _real_user() else 1000
    inherited: list[int] = []

    def file_of(content: bytes) -> str:
        inherited.append(_readable(content))
        return str(inherited[-1])

    words = ["bwrap", *_namespaces(), "--die-with-parent", "--new-session", "--hostname", "box"]
    words += ["--info-fd", str(channels.info), "--seccomp", file_of(seccomp_filter())]
    words += _root()
    for name, text in _stubs(uid).items():
        words += ["--perms", "0444", "--ro-bind-data", file_of(text.encode()), f"/etc/{name}"]
    words += _bound(plan.mounts)
    words += _writable(plan.limits)
    words += _variables(plan)
    words += _as_user(uid)
    words += ["/bin/bash", "--norc", "--noprofile", "-c", _script(plan, channels)]
    return words, inherited


def _root() -> list[str]:
    words = ["--proc", "/proc", "--dev", "/dev", "--ro-bind", "/usr", "/usr", "--perms", "0755", "--dir", "/etc"]
    for name in _ROOT_FOLDERS:
        place = Path("/") / name
        if place.is_symlink():
            words += ["--symlink", str(place.readlink()), str(place)]
        elif place.is_dir():
            words += ["--ro-bind", str(place), str(place)]
    for name in _SETTINGS:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return words


def _bound(mounts: Sequence[Mount]) -> list[str]:
    """Binds read-only. Folders on the way are made first: bubblewrap's own would be closed where the host's are."""
    targets = [mount.target or str(mount.source) for mount in mounts]
    ways = dict.fromkeys(str(way) for target in targets for way in reversed(Path(target).parents))
    words = []
    for way in ways:
        if not Path(way).is_relative_to("/usr") and way != "/":
            words += ["--perms", "0755", "--dir", way]
    for mount, target in zip(mounts, targets, strict=True):
        words += ["--ro-bind", str(mount.source), target]
    return words


def _stubs(uid: int) -> dict[str, str]:
    return {
        "passwd": f"user:x:{uid}:{uid}::/tmp:/bin/sh\n",
        "group": f"user:x:{uid}:\n",
        "hosts": "127.0.0.1 localhost box\n::1 localhost\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
        "resolv.conf": "",
    }


def _writable(limits: Limits) -> list[str]:
    words = []
    for folder, mebibytes in ((WORK, limits.disk_mib), ("/tmp", limits.disk_mib), ("/dev/shm", _SHARED_MEMORY_MIB)):
        words += ["--perms", "1777", "--size", str(mebibytes * 2**20), "--tmpfs", folder]
    # The rest of the root lies in memory that nothing bounds, so nobody may write there.
    return [*words, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK]


def variables_of(plan: Plan) -> dict[str, str]:
    """All environment variables that a plan's commands see."""
    path = ":".join([*plan.path, "/usr/local/bin", "/usr/bin", "/bin"])
    fixed = {"HOME": "/tmp", "TMPDIR": "/tmp", "LANG": "C.UTF-8", "TZ": "UTC", "USER": "user", "PATH": path}
    return {**fixed, **plan.variables}


def _variables(plan: Plan) -> list[str]:
    words = ["--clearenv"]
    for name, value in variables_of(plan).items():
        words += ["--setenv", name, value]
    return words


def _as_user(uid: int) -> list[str]:
    if not _real_user():
        return ["--uid", str(uid), "--gid", str(uid), "--cap-drop", "ALL", "--"]
    kept = ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"]
    words = [word for capability in kept for word in ("--cap-add", capability)]
    return [
        *words, "--", "/usr/bin/setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups",
        "--inh-caps=-all", "--bounding-set=-all", "--",
    ]  # fmt: skip


def _script(plan: Plan, channels: Channels) -> str:
    """Unpacks the files, builds, starts, and hands back what was made, telling each on the status channel.

    The program runs with the status channel closed. Should it get hold of it all the same, it can lie about
    itself only, as it can by its exit code.
    """
    limits = plan.limits
    closed = f"{channels.status}>&- {channels.made}>&- {channels.build_log}>&-"
    terminal = "" if channels.terminal is None else f"<&{channels.terminal} "
    lines = [
        f"ulimit -c 0; ulimit -n {_OPEN_FILES}; ulimit -u {limits.processes + _OWN_THREADS}",
        f"ulimit -f {limits.disk_mib * 1024}; ulimit -d {2 * limits.memory_mib * 1024}",
        f'say() {{ echo "$@" >&{channels.status}; }}',
        "say up",
        "/usr/bin/tar -xf - --no-same-owner || { say unpack-failed; exit 0; }",
        "exec < /dev/null",
    ]
    for command in plan.build:
        to_log = f">&{channels.build_log} 2>&1 {closed} {channels.errors}>&-"
        lines.append(f"{shlex.join(command)} {to_log} || {{ say build-failed $?; exit 0; }}")
    lines += [
        "say built; : > /tmp/.started",
        f"{shlex.join(plan.start)} {terminal}2>&{channels.errors} {closed} {channels.errors}>&-",
        "say exit $?; kill -9 -1",
        "find . -type f -newer /tmp/.started -print0 | sort -z | head -z -n 1000 "
        f"| tar -cf - --null -T - >&{channels.made}",
    ]
    return "\n".join(lines)


def _readable(content: bytes) -> int:
    descriptor = os.memfd_create("box")
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
