"""The languages that answers are written in, as data (``dialects.toml``), and how to tell which one it is."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Literal

from agent_judge.schema import Model

Role = Literal["code", "style", "data", "shell", "document"]

_DATA = Path(__file__).with_name("dialects.toml")
_FENCE_WEIGHT = 5
"""What the name after the fence counts for, against the signs in the code."""
_TELLING_LENGTH = 50_000
"""As much of the code, in characters, is looked at."""
_LEAST_WEIGHT = 3
"""Code with fewer signs than this is in no language that we know."""

_TYPE_SIGNS = re.compile(
    r"^[ \t]*(?:export\s+)?(?:declare\s+)?(?:interface\s+\w+[^{;=]*\{|type\s+\w+(?:<[^>=]*>)?\s*=|enum\s+\w+\s*\{)"
    r"|^[ \t]*import\s+type\b|\bimport\s*\{\s*type\s"
    r"|[\w)\]?]\s*:\s*(?:string|number|boolean|void|any|unknown|never|Promise<|Array<|Record<|Map<|Set<|React\.\w)"
    r"(?:\[\])*\s*(?:[,;)=|}{>\w]|$)"
    r"|\b(?:useState|useRef|useReducer|useMemo|useCallback|useContext|createContext|ref|reactive|defineProps)<"
    r"|\bas\s+(?:const|any|unknown|string|number|HTML\w*Element|keyof)\b"
    r"|^[ \t]*(?:private|public|protected|readonly)\s+(?:readonly\s+)?\w+\s*[:?(=]"
    r"|\)\s*:\s*[A-Z]\w*(?:<[^>\n]*>)?(?:\[\])?\s*(?:=>|\{)"
    r"|\b(?:new\s+)?(?:Map|Set|Array|Promise)<\w[^>\n]*>\s*\("
    r"|^[ \t]*(?:const|let|var)\s+\w+\s*:\s*[A-Za-z]",
    re.MULTILINE,
)
_COMMENT = re.compile(r"/\*[\s\S]*?\*/|^[ \t]*(?://|\*).*$", re.MULTILINE)
_TYPED = {"javascript": "typescript", "jsx": "tsx"}
_UNTYPED = {typed: plain for plain, typed in _TYPED.items()}


class Dialect(Model):
    """One way of writing code: JSX and JavaScript are two dialects of one language."""

    name: str
    title: str
    language: str
    fences: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    file: str
    role: Role = "code"
    signs: tuple[tuple[int, str], ...] = ()
    asked: str = ""
    """Regular expression: an instruction that matches asks for it."""

    def weight(self, code: str) -> int:
        """How much in the code speaks for this dialect."""
        return sum(weight for weight, sign in self.signs if _compiled(sign).search(code))


@cache
def _compiled(sign: str) -> re.Pattern[str]:
    return re.compile(sign, re.MULTILINE)


@cache
def dialects() -> dict[str, Dialect]:
    """Every dialect, by name."""
    found = {}
    for name, table in tomllib.loads(_DATA.read_text(encoding="utf-8")).items():
        extension = table.get("extensions", [".txt"])[0]
        found[name] = Dialect.model_validate(
            {"name": name, "language": name, "file": f"main{extension}", **table},
        )
    return found


@cache
def _by_fence() -> dict[str, Dialect]:
    return {fence: dialect for dialect in dialects().values() for fence in dialect.fences}


@cache
def _by_extension() -> dict[str, Dialect]:
    return {extension: dialect for dialect in dialects().values() for extension in dialect.extensions}


def dialect_of_fence(tag: str) -> Dialect | None:
    """The dialect that a fence's name says, if we know it."""
    return _by_fence().get(tag.lower().removeprefix(".").removeprefix("language-"))


def dialect_of_path(path: str) -> Dialect | None:
    """The dialect that a file's extension says, if we know it."""
    return _by_extension().get(PurePosixPath(path).suffix.lower())


def dialect_of_code(code: str, said: Dialect | None = None) -> Dialect | None:
    """Tells the dialect from the code itself.

    Args:
        code: The code.
        said: What the fence says; it holds unless the code speaks clearly for another.

    Returns:
        ``None`` when nothing speaks for any dialect: prose, most likely.
    """
    if said and said.role != "code":
        return said
    code = code[:_TELLING_LENGTH]
    weights = {name: dialect.weight(code) for name, dialect in dialects().items()}
    if said:
        plain = _UNTYPED.get(said.name, said.name)
        weights[plain] = weights.get(plain, 0) + _FENCE_WEIGHT
    best = max(weights, key=lambda name: weights[name])
    if weights[best] < _LEAST_WEIGHT:
        return None
    if best == "javascript" and weights["jsx"] >= dialects()["jsx"].signs[0][0]:
        best = "jsx"
    typed = best in _TYPED and ((said is not None and said.name in _UNTYPED) or has_types(code))
    return dialects()[_TYPED[best] if typed else best]


def has_types(code: str) -> bool:
    """Whether JavaScript has TypeScript's syntax in it."""
    return bool(_TYPE_SIGNS.search(_COMMENT.sub("", code[:_TELLING_LENGTH])))
