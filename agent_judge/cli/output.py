"""What commands print: tables for people, JSON for machines, never both on standard output."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent_judge.drive.agent import AgentConfig
from agent_judge.errors import BadInput
from agent_judge.judge import Estimate
from agent_judge.schema import (
    AuditResult,
    CompareResult,
    Cost,
    Leaderboard,
    ReplayedStep,
    ReplayResult,
    StepOutcome,
    Totals,
    Verdict,
)
from agent_judge.schema.cost import together
from agent_judge.wording import counted

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
        """Sends what people read to standard error when standard output carries JSON.

        Raises:
            BadInput: The file for JSON cannot be written; better told before the work than after it.
        """
        if json not in ("", "-"):
            _refuse_unwritable(Path(json))
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
        self._voices(verdict)
        used = (*comparison.evidence.A.trajectories, *comparison.evidence.B.trajectories)
        driven = together(tuple(trajectory.cost for trajectory in used))
        if driven.input_tokens or driven.output_tokens:
            self.say(f"cost of using them: {_cost(driven)}; {driven.seconds:.1f} s")

    def _voices(self, verdict: Verdict) -> None:
        """Prints who voted what, which claims the evidence does not bear out, and what asking cost."""
        for vote in verdict.votes:
            said = f"round {vote.round}, " if any(other.round > 1 for other in verdict.votes) else ""
            self.say(f"{escape(vote.voter)}: {said}{vote.winner} (confidence {vote.confidence:.2f})")
        if verdict.position_bias:
            self.say("position bias: shown in the other order, the judge decided differently")
        if verdict.supported is not None:
            borne_out = sum(claim.supported for claim in verdict.claims)
            self.say(f"{borne_out} of {counted(len(verdict.claims), 'claim')} borne out by the evidence")
        for claim in verdict.claims:
            if not claim.supported:
                self.say(f"[dim]does not count: {escape(claim.message)} ({escape(claim.problem)})[/dim]")
        if verdict.cost.input_tokens or verdict.cost.output_tokens:
            self.say(f"cost: {_cost(verdict.cost)}; {verdict.cost.seconds:.1f} s")

    def totals(self, totals: Totals) -> None:
        """Prints what judging came to in a run: verdicts, those that are missing and why, and what was paid."""
        missing = sum(totals.no_verdicts.values())
        why = "; ".join(f"{number} × {reason}" for reason, number in totals.no_verdicts.items())
        parts = [counted(totals.verdicts, "verdict")]
        parts += [f"{missing} missing ({escape(why)})"] if missing else []
        parts += [f"{totals.position_bias} with position bias"] if totals.position_bias else []
        asked = totals.paid.input_tokens or totals.paid.output_tokens
        paid = f"paid: {_cost(totals.paid)}; {totals.paid.seconds:.0f} s of answers" if asked else "no model was asked"
        self.say(f"{', '.join(parts)}; {paid}")

    def estimate(self, cost: Estimate, driver: str = "", chooser: str = "") -> None:
        """Prints what judging would send and cost, and that models that use programs are not in it."""
        self.say(f"requests       {cost.requests:>12,}")
        self.say(f"prompt tokens  {cost.prompt_tokens:>12,}  of them images {cost.image_tokens:,}")
        for name, dollars in (("expected", cost.usd_expected), ("at most", cost.usd_at_most)):
            self.say(f"{name:<14} {f'{dollars:,.2f} US dollars' if dollars is not None else 'price not known':>12}")
        if driver:
            most = f"it stops after {AgentConfig().usd:g} US dollars for each use of a program"
            self.say(f"not in it: {escape(driver)} as the driver ({most}); the programs were used without it")
        if chooser:
            self.say(
                f"not in it: {escape(chooser)} as the chooser (a request or two for each step that rules leave open)"
            )
        self.say("nothing was sent")

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
            outcome = _styled(f"{step.outcome:<12}", _OUTCOME_STYLES[step.outcome])
            self.say(f"{step.index:>3} {outcome} {escape(_step_in_words(step))}")
        self.say("[green]completed[/green]" if result.completed else "[yellow]not completed[/yellow]")


def _step_in_words(step: ReplayedStep) -> str:
    """What was done, what for, how well the element fits, and why it did not work."""
    sure = f"match {step.grounding.score:.2f}" if step.grounding and step.grounding.score < 1 else ""
    notes = "; ".join(note for note in (step.intent, sure) if note)
    reason = step.reason.removeprefix(f"{step.detail}: ")
    return (step.detail or step.do) + (f" ({notes})" if notes else "") + (f": {reason}" if reason else "")


def _refuse_unwritable(file: Path) -> None:
    if file.is_dir():
        raise BadInput(f"--json {file}: is a folder; give the file to write, or - for standard output")
    if not file.parent.is_dir():
        raise BadInput(f"--json {file}: there is no folder {file.parent}")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise BadInput(f"--json {file}: cannot be written: Permission denied")


def _cost(cost: Cost) -> str:
    price = f"{cost.usd:.4f} US dollars" if cost.usd is not None else "price not known"
    return (
        f"{price}; {cost.input_tokens:,} tokens in, {cost.cached_tokens:,} from the cache, {cost.output_tokens:,} out"
    )


def _styled(text: str, style: str) -> str:
    return f"[{style}]{text}[/{style}]" if style else text
