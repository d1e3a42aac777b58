"""Leaderboards as JSON, CSV, Markdown and LaTeX."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

from agent_judge.errors import BadInput
from agent_judge.schema import Leaderboard, ModelRating
from agent_judge.wording import counted

_COLUMNS = ("rank", "rank_lower", "rank_upper", "model", "rating", "lower", "upper", "battles", "wins", "losses")
_LATEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"\n": " ", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
)


def write_leaderboard(board: Leaderboard, path: Path) -> None:
    """Writes a leaderboard in the format that the file's name asks for.

    Raises:
        BadInput: The name ends in none of ``.json``, ``.csv``, ``.md``, ``.tex``, or cannot be written.
    """
    render = FORMATS.get(path.suffix.lower())
    if render is None:
        raise BadInput(f"{path}: cannot tell the format; end the name in {', '.join(FORMATS)}")
    try:
        path.write_text(render(board), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror}") from error


def to_json(board: Leaderboard) -> str:
    """All there is to know."""
    return board.model_dump_json(indent=2) + "\n"


def to_csv(board: Leaderboard) -> str:
    """One line per model and slice; the column ``slice`` is ``all`` or like ``category=game``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("slice", "group", *_COLUMNS, "few", "slice_too_few"))
    for name, part in _parts(board):
        for group, one in enumerate((part, *part.groups), 1):
            for row in one.models:
                values = (getattr(row, column) for column in _COLUMNS)
                writer.writerow((name, group, *values, int(row.few), int(one.too_few)))
    return out.getvalue()


def to_markdown(board: Leaderboard) -> str:
    """A table with what must be known below it, then one per slice."""
    lines = []
    for name, part in _parts(board):
        if name != "all":
            few = ", too few to trust" if part.too_few else ""
            lines += [f"### {_cell(name)} ({counted(part.battles, 'battle')}{few})", ""]
        for one in (part, *part.groups):
            lines += ["| rank | model | rating | 95 % interval | battles |", "| --- | --- | ---: | ---: | ---: |"]
            lines += [
                f"| {_ranks(row, '–')} | {_cell(row.model)} | {row.rating:.0f} | {row.lower:.0f} to {row.upper:.0f} "
                f"| {row.battles}{' (few)' if row.few else ''} |"
                for row in one.models
            ]
            lines.append("")
        lines += [f"- {note}" for note in part.notes] + ([""] if part.notes else [])
    return "\n".join(lines).rstrip() + "\n"


def to_latex(board: Leaderboard) -> str:
    """One ``tabular`` per leaderboard and slice, for the package booktabs; what is too few is marked."""
    blocks = []
    for name, part in _parts(board):
        for one in (part, *part.groups):
            rows = [
                f"{_ranks(row, '--')} & {row.model.translate(_LATEX)} & {row.rating:.0f} & "
                f"$[{row.lower:.0f}, {row.upper:.0f}]$ & {row.battles}{' (few)' if row.few else ''} \\\\"
                for row in one.models
            ]
            what = f"{name}: {counted(one.battles, 'battle')}{', too few to trust' if one.too_few else ''}"
            blocks.append(
                "\n".join(
                    [
                        f"% intervals by {one.interval}",
                        r"\begin{tabular}{clrcr}",
                        r"\toprule",
                        rf"\multicolumn{{5}}{{l}}{{{what.translate(_LATEX)}}} \\",
                        r"\midrule",
                        r"Rank & Model & Rating & 95\,\% interval & Battles \\",
                        r"\midrule",
                        *rows,
                        r"\bottomrule",
                        r"\end{tabular}",
                    ]
                )
            )
    return "\n\n".join(blocks) + "\n"


FORMATS: dict[str, Callable[[Leaderboard], str]] = {
    ".json": to_json,
    ".csv": to_csv,
    ".md": to_markdown,
    ".tex": to_latex,
}
"""What a name may end in, and how that is written."""


def _parts(board: Leaderboard) -> Iterator[tuple[str, Leaderboard]]:
    """The whole, then its slices."""
    yield "all", board
    for column, parts in board.slices.items():
        for value, part in parts.items():
            yield f"{column}={value}", part


def _ranks(row: ModelRating, dash: str) -> str:
    """The rank, and its range where that is wider: ``2 (1-3)``."""
    if row.rank_lower == row.rank_upper:
        return str(row.rank)
    return f"{row.rank} ({row.rank_lower}{dash}{row.rank_upper})"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
