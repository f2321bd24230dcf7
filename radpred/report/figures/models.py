"""All models in one picture: a row a model, a column a metric, every mark with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

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
    true_minus,
)
from radpred.report.figures.drawing.palette import Palette
from radpred.report.words.numbers import Interval, number, percent, signed

_WIDTH = 640
_LEFT, _GAP, _RIGHT, _HEAD, _FOOT, _ROW = 168, 18, 10, 30, 42, 44


@dataclass(frozen=True)
class _Column:
    """How a metric is called, what its axis says, where a line stands, and how far it may reach."""

    title: str
    says: str
    line: float | None = None
    farthest: float = np.inf


_COLUMNS = {
    "auroc": _Column("AUROC", "chance is 0.5", 0.5),
    "average_precision": _Column("Average precision", "higher is better"),
    "brier": _Column("Brier score", "lower is better"),
    "log_loss": _Column("Log loss", "lower is better"),
    "calibration_slope": _Column("Calibration slope", "ideal is 1", 1.0, farthest=2.5),
    "calibration_intercept": _Column("Calibration intercept", "ideal is 0", 0.0, farthest=2.5),
}


@drawn
def models_plot(
    table: pd.DataFrame,
    *,
    metrics: Sequence[str] = ("auroc", "log_loss", "calibration_slope"),
    reference: str | None = None,
    compared_by: str = "auroc",
    labels: Mapping[str, str] | None = None,
    colours: Palette = DEFAULT,
) -> Figure:
    """Draw every model's metrics with intervals, and its difference to the reference.

    Parameters
    ----------
    table : DataFrame
        As of `radpred.evaluate.compare.compare_models`.
    metrics : sequence of str
        Which of its metrics, from the left; three at most are read with ease.
    reference : str, optional
        The model that the others were held against; drawn as a ring.
    compared_by : str
        The metric whose difference and p-value (Holm's) stand below the name.
    labels : mapping, optional
        Names for readers.
    colours : Palette
        The roles' colours.

    Raises
    ------
    InputError
        A metric is not in the table.
    """
    rows = {(row["metric"], row["model"]): row for row in table.to_dict("records")}
    absent = [name for name in metrics if name not in set(table["metric"])]
    if absent or not len(metrics):
        msg = f"metrics {absent} are not in the table, which has {sorted(set(table['metric']))}"
        raise InputError(msg)
    models = list(dict.fromkeys(table["model"]))
    figure = sheet(_HEAD + _ROW * len(models) + _FOOT, width=_WIDTH)
    wide = (_WIDTH - _LEFT - _RIGHT - _GAP * (len(metrics) - 1)) / len(metrics)
    names = [(labels or {}).get(model, model) for model in models]
    for place, metric in enumerate(metrics):
        left = _LEFT + place * (wide + _GAP)
        margins = {"left": left, "right": _WIDTH - left - wide, "top": _HEAD, "bottom": _FOOT}
        axes = panel(figure, **margins)
        intervals = [_interval(rows[metric, model]) for model in models]
        rings = [model == reference for model in models]
        _column(axes, metric, intervals, rings=rings, colours=colours)
    for row, (model, name) in enumerate(zip(models, names, strict=True)):
        beside = "reference" if model == reference else _beside(rows, compared_by, model)
        _label(figure, row, (name, beside), bold=model == reference, colours=colours)
    if reference is not None:
        _label(figure, len(models), ("", "p by Holm's method"), bold=False, colours=colours)
    return figure


def _interval(row: Mapping[Any, Any]) -> Interval:
    """Return a value of the table with its interval; an end may be infinite."""
    return Interval(value=float(row["value"]), low=float(row["low"]), high=float(row["high"]))


def _column(
    axes: Axes, metric: str, found: list[Interval], *, rings: list[bool], colours: Palette
) -> None:
    """Draw one metric of all models."""
    column = _COLUMNS.get(metric) or _of_benefit(metric)
    low, high = _reach(column, found)
    axes.set(xlim=(low, high), ylim=(len(found), 0), yticks=[])
    dashed: dict[str, Any] = {"color": colours.muted, "linewidth": 1.2, "linestyle": (0, (2, 1.6))}
    for row, (one, is_ring) in enumerate(zip(found, rings, strict=True)):
        if row:
            axes.axhline(row, color=colours.line, linewidth=0.8, zorder=0)
        if column.line is not None:  # beside the marks only, so that it does not cross the text
            axes.plot([column.line] * 2, [row + 0.48, row + 0.94], zorder=1, **dashed)
        _mark(axes, row, one, is_ring=is_ring, colours=colours)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    true_minus(axes.xaxis)
    axes.set_xlabel(column.says)
    axes.set_title(column.title, loc="left", fontsize=TEXT, weight="bold", color=colours.ink)
    quiet(axes, colours, grid="none")


def _mark(axes: Axes, row: int, one: Interval, *, is_ring: bool, colours: Palette) -> None:
    """Draw a value with its interval, an arrow where it leaves the axes, and write it above."""
    middle: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center"}
    text = _written(one)
    axes.text(0.5, row + 0.28, text, ha="center", color=colours.ink, fontsize=SMALL, **middle)
    if not one.is_known:
        return
    y, colour = row + 0.7, colours.muted if is_ring else colours.accent
    left, right = axes.get_xlim()
    ends = [end for end in (one.low, one.high) if not np.isnan(end)]
    axes.plot(np.clip(ends, left, right), [y] * len(ends), color=colour, linewidth=2, zorder=2)
    for end, edge, arrow in ((one.low, left, "<"), (one.high, right, ">")):
        if (end < edge) if arrow == "<" else (end > edge):
            axes.plot([edge], [y], arrow, color=colour, markersize=6, clip_on=False, zorder=2)
    if left <= one.value <= right:
        face = colours.surface if is_ring else colour
        axes.plot([one.value], [y], "o", color=colour, markersize=7, zorder=3, mfc=face, mew=1.8)


def _written(one: Interval) -> str:
    """Return a value with its interval; an infinite end as such, and nothing for an unknown one."""
    if not one.is_known or np.isnan([one.low, one.high]).any():
        return number(one.value)
    infinite = {np.inf: "\u221e", -np.inf: "\u2212\u221e"}
    low, high = (infinite.get(end) or number(end) for end in (one.low, one.high))
    return f"{number(one.value)} ({low} to {high})"


def _reach(column: _Column, found: list[Interval]) -> tuple[float, float]:
    """Return the ends of an axis: what is finite, and not farther than the metric's limit."""
    known = [one for one in found if one.is_known]
    values = [one.value for one in known]
    limit = max([column.farthest, *(1.15 * abs(value) for value in values)])
    ends = [end for one in known for end in (one.low, one.high) if np.isfinite(end)]
    marks = [*values, *ends, *([] if column.line is None else [column.line])] or [0.0, 1.0]
    low, high = np.clip([min(marks), max(marks)], -limit, limit)
    margin = 0.06 * (high - low) or 0.5
    return float(low - margin), float(high + margin)


def _of_benefit(metric: str) -> _Column:
    """Return the column of a net benefit, or of a metric that has no name here."""
    stem, _, at = metric.rpartition("_")
    if stem == "net_benefit":
        return _Column(f"Net benefit at {percent(float(at))}", "treating none is 0", 0.0)
    return _Column(metric.replace("_", " ").capitalize(), "")


def _beside(rows: Mapping[tuple[str, str], Mapping[Any, Any]], metric: str, model: str) -> str:
    """Return the difference to the reference and its p-value, or nothing."""
    row = rows.get((metric, model), {"difference": np.nan})
    if not np.isfinite(row["difference"]):
        return ""
    p = row["p_holm"]
    chance = "" if np.isnan(p) else ", p < 0.001" if p < 0.001 else f", p = {number(p, digits=3)}"
    column = _COLUMNS.get(metric) or _of_benefit(metric)
    return f"{column.title} {signed(row['difference'])}{chance}"


def _label(
    figure: Figure, row: int, words: tuple[str, str], *, bold: bool, colours: Palette
) -> None:
    """Write a model's name, and what sets it apart below it."""
    tall = 72 * figure.get_figheight()
    top = _HEAD + _ROW * row
    style: dict[str, Any] = {"fontsize": SMALL, "va": "center", "ha": "left"}
    name = shortened(words[0], room=_LEFT - 18)
    weight = "bold" if bold else "normal"
    place = 8 / _WIDTH
    figure.text(
        place, 1 - (top + 0.28 * _ROW) / tall, name, color=colours.ink, weight=weight, **style
    )
    below = 1 - (top + 0.7 * _ROW) / tall
    figure.text(place, below, shortened(words[1], room=_LEFT - 18), color=colours.muted, **style)
