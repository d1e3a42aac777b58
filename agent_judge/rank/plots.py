"""Pictures of a leaderboard: ratings with intervals, the win matrix, ranks as battles came in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from agent_judge.schema import Leaderboard
from agent_judge.wording import counted

_INK, _QUIET, _GRID, _ACCENT = "#1f2328", "#59636e", "#d8dee4", "#0b63ce"
_LINES = ("#0b63ce", "#b54708", "#1a7f37", "#8250df", "#bf3989", "#0e7490", "#9a6700", "#cf222e", "#57606a", "#2f5d00")
_MOST_CELLS_WITH_TEXT = 20
_FORMATS = ("svg", "png")


def plot_ratings(board: Leaderboard) -> Figure:
    """A dot and its 95 % interval per model, best on top."""
    models = board.models
    figure, axes = _canvas(7.2, 0.9 + 0.3 * max(len(models), 2))
    y = np.arange(len(models))
    for i, row in enumerate(models):
        axes.plot([row.lower, row.upper], [i, i], color=_ACCENT, linewidth=2.2, solid_capstyle="butt", alpha=0.55)
        axes.plot(row.rating, i, "o", color=_ACCENT, markersize=6, fillstyle="none" if row.few else "full")
        axes.annotate(
            f"{row.rating:.0f}",
            (row.upper, i),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=_QUIET,
            fontsize=8,
        )
    axes.set_yticks(y, [row.model for row in models])
    axes.set_ylim(len(models) - 0.4, -0.6)
    axes.set_xlabel(_scale_name(board))
    axes.margins(x=0.12)
    axes.grid(axis="x", color=_GRID, linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    return figure


def plot_win_matrix(board: Leaderboard) -> Figure:
    """Share of battles that the row won against the column, ties as half; grey where they never met."""
    names = [row.model for row in board.models]
    shares = np.array([[board.win_rates.get(a, {}).get(b, np.nan) for b in names] for a in names])
    side = 1.8 + 0.5 * max(len(names), 3)
    figure, axes = _canvas(side + 0.9, side)
    axes.set_facecolor("#eaeef2")
    colours = mpl.colormaps["RdBu"].copy()
    image = axes.imshow(shares, cmap=colours, vmin=0, vmax=1)
    if len(names) <= _MOST_CELLS_WITH_TEXT:
        for i, j in zip(*np.nonzero(np.isfinite(shares)), strict=True):
            strong = abs(shares[i, j] - 0.5) > 0.3
            axes.text(
                j,
                i,
                f"{100 * shares[i, j]:.0f}",
                ha="center",
                va="center",
                fontsize=8,
                color="white" if strong else _INK,
            )
    axes.set_xticks(np.arange(len(names)), names, rotation=40, ha="left", rotation_mode="anchor")
    axes.xaxis.tick_top()
    axes.set_yticks(np.arange(len(names)), names)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    bar = figure.colorbar(image, ax=axes, shrink=0.7, label="share that the row won")
    bar.outline.set_visible(False)
    return figure


def plot_rank_history(history: Sequence[Leaderboard]) -> Figure:
    """Rank of each model, with its range, against the number of battles; see ``rank_history``."""
    final = [row.model for row in history[-1].models]
    figure, axes = _canvas(7.6, 1.4 + 0.32 * max(len(final), 4))
    for i, model in enumerate(final):
        points = [(board.battles, row) for board in history for row in board.models if row.model == model]
        x = [battles for battles, _ in points]
        colour = _LINES[i % len(_LINES)]
        style = ("-", "--", ":")[i // len(_LINES) % 3]
        axes.fill_between(
            x,
            [row.rank_lower - 0.15 for _, row in points],
            [row.rank_upper + 0.15 for _, row in points],
            color=colour,
            alpha=0.08,
            linewidth=0,
        )
        axes.plot(x, [row.rank for _, row in points], style, color=colour, linewidth=1.8, marker="o", markersize=3)
        axes.annotate(
            model,
            (x[-1], points[-1][1].rank),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=8,
        )
    axes.set_ylim(len(final) + 0.6, 0.4)
    axes.set_yticks(np.arange(1, len(final) + 1, max(1, len(final) // 20)))
    axes.set_xlabel("battles")
    axes.set_ylabel("rank")
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    return figure


def plot_agreement(people: Leaderboard, judge: Leaderboard, names: tuple[str, str] = ("people", "judge")) -> Figure:
    """Two leaderboards against each other: one dot per model, with both intervals."""
    other = {row.model: row for row in judge.models}
    both = [(row, other[row.model]) for row in people.models if row.model in other]
    figure, axes = _canvas(6.2, 5.6)
    for first, second in both:
        axes.plot([first.lower, first.upper], [second.rating] * 2, color=_ACCENT, alpha=0.3, linewidth=1.6)
        axes.plot([first.rating] * 2, [second.lower, second.upper], color=_ACCENT, alpha=0.3, linewidth=1.6)
        axes.plot(first.rating, second.rating, "o", color=_ACCENT, markersize=5)
        axes.annotate(
            first.model,
            (first.rating, second.rating),
            xytext=(6, 5),
            textcoords="offset points",
            fontsize=8,
            color=_INK,
        )
    axes.axline((1000, 1000), slope=1, color=_QUIET, linewidth=0.9, linestyle=(0, (4, 4)), zorder=0)
    axes.set_xlabel(f"rating by {names[0]}")
    axes.set_ylabel(f"rating by {names[1]}")
    axes.margins(0.12)
    axes.grid(color=_GRID, linewidth=0.8)
    return figure


def save_figure(figure: Figure, path: Path) -> list[Path]:
    """Writes a picture as SVG (text stays text) and as PNG; ``path`` has no suffix."""
    written = []
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "agent-judge"}):
        for kind in _FORMATS:
            file = path.with_name(f"{path.name}.{kind}")
            metadata = {"Date": None} if kind == "svg" else None
            figure.savefig(file, dpi=160, bbox_inches="tight", pad_inches=0.1, metadata=metadata)
            written.append(file)
    return written


def save_plots(board: Leaderboard, folder: Path, history: Sequence[Leaderboard] = ()) -> list[Path]:
    """Writes pictures of a leaderboard and of its slices, each as SVG and PNG.

    ``ratings`` and ``win-matrix`` of the whole; the same of every slice, as ``win-matrix-category-game``; with a
    history, ``rank-history``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = save_figure(plot_ratings(board), folder / "ratings")
    written += save_figure(plot_win_matrix(board), folder / "win-matrix")
    if history:
        written += save_figure(plot_rank_history(history), folder / "rank-history")
    for column, parts in board.slices.items():
        for name, (value, part) in zip(_file_names(column, parts), parts.items(), strict=True):
            few = ", too few to trust" if part.too_few else ""
            title = f"{column}: {value}, {counted(part.battles, 'battle')}{few}"
            written += save_figure(_titled(plot_ratings(part), title), folder / f"ratings-{name}")
            written += save_figure(_titled(plot_win_matrix(part), title), folder / f"win-matrix-{name}")
    return written


def _file_names(column: str, values: Iterable[str]) -> list[str]:
    """One for each slice; values that differ only in what a file name cannot hold are numbered."""
    names: list[str] = []
    for value in values:
        plain = f"{column}-{re.sub(r'[^0-9A-Za-z_.+]+', '-', value).strip('-.')}"[:80]
        same = sum(name == plain or name.startswith(f"{plain}~") for name in names)
        names.append(f"{plain}~{same + 1}" if same else plain)
    return names


def _titled(figure: Figure, title: str) -> Figure:
    figure.suptitle(title, x=0.01, ha="left", fontsize=10, color=_INK, parse_math=False)
    return figure


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_QUIET)
    axes.tick_params(colors=_INK, labelsize=9)
    axes.xaxis.label.set_color(_QUIET)
    axes.yaxis.label.set_color(_QUIET)
    axes.set_axisbelow(True)
    return figure, axes


def _scale_name(board: Leaderboard) -> str:
    name = "percent of battles won" if board.method == "win-rate" else "rating (Elo scale)"
    return f"{name}, 95 % intervals by {board.interval}"
