"""How far two engines, or two tables, lie apart: a strip of points for each family."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from radpred.errors import InputError
from radpred.report.figures.drawing.canvas import (
    DEFAULT,
    SMALL,
    TEXT,
    drawn,
    panel,
    quiet,
    sheet,
    shortened,
)
from radpred.report.figures.drawing.palette import Palette
from radpred.report.words.names import FAMILIES, plain_name
from radpred.report.words.numbers import counted
from radpred.table.columns import parse_name

_WIDTH = 640
_LEFT, _RIGHT, _HEAD, _FOOT, _ROW, _LINE = 178, 20, 58, 50, 42, 34
# Powers of ten: a float64 tells apart no less than the first; equal values stand at the second.
_LEAST, _IDENTICAL = -16.0, -17.5
_MOST_POINTS = 1000


@drawn
def difference_strip(
    rows: pd.DataFrame,
    *,
    tolerance: float,
    names: tuple[str, str],
    n_named: int = 5,
    colours: Palette = DEFAULT,
) -> Figure:
    """Draw the relative difference of every value, by family, and name the largest ones.

    Parameters
    ----------
    rows : DataFrame
        As of ``radpred.table.compare.compare_tables``.
    tolerance : float
        Values that differ by more are drawn in another colour, right of a line.
    names : (str, str)
        What the two sides are.
    n_named : int
        How many of the largest differences are named below the plot.
    colours : Palette
        The roles' colours.
    """
    points = _points(rows, tolerance)
    families = [f for f in (*FAMILIES, "other") if (points["family"] == f).any()]
    ranked = points.sort_values("relative_difference", ascending=False, kind="stable")
    # Of a feature that differs in many cases, the worst says enough.
    largest = ranked[ranked["relative_difference"] > 0].drop_duplicates("column").head(n_named)
    foot = _FOOT + _LINE * len(largest)
    figure = sheet(_HEAD + _ROW * max(1, len(families)) + foot, width=_WIDTH)
    axes = panel(figure, left=_LEFT, right=_RIGHT, top=_HEAD, bottom=foot)
    line = float(_place(np.array([tolerance]))[0])
    right = max(line + 2.5, points["x"].max() + 0.8 if len(points) else 0)
    bottom = max(1, len(families)) - 0.5
    axes.set(xlim=(_IDENTICAL - 0.7, right), ylim=(bottom, -0.5), yticks=[])
    quiet(axes, colours, grid="x")
    for y, family in enumerate(families):
        part = points[points["family"] == family]
        _strip(axes, y, part, colours)
        _row_name(axes, y, FAMILIES.get(family, family), len(part), colours)
    _scale(axes, right)
    _line(axes, line, tolerance, colours)
    _title(axes, names, colours)
    for rank, (_, worst) in enumerate(largest.iterrows(), start=1):
        _mark(axes, (worst["x"], families.index(worst["family"])), rank, worst, colours)
        _name(figure, foot - _FOOT - _LINE * (rank - 1), rank, worst, colours)
    return figure


def _points(rows: pd.DataFrame, tolerance: float) -> pd.DataFrame:
    """Return the values that both sides have, with their place on the axis and their family."""
    both = rows[rows["relative_difference"].notna()].copy()
    families = {name: _family(name) for name in both["column"].unique()}
    both["family"] = both["column"].map(families)
    difference = both["relative_difference"].to_numpy(dtype=float)
    both["x"] = _place(difference)
    both["differs"] = difference > tolerance
    return both


def _place(difference: np.ndarray) -> np.ndarray:
    """Return where on the axis of powers of ten differences stand."""
    with np.errstate(divide="ignore"):
        power = np.clip(np.log10(difference), _LEAST, 2.0)
    return np.where(difference > 0, power, _IDENTICAL)


def _family(name: str) -> str:
    """Return the family of a column, ``other`` for one that is no feature's."""
    try:
        family = parse_name(name).family
    except InputError:
        return "other"
    return family if family in FAMILIES else "other"


