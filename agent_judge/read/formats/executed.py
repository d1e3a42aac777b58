"""Programs as arenas that execute code tell of them: the reply, the code that ran, and in what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent_judge.read.answer import solution_from_answer
from agent_judge.schema import Solution

_FENCES = {
    "react": "tsx", "vue": "vue", "html": "html", "core web": "html", "svg": "svg", "mermaid": "mermaid",
    "javascript code interpreter": "javascript", "javascript runner": "javascript",
}  # fmt: skip


def reply_of(messages: Any) -> str:
    """The last reply: ``content`` is the text itself, or holds it as ``answer``, or as parts with a ``text``."""
    told = messages if isinstance(messages, (list, tuple)) else ()
    replies = [m for m in told if isinstance(m, Mapping) and m.get("role") in (None, "assistant", "model")]
    if not replies:
        return ""
    content = replies[-1].get("content")
    if isinstance(content, Mapping):
        content = content.get("answer") or content.get("text")
    if isinstance(content, Sequence) and not isinstance(content, str):
        content = "".join(str(part.get("text") or "") for part in content if isinstance(part, Mapping))
    return str(content or "")


def dependency_names(given: Any) -> tuple[str, ...]:
    """A list of names, or a pair of lists (Python, npm), or an object of such lists; anything else names none."""
    if isinstance(given, Mapping):
        return tuple(name for part in given.values() for name in dependency_names(part))
    if isinstance(given, str):
        return tuple(given.split())
    if not isinstance(given, (list, tuple)):
        return ()
    return tuple(
        name for part in given for name in (dependency_names(part) if isinstance(part, (list, tuple)) else (str(part),))
    )


def executed_solution(
    answer: str, code: str, environment: str, dependencies: Sequence[str], instruction: str = ""
) -> Solution:
    """Makes it runnable: from the code that was executed where that is told, else from the reply."""
    if not code.strip():
        return solution_from_answer(answer, instruction)
    fence = _FENCES.get(environment.lower(), "python")
    found = solution_from_answer(f"```{fence}\n{code.strip()}\n```", f"{instruction} {environment}")
    return found.model_copy(update={"dependencies": tuple(sorted({*found.dependencies, *dependencies}))})
