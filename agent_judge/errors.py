"""What can go wrong, by whose fault: the input's, the machine's, or our own.

A fault of the program under judgement is never an exception: it is a
:class:`~agent_judge.schema.LaunchReport`, a step's outcome or a finding.
"""

from __future__ import annotations


class AgentJudgeError(Exception):
    """Base of all our errors. The message is one line that tells what to do."""

    exit_code = 1


class BadInput(AgentJudgeError):
    """The user's input cannot be used. The message names what and where (file, line)."""

    exit_code = 2


class MissingRequirement(AgentJudgeError):
    """This machine lacks something. The message names what, and the command that installs it."""

    exit_code = 3


class DriverError(AgentJudgeError):
    """Our own side failed (browser gone, sandbox broken): retried, reported, never the solution's fault."""

    exit_code = 4


class JudgeError(AgentJudgeError):
    """A judge could not answer; there is no verdict."""

    exit_code = 4
