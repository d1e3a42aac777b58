"""Answers that are not markdown at first sight: thinking aloud, files in tags, one JSON object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_THINKING = re.compile(r"\A\s*<(think|thinking|reasoning)>[\s\S]*?</\1>", re.IGNORECASE)
_FILE_TAG = re.compile(
    r"<(?P<tag>file|boltAction|antArtifact|lov-write|dyad-write|create_file|write_file)\b(?P<attributes>[^>]{0,2000})>"
    r"\s*?\n?(?P<code>(?:(?!<(?P=tag)\b)[\s\S])*?)</(?P=tag)>"
)
_PATH_ATTRIBUTE = re.compile(r"\b(?:path|filePath|file_path|filename|name)=[\"'](?P<path>[^\"']+)[\"']")
_INNER_FENCE = re.compile(r"\A\s*```[^\n]*\n(?P<code>[\s\S]*?)\n```\s*\Z")
_PATH_KEYS = ("file_path", "path", "filename", "file", "name")
_CODE_KEYS = ("code", "content", "contents")
_DEPENDENCY_KEYS = ("additional_dependencies", "dependencies")


def unwrapped(text: str) -> str:
    """The answer as markdown with fenced blocks, whatever it was wrapped in; other answers as they are."""
    text = _THINKING.sub("", text)
    return _from_json(text) or _FILE_TAG.sub(_fenced_tag, text)


def _fenced_tag(match: re.Match[str]) -> str:
    path = _PATH_ATTRIBUTE.search(match["attributes"])
    if path is None and match["tag"] != "antArtifact":
        return match[0]
    return "\n" + _fenced(match["code"], path["path"] if path else "") + "\n"


def _fenced(code: str, path: str = "") -> str:
    inner = _INNER_FENCE.match(code)
    code = inner["code"] if inner else code.strip("\n")
    longest = max((len(run) for run in re.findall(r"^\s*(`{3,})", code, re.MULTILINE)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{f' title={path}' if path else ''}\n{code}\n{fence}"


def _from_json(text: str) -> str:
    """Markdown made from ``{"code": ...}`` or ``{"files": ...}``; empty when the answer is no such object."""
    if not text.lstrip().startswith("{"):
        return ""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, dict):
        return ""
    blocks = [_fenced(code, path) for path, code in _files_of(answer)]
    if not blocks:
        return ""
    wanted = [name for key in _DEPENDENCY_KEYS for name in _words(answer.get(key))]
    command = answer.get("install_dependencies_command")
    lines = [f"npm install {' '.join(wanted)}" if wanted else "", command if isinstance(command, str) else ""]
    return "\n\n".join([*lines, *blocks])


def _files_of(answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    files = answer.get("files")
    if isinstance(files, dict):
        yield from ((path, code) for path, code in files.items() if isinstance(code, str))
    for entry in [answer, *(files if isinstance(files, list) else [])]:
        code = _first_text(entry, _CODE_KEYS) if isinstance(entry, dict) else ""
        if code:
            yield _first_text(entry, _PATH_KEYS), code


def _first_text(entry: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((entry[key] for key in keys if isinstance(entry.get(key), str)), "")


def _words(value: Any) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, (list, dict)) else []
