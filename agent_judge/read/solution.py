"""A file, a folder or an address that a user names becomes a Solution."""

from __future__ import annotations

import os
import re
from pathlib import Path

from agent_judge.errors import BadInput
from agent_judge.read.answer import solution_from_answer
from agent_judge.read.dependencies import dependencies_of
from agent_judge.read.environment import load_environments
from agent_judge.read.recognise import recognise
from agent_judge.read.source import source_files
from agent_judge.schema import Solution

MAX_MEGABYTES = 20
"""Total size of a solution's files."""
MAX_FILES = 2000

_SKIPPED_FOLDERS = {"node_modules", ".git", "__pycache__", ".venv", "venv", ".next", ".svelte-kit", ".idea", ".vscode"}
_ANSWER_SUFFIXES = {".md", ".markdown", ".txt"}


def solution_from_path(source: str | Path) -> Solution:
    """Reads a Solution from a file, a folder, or the address of something that runs already.

    A Markdown file is read as a model's answer; any other file is the program itself.

    Raises:
        BadInput: It is missing, empty, too large, not text where text is needed, climbs out of its folder,
            or holds nothing that can be started.
    """
    if isinstance(source, str) and re.match(r"^https?://", source, re.IGNORECASE):
        return _from_url(source)
    path = Path(source)
    try:
        return _from_path(path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from error


def _from_path(path: Path) -> Solution:
    if path.is_dir():
        return _from_folder(path)
    if not path.exists():
        raise BadInput(f"{path}: no such file or folder")
    if not path.is_file():
        raise BadInput(f"{path}: neither a file nor a folder")
    return _from_file(path)


def _from_url(url: str) -> Solution:
    if not re.match(r"^https?://[^\s/]+", url, re.IGNORECASE):
        raise BadInput(f"{url}: not an address that can be opened")
    return Solution(environment="url", language="", entry="", url=url)


def _from_file(path: Path) -> Solution:
    _check_name(path)
    size = path.stat().st_size
    if size > MAX_MEGABYTES * 1_000_000:
        raise BadInput(f"{path}: {size / 1e6:.1f} MB is too large, at most {MAX_MEGABYTES} MB")
    content = _content(path)
    if not content.strip():
        raise BadInput(f"{path}: the file is empty")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: not UTF-8 text (byte {error.start})") from error
    if path.suffix.lower() in _ANSWER_SUFFIXES:
        return solution_from_answer(text)
    return _from_files({path.name: content}, path)


def _from_folder(folder: Path) -> Solution:
    files = _files_in(folder)
    if not files:
        raise BadInput(f"{folder}: the folder is empty")
    return _from_files(files, folder)


def _files_in(folder: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    root = folder.resolve()
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS)
        for name in [*folders, *sorted(names)]:
            _check_entry(Path(parent, name), root)
        for name in sorted(names):
            path = Path(parent, name)
            if not path.is_file():
                continue
            total += path.stat().st_size
            if total > MAX_MEGABYTES * 1_000_000:
                raise BadInput(f"{folder}: the files are too large, at most {MAX_MEGABYTES} MB in all")
            if len(files) >= MAX_FILES:
                raise BadInput(f"{folder}: more than {MAX_FILES} files")
            files[path.relative_to(folder).as_posix()] = _content(path)
    return files


def _refuse(error: OSError) -> None:
    raise BadInput(f"{error.filename}: cannot be read: {error.strerror}") from error


def _check_name(path: Path) -> None:
    try:
        path.name.encode()
    except UnicodeEncodeError as error:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        raise BadInput(f"{shown}: the name of this file is not UTF-8; rename it") from error


def _check_entry(path: Path, root: Path) -> None:
    """Refuses names that are not text, and links that lead round or out of the folder."""
    _check_name(path)
    if not path.is_symlink():
        return
    try:
        inside = path.resolve(strict=True).is_relative_to(root)
    except FileNotFoundError:
        inside = path.resolve().is_relative_to(root)
    except (OSError, RuntimeError) as error:  # Which of them a loop is depends on Python's version.
        raise BadInput(f"{path}: this link leads round in a circle") from error
    if not inside:
        raise BadInput(f"{path}: this link leads out of the solution's folder")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from error


def _nothing_to_start(where: Path, problem: str) -> str:
    """Says of the user's own file or folder what :func:`recognise` says of an answer."""
    what = problem.replace("the answer", "the folder" if where.is_dir() else "the file")
    if not where.is_dir():
        return f"{where}: nothing in it can be started: {what}"
    plain = [
        [name for name in one.recognise.entries if not set("*/") & set(name)] for one in load_environments().values()
    ]
    names = dict.fromkeys(names[0] for names in plain if names)
    return f"{where}: nothing in it can be started: {what}; looked for {', '.join(names)} and the like"


def _from_files(files: dict[str, bytes], where: Path) -> Solution:
    found = recognise(files)
    if found.problem:
        raise BadInput(_nothing_to_start(where, found.problem))
    return Solution(
        environment=found.environment,
        language=found.language,
        entry=found.entry,
        files=files,
        dependencies=dependencies_of(source_files(files), found.language),
    )
