"""The swarm: what each feature did in each case, coloured by the feature's value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from radpred.report.figures.drawing.canvas import (
    DEFAULT,
    SMALL,
    drawn,
    panel,
    quiet,
    row_label,
    sheet,
    true_minus,
)
from radpred.report.figures.drawing.palette import Palette, mixed
from radpred.report.words.names import plain_name
from radpred.report.words.numbers import known

_N_TONES = 7
_LOW, _MIDDLE, _HIGH = "#2f7fc1", "#a59aa8", "#d9641e"  # readable on white and on black
_NO_TONE = "#8c979f"
_ROW = 50
_HEAD, _FOOT = 30, 46


@drawn
def beeswarm(
    explanation: Mapping[str, Any],
    *,
    n_features: int = 12,
    unit: str = "log-odds",
    moved: str = "the risk",
    colours: Palette = DEFAULT,
) -> Figure:
    """Draw each case's contribution of the leading features, coloured by the feature's value.

    Parameters
    ----------
    explanation : mapping
        ``features`` with ``name`` in falling order of ``mean_abs``, and ``cases`` with
        ``contributions`` of ``name``, ``value`` (or None), ``shap`` (log-odds).
    n_features : int
        How many features to draw.
    unit : str
        What contributions are measured in.
    moved : str
        What they lower and raise.
    colours : Palette
        The roles' colours.

    Returns
    -------
    matplotlib.figure.Figure
        One row a feature; blue is a low value of the feature, orange a high one, grey a missing
        value or one without order.
    """
    names = [feature["name"] for feature in explanation["features"][:n_features]]
    values, shap = _contributions(explanation["cases"], names)
    figure = sheet(_ROW * len(names) + _HEAD + _FOOT)
    axes = panel(figure, left=4, right=4, top=_HEAD, bottom=_FOOT)
    width = max(float(np.abs(shap[np.isfinite(shap)]).max(initial=0.0)), 0.05) * 1.06
    axes.set(ylim=(len(names), 0), yticks=[], xlim=(-width, width))
    quiet(axes, colours, grid="x")
    tones = np.full(shap.shape, -1)
    heights = np.full(shap.shape, np.nan)
    for row, name in enumerate(names):
        heights[row] = row + 0.7 + _stacked(shap[row] / width) / _ROW
        tones[row] = _tones(values[row])
        axes.plot([0, 0], [row + 0.42, row + 0.98], color=colours.muted, linewidth=1)
        row_label(axes, row + 0.22, plain_name(name), colours=colours)
    for tone in range(-1, _N_TONES):
        is_tone = tones == tone
        axes.plot(shap[is_tone], heights[is_tone], "o", color=_tone(tone), ms=4.6, mew=0)
    true_minus(axes.xaxis)
    _directions(axes, colours, unit=unit, moved=moved)
    _tone_key(figure, colours)
    return figure


def _contributions(
    cases: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return original values and contributions, shape (features, cases), NaN where absent."""
    values = np.full((len(names), len(cases)), np.nan)
    shap = np.full((len(names), len(cases)), np.nan)
    place = {name: row for row, name in enumerate(names)}
    for column, case in enumerate(cases):
        for part in case["contributions"]:
            row = place.get(part["name"])
            if row is None:
                continue
            shap[row, column] = part["shap"]
            if known(part["value"]):
                values[row, column] = part["value"]
    return values, shap


def _stacked(x: np.ndarray, *, n_bins: int = 84, step: float = 3.4, most: float = 11) -> np.ndarray:
    """Return how far each point steps aside, in pixels, so that points do not hide each other."""
    bins = np.round(np.nan_to_num(x) * n_bins / 2).astype(int)
    aside = np.zeros(len(x))
    for place in np.unique(bins):
        inside = np.flatnonzero(bins == place)
        turn = np.arange(len(inside))
        steps = step * ((turn + 1) // 2) * np.where(turn % 2, 1, -1)
        aside[inside] = steps * min(1.0, most / max(1.0, np.abs(steps).max()))
    return aside


def _tones(values: np.ndarray) -> np.ndarray:
    """Return the tone of each value by its rank, 0 lowest; -1 for a missing value."""
    tones = np.full(len(values), -1)
    present = np.isfinite(values)
    distinct, place = np.unique(values[present], return_inverse=True)
    if len(distinct) > 1:
        counts = np.bincount(place)
        middle = (np.cumsum(counts) - counts / 2) / counts.sum()
        tones[present] = np.minimum(_N_TONES - 1, middle * _N_TONES).astype(int)[place]
    return tones


def _tone(tone: int) -> str:
    """Return the colour of a tone, from blue (low) over grey to orange (high)."""
    if tone < 0:
        return _NO_TONE
    share = tone / (_N_TONES - 1)
    if share <= 0.5:
        return mixed(_MIDDLE, _LOW, share=2 * share)
    return mixed(_HIGH, _MIDDLE, share=2 * share - 1)


def _directions(axes: Axes, colours: Palette, *, unit: str, moved: str) -> None:
    """Say below the axis which way a risk is moved."""
    below: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    style: dict[str, Any] = {"fontsize": SMALL, "va": "center", "weight": "bold"}
    ends = ((0, "left", f"\u2190 lowers {moved}"), (1, "right", f"raises {moved} \u2192"))
    for x, side, text in ends:
        axes.annotate(text, (x, 0), (0, -34), color=colours.muted, ha=side, **below, **style)
    middle: dict[str, Any] = {
        "color": colours.muted,
        "ha": "center",
        "va": "center",
        "fontsize": SMALL,
    }
    axes.annotate(f"contribution ({unit})", (0.5, 0), (0, -34), **below, **middle)


def _tone_key(figure: Figure, colours: Palette) -> None:
    """Draw the key of the feature values above the swarm."""
    height, width = 72 * figure.get_figheight(), 72 * figure.get_figwidth()
    key = panel(figure, left=0, right=0, top=0, bottom=height - 18)
    key.set(xlim=(0, width), ylim=(0, 18))
    key.axis("off")
    style: dict[str, Any] = {"color": colours.muted, "fontsize": SMALL, "va": "center"}
    key.text(4, 9, "Value:  low", **style)
    for tone in range(_N_TONES):
        key.plot([82 + 11 * tone], [9], "o", color=_tone(tone), ms=6.5, mew=0)
    key.text(84 + 11 * _N_TONES, 9, "high", **style)
    key.plot([width - 160], [9], "o", color=_NO_TONE, ms=6.5, mew=0)
    key.text(width - 4, 9, "missing or unordered", ha="right", **style)