def _strip(axes: Axes, y: int, part: pd.DataFrame, colours: Palette) -> None:
    """Draw the values of one family; of very many, those that differ most and some of the rest."""
    ranked = part.sort_values("relative_difference", ascending=False)
    if len(ranked) > _MOST_POINTS:
        half = _MOST_POINTS // 2
        places = np.linspace(half, len(ranked) - 1, half).astype(int)
        ranked = ranked.iloc[[*range(half), *places]]
    aside = (np.arange(len(ranked)) * 0.618) % 1 - 0.5  # even, and the same every time
    for differs in (False, True):
        shown = (ranked["differs"] == differs).to_numpy()
        axes.plot(
            ranked["x"].to_numpy()[shown],
            y + 0.42 * aside[shown],
            "o",
            ms=4,
            mew=0,
            alpha=0.55,
            color=_colour(differs, colours),
        )


def _colour(differs: bool, colours: Palette) -> str:
    """Return the colour of a value."""
    return colours.bad if differs else colours.accent


def _row_name(axes: Axes, y: int, name: str, n_values: int, colours: Palette) -> None:
    """Write the family, and how many values of it both sides have, left of its strip."""
    place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    style: dict[str, Any] = {"ha": "left", "va": "center", "fontsize": SMALL}
    left = 8 - _LEFT
    axes.annotate(name, (0, y), (left, 7), color=colours.ink, **place, **style)
    count = counted(n_values, "value")
    axes.annotate(count, (0, y), (left, -8), color=colours.muted, **place, **style)


def _scale(axes: Axes, right: float) -> None:
    """Label the axis with powers of ten, and with the place of values that are identical."""
    powers = [p for p in range(-15, int(np.floor(right)) + 1) if p % 3 == 0]
    axes.xaxis.set_major_locator(FixedLocator([_IDENTICAL, *powers]))

    def text(power: float, _: int) -> str:
        return "none" if power == _IDENTICAL else f"$\\mathdefault{{10^{{{power:.0f}}}}}$"

    axes.xaxis.set_major_formatter(FuncFormatter(text))
    axes.set_xlabel("Difference, as a part of the larger value")


def _line(axes: Axes, x: float, tolerance: float, colours: Palette) -> None:
    """Draw the tolerance, and say which side of it is which."""
    axes.axvline(x, color=colours.muted, linewidth=1, linestyle=(0, (4, 3)))
    place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    style: dict[str, Any] = {"fontsize": SMALL, "va": "center", "color": colours.muted}
    within = f"equal within {tolerance:g} \u2190"
    axes.annotate(within, (x, 1), (-5, 9), ha="right", **place, **style)
    axes.annotate("\u2192 different", (x, 1), (5, 9), ha="left", **place, **style)


def _title(axes: Axes, names: tuple[str, str], colours: Palette) -> None:
    """Say above the plot what is compared."""
    axes.annotate(
        f"{names[0]} and {names[1]}",
        (0, 1),
        (8 - _LEFT, 40),
        xycoords="axes fraction",
        textcoords="offset points",
        va="center",
        fontsize=TEXT,
        weight="bold",
        color=colours.ink,
    )


def _mark(axes: Axes, place: tuple[float, int], rank: int, worst: Any, colours: Palette) -> None:
    """Write a number beside a point, above and below in turn."""
    style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": SMALL, "weight": "bold"}
    axes.annotate(
        str(rank),
        place,
        (0, 13 if rank % 2 else -14),
        textcoords="offset points",
        color=_colour(worst["differs"], colours),
        **style,
    )


def _name(figure: Figure, height: float, rank: int, worst: Any, colours: Palette) -> None:
    """Write which value a number in the plot stands for, and what either side says."""
    tall = 72 * figure.get_figheight()
    name = plain_name(worst["column"])
    style: dict[str, Any] = {"fontsize": SMALL, "va": "center", "ha": "left"}
    edge = (8 / _WIDTH, 24 / _WIDTH)
    figure.text(edge[0], (height - 4) / tall, str(rank), weight="bold", color=colours.ink, **style)
    what = shortened(f"{FAMILIES.get(worst['family'], '')}: {name}", room=_WIDTH - 40)
    figure.text(edge[1], (height - 4) / tall, what, color=colours.ink, **style)
    values = f"case {worst['case_id']}: {worst['a']:.10g} and {worst['b']:.10g}"
    figure.text(edge[1], (height - 18) / tall, values, color=colours.muted, **style)
