"""What was asked, and what was answered."""

from __future__ import annotations

import hashlib

from pydantic import Field

from agent_judge.schema.base import Model, digest_of


class Task(Model):
    """A prompt given to models."""

    id: str
    instruction: str
    category: str = ""


class Answer(Model):
    """What one model replied, raw."""

    task_id: str
    response: str
    model: str = ""


class Solution(Model):
    """Runnable files made from an Answer, or given as files.

    ``problem`` is set when nothing can be run ("the answer holds no code"): it is
    the solution's own fault, launching it gives ``build_failed`` with this reason.
    """

    environment: str
    language: str
    entry: str
    files: dict[str, bytes] = Field(default_factory=dict)
    """Relative POSIX path to content. Never absolute, never with ``..``."""
    dependencies: tuple[str, ...] = ()
    """Packages that the solution asks for, as the language's package manager names them."""
    url: str = ""
    """Address of something that is running already; then there are no files."""
    problem: str = ""

    @property
    def digest(self) -> str:
        """Content digest: equal for solutions that run the same."""
        files = {path: hashlib.sha256(data).hexdigest() for path, data in self.files.items()}
        return digest_of(
            [self.environment, self.language, self.entry, files, sorted(self.dependencies), self.url, self.problem]
        )


class SolutionSummary(Model):
    """A Solution without its files."""

    environment: str
    language: str
    digest: str
    entry: str = ""
    files: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    url: str = ""

    @classmethod
    def of(cls, solution: Solution) -> SolutionSummary:
        """Leaves the files' content out."""
        return cls(
            environment=solution.environment,
            language=solution.language,
            digest=solution.digest,
            entry=solution.entry,
            files=tuple(sorted(solution.files)),
            dependencies=solution.dependencies,
            url=solution.url,
        )
