"""The file name that an answer gives to a block: in the fence, in its first line, or in the line above."""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePosixPath

from agent_judge.read.blocks import Block
from agent_judge.read.dialects import dialect_of_fence, dialect_of_path, dialects

_SPECIAL = r"Dockerfile|Makefile|Procfile|\.env|\.gitignore|Cargo\.toml|go\.mod"
_EXTRA = ("txt", "svg", "sh", "lock", "wasm", "vert", "frag", "cfg")
_COMMENT = re.compile(
    r"^\s*(?://+|#+(?!!)|<!--|/\*+|--|%%|;+|\{/\*|\"\"\")\s*(?P<text>.*?)\s*(?:-->|\*/\}?|\"\"\")?\s*$"
)
_LABEL = re.compile(r"^(?:file(?:\s*name)?|path|filename|filepath|save\s+(?:this\s+)?as)\s*[:=]?\s*", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"\b(?:title|file|filename|filepath|path|name)\s*[=:]\s*[\"']?(?P<path>[^\"'\s}]+)", re.IGNORECASE
)


@cache
def _path_pattern() -> str:
    extensions = {e[1:] for dialect in dialects().values() for e in dialect.extensions} | set(_EXTRA)
    endings = "|".join(sorted(map(re.escape, extensions), key=len, reverse=True))
    folders = r"(?:\.{0,2}/)?(?:[\w@()\[\]+-][\w.@()\[\]+-]*/)*"
    return rf"(?:{folders}(?:[\w@\[\]+-][\w.@()\[\]+-]*\.(?:{endings})|{_SPECIAL}))"


def name_of(block: Block) -> str:
    """The relative path that the answer gives to a block; empty when it gives none."""
    for candidate in (_from_info(block.info), _from_first_line(block), _from_lead(block)):
        if candidate:
            return candidate
    return ""


def tag_of(block: Block) -> str:
    """The name after the fence, in lower case: ``tsx`` of "```tsx src/App.tsx"."""
    words = re.split(r"[\s:{,]", block.info.strip(), maxsplit=1)
    tag = words[0].lower() if words else ""
    if dialect_of_fence(tag) is None:
        by_path = dialect_of_path(tag)
        return by_path.fences[0] if by_path and by_path.fences else tag
    return tag


def _from_info(info: str) -> str:
    attribute = _ATTRIBUTE.search(info)
    if attribute:
        return _clean(attribute["path"])
    for word in re.split(r"[\s:{},]+", info):
        if re.fullmatch(_path_pattern(), word, re.IGNORECASE):
            return _clean(word)
    return ""


def _from_first_line(block: Block) -> str:
    first = block.code.lstrip("\n").split("\n", 1)[0]
    comment = _COMMENT.match(first)
    if comment is None:
        return ""
    text = _LABEL.sub("", comment["text"]).strip("`*\"'[] -=")
    match = re.match(rf"^(?P<path>{_path_pattern()})(?:\s*(?:[-–—(:,].*)?)?$", text, re.IGNORECASE)
    return _fitting(match["path"], block) if match else ""


def _from_lead(block: Block) -> str:
    """A heading or a sentence that names exactly one file, of the block's own kind."""
    lead = block.lead
    if not lead or len(lead) > 200:
        return ""
    marked = re.findall(rf"[`*\"'(\[]+({_path_pattern()})[`*\"')\]:]+", lead, re.IGNORECASE)
    plain = re.findall(rf"(?<![\w/.])({_path_pattern()})(?![\w/])", lead, re.IGNORECASE)
    heading = bool(re.match(r"^(?:#{1,6}\s|\*\*|__|\d+[.)]\s|[-*]\s|`)", lead)) or lead.endswith(":") or len(lead) < 50
    names = list(dict.fromkeys(marked)) or (list(dict.fromkeys(plain)) if heading else [])
    return _fitting(names[0], block) if len(names) == 1 else ""


def _fitting(path: str, block: Block) -> str:
    """The path, unless the fence says that the block is something else (a command that runs the file, say)."""
    said = dialect_of_fence(tag_of(block))
    named = dialect_of_path(path)
    if said and named and not _same_kind(said.name, named.name):
        return ""
    if said and said.role == "shell" and (named is None or named.role != "shell"):
        return ""
    return _clean(path)


def _same_kind(said: str, named: str) -> bool:
    script = {"javascript", "typescript", "jsx", "tsx", "vue"}
    page = {"html", "svg", "vue", "template", "xml"}
    groups = (script, page, {"css", "scss"}, {"c", "cpp"}, {"text", "markdown", "toml", "json", "yaml"})
    return said == named or any(said in group and named in group for group in groups)


def _clean(path: str) -> str:
    """A relative path; one that climbs out keeps only its last part."""
    parts = [part for part in PurePosixPath(path.strip().strip("`*\"'")).parts if part not in ("/", ".")]
    if ".." in parts:
        return parts[-1] if parts[-1] != ".." else ""
    return "/".join(parts)
