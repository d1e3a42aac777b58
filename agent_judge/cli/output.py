"""What commands print: tables for people, JSON for machines, never both on standard output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent_judge.errors import BadInput
from agent_judge.schema import AuditResult, CompareResult, Leaderboard, ReplayResult, StepOutcome

JsonOption = Annotated[
    str, typer.Option("--json", metavar="FILE", help="Write the result as JSON; - is standard output.")
]

_OUTCOME_STYLES: dict[StepOutcome, str] = {
    "done": "green",
    "no_effect": "yellow",
    "not_found": "magenta",
    "crashed": "red",
    "driver_error": "blue",
}
_SEVERITY_STYLES = {"info": "dim", "minor": "", "major": "yellow", "critical": "red"}


class Output:
    """Where a command's words go."""

    def __init__(self, json: str = "") -> None:
        """Sends what people read to standard error when standard output carries JSON."""
        self._json = json
        self.console = Console(stderr=json == "-", highlight=False)

    def say(self, line: str) -> None:
        """Prints a line with rich markup."""
        self.console.print(line, soft_wrap=True)

    def result(self, result: BaseModel) -> None:
        """Writes the machine-readable result where ``--json`` says.

        Raises:
            BadInput: The file cannot be written.
        """
        if not self._json:
            return
        text = result.model_dump_json(indent=2) + "\n"
        if self._json == "-":
            sys.stdout.write(text)
            return
        try:
            Path(self._json).write_text(text, encoding="utf-8")
        except OSError as error:
            raise BadInput(f"--json {self._json}: cannot be written: {error.strerror}") from error

    def leaderboard(self, leaderboard: Leaderboard) -> None:
        """Prints ratings, intervals and rank ranges."""
        table = Table("rank", "model", "rating", "95 % interval", "rank range", "battles", title="Leaderboard")
        for line in leaderboard.models:
            ranks = (
                f"{line.rank_lower}-{line.rank_upper}" if line.rank_lower != line.rank_upper else f"{line.rank_lower}"
            )
            interval = f"{line.lower:.0f} to {line.upper:.0f}"
            table.add_row(str(line.rank), escape(line.model), f"{line.rating:.0f}", interval, ranks, str(line.battles))
        self.console.print(table)
        for note in leaderboard.notes:
            self.say(f"[dim]note: {escape(note)}[/dim]")

    def comparison(self, comparison: CompareResult) -> None:
        """Prints the verdict, why, and how each side did by criterion."""
        verdict = comparison.verdict
        words = {"A": "A is better", "B": "B is better", "tie": "A tie", "both_bad": "Both are bad"}
        sure = f"strength {verdict.strength:.2f}, confidence {verdict.confidence:.2f}"
        self.say(f"[bold]{words[verdict.winner]}[/bold] ({sure})")
        self.say(escape(verdict.rationale))
        table = Table("criterion", "weight", "A", "B", "why")
        for criterion in verdict.criteria:
            table.add_row(
                criterion.criterion,
                f"{criterion.weight:.2f}",
                f"{criterion.a:.2f}",
                f"{criterion.b:.2f}",
                escape(criterion.message),
            )
        self.console.print(table)

    def audit(self, audit: AuditResult) -> None:
        """Prints how the launch went and what was found, worst first."""
        launch = audit.launch
        self.say(
            f"[bold]{escape(audit.solution.environment)}[/bold] ({escape(audit.solution.language or 'any language')}): "
            f"{launch.outcome} after {launch.seconds:.1f} s{escape(f': {launch.reason}' if launch.reason else '')}"
        )
        if not audit.findings:
            self.say("nothing found")
        for finding in audit.findings:
            style = _SEVERITY_STYLES[finding.severity]
            steps = f" [dim]({escape(', '.join(finding.steps))})[/dim]" if finding.steps else ""
            self.say(
                f"{_styled(finding.severity, style)} {escape(finding.criterion)}: {escape(finding.message)}{steps}"
            )

    def replayed(self, result: ReplayResult) -> None:
        """Prints every step with its outcome."""
        if result.launch.outcome not in ("ready", "finished"):
            self.say(f"[red]{result.launch.outcome}[/red]: {escape(result.launch.reason)}")
        for step in result.steps:
            found = f" on {escape(step.grounding.element)} ({step.grounding.score:.2f})" if step.grounding else ""
            reason = f": {escape(step.reason)}" if step.reason else ""
            outcome = _styled(f"{step.outcome:<12}", _OUTCOME_STYLES[step.outcome])
            self.say(f"{step.index:>3} {outcome} {step.do} {escape(step.intent)}{found}{reason}")
        self.say("[green]completed[/green]" if result.completed else "[yellow]not completed[/yellow]")


def _styled(text: str, style: str) -> str:
    return f"[{style}]{text}[/{style}]" if style else text
