"""Figures of prediction sets: is the promise kept, and how often is the answer certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from radpred.report.figures.drawing.canvas import (
    DEFAULT,
    SMALL,
    TEXT,
    drawn,
    key_above,
    panel,
    per_cent,
    quiet,
    sheet,
)
from radpred.report.figures.drawing.palette import Palette
from radpred.report.words.numbers import known, percent, read_interval

_ROW, _HEAD = 26, 24


@drawn
def coverage_plot(
    conformal: Sequence[Mapping[str, Any]],
    *,
    labels: Mapping[Any, str] | None = None,
    what: str = "set",
    colours: Palette = DEFAULT,
) -> Figure:
    """Draw how often the prediction sets held the truth, against the promised level.

    Parameters
    ----------
    conformal : sequence of mapping
        As in ``evaluation["conformal"]``: ``level``, ``class`` (0, 1 or ``"all"``),
        ``coverage`` with its interval, ``expected_sd`` or None.
    labels : mapping, optional
        A name for each class.
    what : str
        What holds the truth: a set, or an interval.
    colours : Palette
        The roles' colours.

    Returns
    -------
    matplotlib.figure.Figure
        A tick at the promise, a shade of twice the expected standard deviation round it.
    """
    levels = _by_level(conformal)
    figure, axes, rows = _rows(levels, labels=labels, left=122, bottom=40, colours=colours)
    lows = [read_interval(row["coverage"]).low for row in conformal]
    left = min([0.7, *(np.floor(low * 20) / 20 for low in lows if np.isfinite(low))])
    axes.set_xlim(left - 0.01, 1.012)
    for y, row in rows:
        _coverage_row(axes, y, row, colours=colours)
    axes.set_xlabel(f"Share of cases whose {what} held the truth")
    per_cent(axes.xaxis)
    return figure


@drawn
def set_shares(
    conformal: Sequence[Mapping[str, Any]],
    *,
    labels: Mapping[Any, str] | None = None,
    colours: Palette = DEFAULT,
) -> Figure:
    """Draw the shares of certain, open and empty answers as bars.

    Parameters
    ----------
    conformal : sequence of mapping
        As in ``evaluation["conformal"]``: ``level``, ``class``, ``singleton``, ``both``, ``empty``.
    labels : mapping, optional
        A name for each class.
    colours : Palette
        The roles' colours.
    """
    levels = _by_level(conformal)
    figure, axes, rows = _rows(levels, labels=labels, left=122, bottom=26, colours=colours, top=24)
    axes.set_xlim(0, 1)
    kinds = (
        ("singleton", "Certain", colours.accent, colours.on_accent),
        ("both", "Could be either", colours.line, colours.ink),
        ("empty", "Typical of neither", colours.caution, colours.on_accent),
    )
    for key, name, colour, ink in kinds:
        axes.barh([-9], [0], color=colour, label=name)
        for y, row in rows:
            start = _start_of(row, key, kinds=tuple(kind[0] for kind in kinds))
            _share(axes, (start, y), row.get(key), colour=colour, ink=ink)
    key_above(axes, colours)
    legend = axes.get_legend()
    if legend is not None:  # the key starts where the names of the rows start
        legend.set_bbox_to_anchor((0, 0.995), transform=figure.transFigure)
        legend.set_loc("upper left")
    per_cent(axes.xaxis)
    return figure


def _by_level(
    conformal: Sequence[Mapping[str, Any]],
) -> dict[float, list[Mapping[str, Any]]]:
    """Return the rows of each level, lowest level first, all classes last."""
    levels: dict[float, list[Mapping[str, Any]]] = {}
    for row in sorted(conformal, key=lambda r: (r["level"], r["class"] == "all", str(r["class"]))):
        levels.setdefault(row["level"], []).append(row)
    return levels


def _rows(
    levels: Mapping[float, Sequence[Mapping[str, Any]]],
    *,
    labels: Mapping[Any, str] | None,
    left: float,
    bottom: float,
    colours: Palette,
    top: float = 6,
) -> tuple[Figure, Axes, list[tuple[float, Mapping[str, Any]]]]:
    """Return axes with one labelled row a class and a heading a level, and each row's height."""
    n_rows = sum(len(rows) for rows in levels.values())
    height = n_rows * _ROW + len(levels) * _HEAD
    figure = sheet(height + top + bottom)
    axes = panel(figure, left=left, right=14, top=top, bottom=bottom)
    axes.set(ylim=(height, 0), yticks=[])
    quiet(axes, colours, grid="x", line="none")
    placed: list[tuple[float, Mapping[str, Any]]] = []
    edge = axes.get_yaxis_transform()
    pixels = 72 * float(figure.get_size_inches()[0]) - left - 14
    y = 0.0
    for level, rows in levels.items():
        head: dict[str, Any] = {
            "color": colours.ink,
            "fontsize": TEXT,
            "weight": "bold",
            "va": "center",
        }
        axes.text(-left / pixels, y + _HEAD / 2, f"Level {percent(level)}", transform=edge, **head)
        y += _HEAD
        for row in rows:
            name = (labels or {}).get(row["class"], str(row["class"]))
            style: dict[str, Any] = {
                "color": colours.muted,
                "fontsize": SMALL,
                "va": "center",
                "ha": "right",
            }
            axes.text(-10 / pixels, y + _ROW / 2, name, transform=edge, **style)
            placed.append((y + _ROW / 2, row))
            y += _ROW
    return figure, axes, placed


def _coverage_row(axes: Axes, y: float, row: Mapping[str, Any], *, colours: Palette) -> None:
    """Draw the promise, the expected spread, and what was found, at height ``y``."""
    level = row["level"]
    if known(row.get("expected_sd")):
        spread = 2 * row["expected_sd"]
        left, right = level - spread, min(1.0, level + spread)
        axes.barh(y, right - left, left=left, height=16, color=colours.ink, alpha=0.09)
    axes.plot([level, level], [y - 9, y + 9], color=colours.ink, linewidth=1.6)
    ci = read_interval(row["coverage"])
    colour = {0: colours.non_event, 1: colours.event}.get(row["class"], colours.muted)
    axes.plot([ci.low, ci.high], [y, y], color=colour, linewidth=2.2)
    axes.plot([ci.value], [y], "o", color=colour, markersize=7.5)


def _start_of(row: Mapping[str, Any], key: str, *, kinds: tuple[str, ...]) -> float:
    """Return where the bar of ``key`` starts: after the kinds before it."""
    before = kinds[: kinds.index(key)]
    return float(sum(row[kind] for kind in before if known(row.get(kind))))


def _share(axes: Axes, place: tuple[float, float], share: Any, *, colour: str, ink: str) -> None:
    """Draw one part of a bar, with its number where there is room for it."""
    if not known(share) or share <= 0:
        return
    start, y = place
    axes.barh(y, share, left=start, height=17, color=colour)
    if share >= 0.1:
        style: dict[str, Any] = {
            "color": ink,
            "fontsize": SMALL,
            "ha": "center",
            "va": "center_baseline",
        }
        axes.text(start + share / 2, y, percent(share), **style)
