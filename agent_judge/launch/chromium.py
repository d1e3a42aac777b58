"""Finds a Chromium and opens it as a sandbox: no network, no files, no variables of the host.

On Linux it runs inside bubblewrap, with Chromium's own sandbox inside that. On macOS Chromium's own sandbox
holds, and the network is closed by a proxy that is not there and by routing.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Literal
from uuid import uuid4

from playwright.async_api import Browser, Error, Playwright

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.launch.prefix import is_shared
from agent_judge.launch.reaping import reap_orphans
from agent_judge.launch.renderers import PAGE_MEMORY_MIB, PageWatch, RendererWatch
from agent_judge.launch.workbench import Workbench
from agent_judge.places import cache_folder

_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_BEHIND_A_SCRIPT = (
    "/usr/lib/chromium/chromium",
    "/usr/lib/chromium-browser/chromium-browser",
    "/usr/lib64/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
)
_PLAYWRIGHT_DOWNLOADS = (
    "chromium-*/chrome-linux*/chrome",
    "chromium_headless_shell-*/chrome-linux*/headless_shell",
    "chromium_headless_shell-*/chrome-headless-shell-linux*/chrome-headless-shell",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)

_RUNTIME = (
    "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/share/fonts", "/usr/share/fontconfig", "/usr/local/share/fonts",
    "/usr/share/X11", "/usr/share/locale", "/usr/share/zoneinfo", "/usr/share/mime", "/usr/share/glvnd",
    "/usr/share/drirc.d", "/usr/share/vulkan", "/var/cache/fontconfig", "/etc/fonts", "/etc/ld.so.cache",
)  # fmt: skip
_ROOT_LINKS = ("/lib", "/lib32", "/lib64")

_SANDBOX_SIGNS = ("No usable sandbox", "Failed to move to new namespace", "credentials.cc")
"""What Chromium says where the kernel does not let it make its sandbox."""
_log = logging.getLogger(__name__)
_CLOSE_SECONDS = 10
_SCREEN_KEY = "/tmp/.Xauthority"
_MIB = 1024 * 1024
_TEMPORARY_MIB = 512
_SHARED_MIB = 512
_DATA_MIB = 3072
"""Bound of one process's private memory; a page that asks for more loses its renderer, not the machine."""

_REPEATABLE = (
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--force-device-scale-factor=1",
    "--enable-unsafe-swiftshader",
    "--use-angle=swiftshader-webgl",
    "--mute-audio",
)
_QUIET = ("--deny-permission-prompts", "--disable-crash-reporter", "--disable-breakpad", "--no-pings")
_NO_NETWORK = (
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
)
_JOINED_NETWORK = ("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE ::1",)


@dataclass(frozen=True)
class Network:
    """What a browser may reach.

    ``closed``: nothing at all. ``joined``: the network namespace of the process ``pid``. ``open``: one ``host`` that
    this machine reaches, for something that the user runs already and asks us to look at.
    """

    kind: Literal["closed", "joined", "open"] = "closed"
    pid: int = 0
    host: str = ""


CLOSED = Network()


@dataclass(frozen=True)
class SandboxedBrowser:
    """A running browser, and what bounds the memory of its pages."""

    browser: Browser
    watch: PageWatch
    bench: Workbench = field(default_factory=Workbench)
    """Where compilers work that are made for browsers."""

    async def close(self) -> None:
        """Ends the browser and all its processes; safe to call twice."""
        self.watch.stop()
        with contextlib.suppress(Error, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.bench.close()
                await self.browser.close()
        reap_orphans()


def find_chromium() -> Path:
    """Finds a Chromium or Chrome that is there; ``AGENT_JUDGE_CHROMIUM`` wins.

    Raises:
        MissingRequirement: None is there, or the chosen one is not.
    """
    chosen = os.environ.get("AGENT_JUDGE_CHROMIUM")
    if chosen:
        if not os.access(chosen, os.X_OK):
            raise MissingRequirement(f"AGENT_JUDGE_CHROMIUM names {chosen}, which is not an executable file")
        return _behind_script(Path(chosen))
    for candidate in _candidates():
        binary = _behind_script(candidate)
        if not _is_script(binary):
            return binary
    raise MissingRequirement(f"no Chromium or Chrome found; install one with: {install_command()}")


@cache
def chromium_version() -> str:
    """The version of the browser that :func:`find_chromium` finds; nothing when there is none."""
    try:
        told = subprocess.run([find_chromium(), "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (MissingRequirement, OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+(?:\.\d+)+", told.stdout)
    return found[0] if found else ""


def install_command() -> str:
    """The command that installs a browser on this machine."""
    if sys.platform == "linux" and _distribution() == "debian":
        return "sudo apt-get install -y chromium"
    dependencies = " --with-deps" if sys.platform == "linux" else ""
    return f"{sys.executable} -m playwright install{dependencies} chromium"


async def open_browser(
    playwright: Playwright,
    network: Network = CLOSED,
    *,
    visible: bool = False,
    page_memory_mib: int = PAGE_MEMORY_MIB,
) -> SandboxedBrowser:
    """Starts a sandboxed browser.

    Args:
        playwright: What drives it.
        network: What it may reach.
        visible: Whether it shows its window on the screen of this machine, for a person to use. Its box then
            holds the screen's socket besides, and nothing else of the host.
        page_memory_mib: What each of its pages may take.

    Raises:
        MissingRequirement: Chromium or bubblewrap is not there, or no screen to show it on.
        DriverError: It does not start.
    """
    chromium = find_chromium()
    mark = f"--agent-judge={uuid4().hex}"
    arguments = [mark, *browser_arguments(network.kind)]
    if network.kind == "open":
        arguments += _reaching(network.host)
    if sys.platform != "linux":
        if network.kind == "joined":
            raise MissingRequirement("programs that serve a page need bubblewrap, which exists on Linux only")
        browser = await _start(playwright, chromium, arguments, {}, sandbox=True, visible=visible)
        return SandboxedBrowser(browser, RendererWatch(mark, page_memory_mib), Workbench(keeps=not visible))
    wrapper = _wrapper(chromium)
    variables = {"AGENT_JUDGE_NETWORK": network.kind, "AGENT_JUDGE_JOIN": str(network.pid)}
    if visible:
        variables |= screen_variables()
    start = partial(_start, playwright, wrapper, arguments, variables, visible=visible)
    browser = await _started(start, (str(chromium), network.kind))
    return SandboxedBrowser(browser, RendererWatch(mark, page_memory_mib), Workbench(keeps=not visible))


def _reaching(host: str) -> list[str]:
    """Lets a browser resolve and contact one host, by name or by number, and no other."""
    rules = "MAP * ~NOTFOUND" + (f", EXCLUDE {host}" if host else "")
    return [f"--host-resolver-rules={rules}", "--dns-prefetch-disable",
            "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"]  # fmt: skip


class _NoOwnSandbox(DriverError):
    """The browser says that it cannot make a sandbox of its own here."""


_without_own_sandbox: dict[tuple[str, str], str] = {}
"""Browsers that said twice in a row that they cannot make a sandbox of their own in a network, and what they said."""


async def _started(start: Callable[..., Awaitable[Browser]], which: tuple[str, str]) -> Browser:
    """Starts a browser with its own sandbox, and without one only where it says that it can have none.

    Some kernels forbid a user namespace inside another; bubblewrap alone holds then. A start that fails otherwise is
    tried once more, and changes nothing for later ones.
    """
    if which not in _without_own_sandbox:
        try:
            return await start(sandbox=True)
        except DriverError:
            pass
        try:
            return await start(sandbox=True)
        except _NoOwnSandbox as told:
            browser = await start(sandbox=False)
            _without_own_sandbox[which] = str(told)
            _log.warning("bubblewrap alone holds %s, which cannot have its own sandbox here: %s", which[0], told)
            return browser
    return await start(sandbox=False)


async def _start(
    playwright: Playwright,
    executable: Path,
    arguments: list[str],
    variables: dict[str, str],
    *,
    sandbox: bool,
    visible: bool,
) -> Browser:
    try:
        return await playwright.chromium.launch(
            executable_path=executable,
            args=arguments,
            chromium_sandbox=sandbox,
            headless=not visible,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", **variables},
            handle_sigint=False,
            timeout=30_000,
        )
    except Error as error:
        failure = _NoOwnSandbox if any(sign in error.message for sign in _SANDBOX_SIGNS) else DriverError
        raise failure(f"the browser does not start: {_gist(error.message)}") from error


def _gist(message: str) -> str:
    """The telling line of Playwright's long account of a failed start."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    telling = [line for line in lines if "[err]" in line]
    return (telling or lines or ["no reason given"])[0][:300]


def browser_arguments(network: Literal["closed", "joined", "open"]) -> list[str]:
    """How every browser of ours is started, wherever it runs, by what it may reach."""
    return [*_REPEATABLE, *_QUIET, *{"closed": _NO_NETWORK, "joined": _JOINED_NETWORK, "open": ()}[network]]


def screen_variables() -> dict[str, str]:
    """What the box needs to show a window on this machine's screen.

    Raises:
        MissingRequirement: There is no screen.
    """
    display = os.environ.get("DISPLAY", "")
    local = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", display)
    if not local or not Path(f"/tmp/.X11-unix/X{local[1]}").exists():
        told = f"DISPLAY is {display!r}, which is no screen of this machine" if display else "DISPLAY is not set"
        raise MissingRequirement(
            f"no screen to show a browser on ({told}): run it in a desktop session, or make one with: "
            "sudo apt-get install -y tigervnc-standalone-server && vncserver :1 && export DISPLAY=:1"
        )
    authority = os.environ.get("XAUTHORITY") or str(Path.home() / ".Xauthority")
    return {"AGENT_JUDGE_SCREEN": local[1], "AGENT_JUDGE_SCREEN_KEY": authority}


# --- Finding it -------------------------------------------------------------------------------


def _candidates() -> list[Path]:
    found = [Path(path) for command in _COMMANDS if (path := shutil.which(command))]
    found += [Path(path) for path in _MAC_APPLICATIONS if Path(path).exists()]
    for pattern in _PLAYWRIGHT_DOWNLOADS:
        found += sorted(_playwright_folder().glob(pattern), reverse=True)
    return found


def _playwright_folder() -> Path:
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen and chosen != "0":
        return Path(chosen)
    caches = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return caches / "ms-playwright"


def _behind_script(path: Path) -> Path:
    """Distributions start the browser by a script that needs a shell; inside the sandbox there is none."""
    real = path.resolve()
    if not _is_script(real):
        return real
    beside = [real.parent / "chrome", real.parent / "chromium"]
    for binary in (*beside, *map(Path, _BEHIND_A_SCRIPT)):
        if binary.is_file() and not _is_script(binary):
            return binary
    return real


def _is_script(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


@cache
def _distribution() -> str:
    release = Path("/etc/os-release")
    if not release.exists():
        return ""
    names = dict(line.split("=", 1) for line in release.read_text().splitlines() if "=" in line)
    return names.get("ID", "").strip('"')


# --- The box around it ------------------------------------------------------------------------


def _wrapper(chromium: Path) -> Path:
    """Writes the script that Playwright starts in place of the browser; its name is its content's digest."""
    bubblewrap = shutil.which("bwrap")
    if not bubblewrap:
        raise MissingRequirement("bubblewrap is not installed; install it with: sudo apt-get install -y bubblewrap")
    text = _script(bubblewrap, chromium)
    folder = cache_folder() / "chromium"
    folder.mkdir(parents=True, exist_ok=True)
    wrapper = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.sh"
    if not wrapper.exists():
        fresh = folder / f"{uuid4().hex}.tmp"
        fresh.write_text(text)
        fresh.chmod(0o700)
        fresh.replace(wrapper)
    return wrapper


def _script(bubblewrap: str, chromium: Path) -> str:
    box = shlex.join([bubblewrap, *_box(chromium)])
    return f"""#!/bin/sh
# Starts Chromium in its box. AGENT_JUDGE_NETWORK: closed, joined (that of the process AGENT_JUDGE_JOIN) or open.
# AGENT_JUDGE_SCREEN: the number of the X screen that it shows its window on, opened by AGENT_JUDGE_SCREEN_KEY.
ulimit -c 0
ulimit -d {_DATA_MIB * 1024}
network=--unshare-net
enter=
if [ -n "$AGENT_JUDGE_SCREEN" ]; then
  screen="/tmp/.X11-unix/X$AGENT_JUDGE_SCREEN"
  set -- --ro-bind "$screen" "$screen" --setenv DISPLAY ":$AGENT_JUDGE_SCREEN" \\
    --ro-bind-try "$AGENT_JUDGE_SCREEN_KEY" {_SCREEN_KEY} --setenv XAUTHORITY {_SCREEN_KEY} \\
    -- {shlex.quote(str(chromium))} "$@"
else
  set -- -- {shlex.quote(str(chromium))} "$@"
fi
case "$AGENT_JUDGE_NETWORK" in
  open) network="--share-net --ro-bind-try /etc/resolv.conf /etc/resolv.conf --ro-bind-try /etc/hosts /etc/hosts" ;;
  joined)
    network=--share-net
    enter="nsenter --target $AGENT_JUDGE_JOIN --net"
    if [ "$(readlink /proc/self/ns/user)" != "$(readlink "/proc/$AGENT_JUDGE_JOIN/ns/user")" ]; then
      enter="$enter --user --preserve-credentials"
    fi ;;
esac
exec $enter {box} $network "$@"
"""


def _bound(folder: Path) -> list[str]:
    """Lets the box see the browser's own folder, or refuses where that would show it other things."""
    if is_shared(folder):
        raise MissingRequirement(f"the browser lies straight in {folder}, which no box may see: move it to a folder "
                                 f"of its own, or install one with: {install_command()}")  # fmt: skip
    return ["--ro-bind", str(folder), str(folder)]


def _box(chromium: Path) -> list[str]:
    home = "/home/judge"
    arguments = ["--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox"]
    arguments += ["--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"]
    for name, value in {"HOME": home, "PATH": "/usr/bin", "LANG": "C.UTF-8", "TZ": "UTC"}.items():
        arguments += ["--setenv", name, value]
    for path in _RUNTIME:
        arguments += ["--ro-bind-try", path, path]
    for link in map(Path, _ROOT_LINKS):
        if link.is_symlink():
            arguments += ["--symlink", str(link.readlink()), str(link)]
        else:
            arguments += ["--ro-bind-try", str(link), str(link)]
    if not chromium.is_relative_to("/usr/lib"):
        arguments += _bound(chromium.parent)
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    arguments += ["--size", str(_SHARED_MIB * _MIB), "--tmpfs", "/dev/shm"]
    arguments += ["--size", str(_TEMPORARY_MIB * _MIB), "--tmpfs", "/tmp"]
    arguments += ["--size", str(_TEMPORARY_MIB * _MIB), "--tmpfs", "/home", "--dir", home]
    return arguments
