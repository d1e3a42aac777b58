"""``report.html``: everything about a run in one page that opens from disk, with no network."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

import jinja2

from agent_judge.report.data import decisions_data, evidence_data, index_data
from agent_judge.report.embed import script_hash, script_json
from agent_judge.report.material import Material, left_out, read_material, supported_share, total_cost
from agent_judge.report.pictures import Pictures
from agent_judge.report.standings import certainty_matrix, slices, standings, win_matrix
from agent_judge.store import write_atomically

_ASSETS = Path(__file__).parent / "assets"
_SCRIPTS = ("dom.js", "data.js", "parts.js", "verdict.js", "use.js", "battle.js", "lists.js", "viewer.js", "app.js")
_STYLES = ("base.css", "overview.css", "battle.css", "print.css")
_METHODS = {
    "bradley-terry": "Bradley–Terry ratings on the Elo scale",
    "davidson": "Bradley–Terry ratings with Davidson's ties, on the Elo scale",
    "rao-kupper": "Bradley–Terry ratings with Rao and Kupper's ties, on the Elo scale",
    "elo": "Online Elo ratings",
    "win-rate": "Win rates against the baseline",
}


def write_report(run_folder: Path) -> Path:
    """Writes a run's ``report.html`` beside its files.

    Args:
        run_folder: Holds ``run.json``; verdicts, leaderboard and evidence are told as far as they are there.

    Returns:
        The path of the report.

    Raises:
        BadInput: It is not a run folder, or one of its files cannot be read.
    """
    material = read_material(run_folder)
    place = run_folder / "report.html"
    write_atomically(place, render_report(material))
    return place


def render_report(material: Material) -> str:
    """The whole page."""
    pictures = Pictures(material.folder / "evidence")
    board = material.leaderboard
    index = script_json(index_data(material, pictures))
    evidence = {key: script_json(evidence_data(found, pictures)) for key, found in material.evidence.items()}
    script, theme = _joined("js", _SCRIPTS), _joined("js", ("theme.js",))
    return _environment().get_template("report.html.j2").render(
        run=material.run,
        created=_readable_date(material.run.created),
        notes=left_out(material),
        cost=total_cost(material.pairs, material.evidence.values()),
        supported=supported_share(material.pairs),
        pairs=material.pairs,
        entries=material.run.entries,
        evidence_count=len(material.evidence),
        step_count=sum(len(t.steps) for found in material.evidence.values() for t in found.trajectories),
        method_words=_METHODS.get(board.method, board.method) if board else "",
        # A comparison of two is its verdict: ratings by one battle would tell nothing more.
        boards=[standings(group) for group in (board, *board.groups)] if board and len(material.pairs) > 1 else [],
        matrix=win_matrix(board, material.pairs) if board else [],
        certainty=certainty_matrix(board) if board else [],
        slices=slices(board) if board else {},
        styles=_joined("css", _STYLES),
        script=script,
        script_hash=script_hash(script),
        theme=theme,
        theme_hash=script_hash(theme),
        index=index,
        decisions=[script_json(decisions_data(pair)) for pair in material.pairs],
        evidence=evidence,
        thumbnails=pictures.thumbnails(),
    )  # fmt: skip


def _joined(folder: str, names: tuple[str, ...]) -> str:
    return "\n".join((_ASSETS / folder / name).read_text(encoding="utf-8").strip() for name in names)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_ASSETS), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def _readable_date(moment: str) -> str:
    try:
        return datetime.fromisoformat(moment).strftime("%-d %B %Y, %H:%M UTC")
    except ValueError:
        return moment
