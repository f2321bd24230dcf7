"""Figures of a sweep: areas along an axis, as a table of two axes, or one below the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from radpred.report.figures.drawing.canvas import (
    DEFAULT,
    SMALL,
    drawn,
    key_above,
    panel,
    quiet,
    sheet,
)
from radpred.report.figures.drawing.palette import Palette
from radpred.report.words.numbers import Interval, number, read_interval

Rows = Sequence[Mapping[str, Any]]
_CELL = (96, 52)  # pixels


@drawn
def areas_along(
    rows: Rows, *, reference: str, label: str = "", colours: Palette = DEFAULT
) -> Figure:
    """Draw the AUROC of variants against a number, with intervals.

    Parameters
    ----------
    rows : sequence of mapping
        ``variant``, ``at`` (a number, or None: a line across), ``auroc`` with ``value``,
        ``low`` and ``high``.
    reference : str
        The variant that the others are compared with; it stands apart.
    label : str
        What the axis shows, with its unit.
    colours : Palette
        The roles' colours.
    """
    figure = sheet(330, width=520)
    axes = panel(figure, left=52, right=14, top=34, bottom=42)
    placed = sorted((row for row in rows if row["at"] is not None), key=lambda row: row["at"])
    along = [row for row in placed if row["variant"] != reference]
    axes.axhline(0.5, color=colours.muted, linewidth=1, linestyle=(0, (2, 2)))
    _whiskers(axes, along, colour=colours.accent, label="variants")
    axes.plot(
        [row["at"] for row in along],
        [read_interval(row["auroc"]).value for row in along],
        color=colours.accent,
    )
    _whiskers(
        axes,
        [row for row in placed if row["variant"] == reference],
        colour=colours.ink,
        label=reference,
    )
    dashes = [(0, (5, 2)), (0, (1.5, 1.8)), (0, (3, 1, 1, 1))]
    across = [row for row in rows if row["at"] is None]
    for place, row in enumerate(across):
        area = read_interval(row["auroc"])
        colour = (colours.volume, colours.clinical, colours.muted)[place % 3]
        style: dict[str, Any] = {"linestyle": dashes[place % 3], "linewidth": 1.6}
        axes.axhline(area.value, color=colour, label=row["variant"], **style)
    axes.set(ylim=_limits([read_interval(row["auroc"]) for row in rows]))
    axes.set_xticks([row["at"] for row in placed])
    axes.set_xlabel(label)
    axes.set_ylabel("AUROC")
    quiet(axes, colours, grid="y")
    key_above(axes, colours)
    return figure


def _whiskers(axes: Axes, rows: Rows, *, colour: str, label: str) -> None:
    """Draw areas as dots with their intervals."""
    areas = [read_interval(row["auroc"]) for row in rows]
    x = [row["at"] for row in rows]
    axes.vlines(x, [a.low for a in areas], [a.high for a in areas], color=colour, linewidth=1.4)
    axes.plot(x, [a.value for a in areas], "o", color=colour, markersize=6, label=label)


def _limits(areas: Sequence[Interval]) -> tuple[float, float]:
    """Return the ends of an axis that holds every interval and chance."""
    lows = [end for a in areas for end in (a.low, a.value) if np.isfinite(end)]
    highs = [end for a in areas for end in (a.high, a.value) if np.isfinite(end)]
    low = np.floor(20 * min([0.45, *lows])) / 20
    return float(low), float(min(1.0, np.ceil(20 * max([0.6, *highs])) / 20))


@drawn
def areas_in_grid(rows: Rows, *, axes_names: tuple[str, str], colours: Palette = DEFAULT) -> Figure:
    """Draw the AUROC of variants as a table of two axes, the darker the larger.

    Parameters
    ----------
    rows : sequence of mapping
        ``place`` (the name on each axis) and ``auroc``.
    axes_names : (str, str)
        The axis of the rows, and that of the columns.
    colours : Palette
        The roles' colours.
    """
    down, across = (list(dict.fromkeys(row["place"][axis] for row in rows)) for axis in axes_names)
    width, height = _CELL
    figure = sheet(height * len(down) + 66, width=width * len(across) + 130)
    axes = panel(figure, left=120, right=10, top=50, bottom=16)
    values = np.full((len(down), len(across)), np.nan)
    for row in rows:
        y, x = (
            names.index(row["place"][axis])
            for names, axis in ((down, axes_names[0]), (across, axes_names[1]))
        )
        values[y, x] = read_interval(row["auroc"]).value
    shades = LinearSegmentedColormap.from_list("areas", [colours.surface, colours.accent])
    low, high = float(np.nanmin(values)) - 0.05, float(np.nanmax(values)) + 0.02
    axes.imshow(values, cmap=shades, vmin=low, vmax=high, aspect="auto")
    for row in rows:
        y, x = down.index(row["place"][axes_names[0]]), across.index(row["place"][axes_names[1]])
        is_dark = (values[y, x] - low) / (high - low) > 0.7
        ink = colours.on_accent if is_dark else colours.ink
        area = read_interval(row["auroc"])
        bounds = f"{number(area.low)} to {number(area.high)}"
        text = number(area.value) + (f"\n{bounds}" if area.has_bounds else "")
        axes.text(x, y, text, ha="center", va="center", color=ink, fontsize=SMALL)
    axes.set(xticks=range(len(across)), yticks=range(len(down)))
    axes.set_xticklabels(across)
    axes.set_yticklabels(down)
    axes.xaxis.tick_top()
    axes.tick_params(colors=colours.ink)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure
