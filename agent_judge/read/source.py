"""One file of code: its language, what it imports, what its text matches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import PurePosixPath

from agent_judge.read.dialects import Dialect, dialect_of_code, dialect_of_path, dialects, has_types
from agent_judge.read.imports import imports_of

_SUPPORTING = re.compile(
    r"(?:^|/)(?:tests?|__tests__|node_modules|\.git)/|(?:^|/)test_|[._](?:test|spec)\.|\.config\.[cm]?[jt]s$|\.d\.ts$"
)
_TYPED_SCRIPT = re.compile(r"<script\b[^>]*\blang=[\"']tsx?[\"']")


@dataclass(frozen=True)
class SourceFile:
    """A text file of a solution."""

    path: str
    code: str
    fence: str = ""
    """The name after the fence that it came from, in lower case."""

    @property
    def suffix(self) -> str:
        """Its extension, with the dot, in lower case."""
        return PurePosixPath(self.path).suffix.lower()

    @cached_property
    def dialect(self) -> Dialect | None:
        """What its name says it is written in, else what its content says."""
        by_path = dialect_of_path(self.path)
        if by_path and by_path.name == "javascript" and has_types(self.code):
            by_content = dialect_of_code(self.code, by_path)
            return by_content if by_content and by_content.language == "typescript" else by_path
        if by_path and by_path.name == "c" and self.suffix == ".h":
            return dialects()["cpp"] if "class " in self.code or "std::" in self.code else by_path
        return by_path or (None if self.suffix else dialect_of_code(self.code))

    @cached_property
    def language(self) -> str:
        """The language as environments list it; empty when it is none that we know."""
        if self.dialect is None:
            return ""
        if self.dialect.name == "vue" and _TYPED_SCRIPT.search(self.code):
            return "typescript"
        return self.dialect.language

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """Modules and packages that it imports, as written."""
        return imports_of(self.dialect.name if self.dialect else "", self.code)

    def imports_package(self, name: str) -> bool:
        """Whether it imports a package, or a module of it."""
        separators = (f"{name}.", f"{name}/")
        return any(module == name or module.startswith(separators) for module in self.imports)

    def matches(self, pattern: str) -> bool:
        """Whether its text matches a regular expression (multi-line mode)."""
        return bool(_compiled(pattern).search(self.code))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


def source_files(files: Mapping[str, bytes], fences: Mapping[str, str] | None = None) -> list[SourceFile]:
    """The text files of a solution's program; tests and the build's own configuration are left out."""
    found = []
    for path, content in files.items():
        try:
            code = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
        found.append(SourceFile(path, code, (fences or {}).get(path, "")))
    return [file for file in found if not is_supporting(file.path)] or found


def is_supporting(path: str) -> bool:
    """Whether a file is a test or the build's own configuration, not part of the program."""
    return bool(_SUPPORTING.search(path))
