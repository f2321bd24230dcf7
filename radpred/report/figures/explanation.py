"""Figures of explanation: which groups carry the answers, and how one case's risk comes about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

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
from radpred.report.figures.drawing.palette import Palette
from radpred.report.words.names import PlainName, group_words, plain_name, value_words
from radpred.report.words.numbers import percent, signed

_ROW = 42
Step = tuple[PlainName, str, float]  # a feature, its value as text, its contribution
_LOW_PROBABILITIES = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45]
_PROBABILITIES = np.array([*_LOW_PROBABILITIES, 0.5, *(1 - p for p in _LOW_PROBABILITIES[::-1])])


@drawn
def group_bars(
    groups: Sequence[Mapping[str, Any]], *, kind: str, limit: int = 7, colours: Palette = DEFAULT
) -> Figure:
    """Draw what share of the contributions each group of features carries.

    Parameters
    ----------
    groups : sequence of mapping
        ``name``, ``mean_abs`` (log-odds), ``share`` (of 1).
    kind : str
        ``family``, ``image``, ``region`` or ``modality``: how names are put in words.
    limit : int
        How many bars to draw; the last sums the groups that have none of their own.
    colours : Palette
        The roles' colours.
    """
    bars = _bars(groups, kind=kind, limit=limit)
    figure = sheet(36 * len(bars) + 2)
    axes = panel(figure, left=1, right=48, top=0, bottom=2)
    most = max(share for _, share in bars) or 1.0
    axes.set(xlim=(0, most), ylim=(len(bars), 0), yticks=[], xticks=[])
    style: dict[str, Any] = {"color": colours.ink, "fontsize": SMALL, "va": "center"}
    for row, (name, share) in enumerate(bars):
        axes.text(0, row + 0.28, name, **style)
        axes.barh(row + 0.72, most, height=0.24, color=colours.line, alpha=0.6)
        axes.barh(row + 0.72, share, height=0.24, color=colours.accent)
        axes.text(most * 1.03, row + 0.72, percent(share), weight="bold", **style)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure


@drawn
def waterfall(
    case: Mapping[str, Any],
    *,
    base_value: float,
    n_features: int = 8,
    is_log_odds: bool = True,
    colours: Palette = DEFAULT,
) -> Figure:
    """Draw how one case's answer comes about, step by step from the average case.

    Parameters
    ----------
    case : mapping
        ``contributions`` of ``name``, ``value`` (or None), ``shap`` (log-odds).
    base_value : float
        Where every case starts, in log-odds.
    n_features : int
        How many features get a step of their own, the largest first; the others share the last.
    colours : Palette
        The roles' colours.
    is_log_odds : bool
        Whether steps are calibrated log-odds, which are risks on another scale; else they are
        parts of the model's score.
    """
    steps = _steps(case["contributions"], n_features=n_features)
    ends = base_value + np.concatenate([[0.0], np.cumsum([step for *_, step in steps])])
    figure = sheet(_ROW * (len(steps) + 2) + 84)
    axes = panel(figure, left=4, right=4, top=44, bottom=40)
    room = 0.24 * max(float(np.ptp(ends)), 0.2)
    limits = (ends.min() - room, ends.max() + room)
    axes.set(xlim=limits, ylim=(len(steps) + 2, 0), yticks=[])
    quiet(axes, colours, grid="x")
    told = [_risk_of(end) if is_log_odds else signed(end) for end in (ends[0], ends[-1])]
    _end(axes, 0, "Start: the average case", ends[0], told=told[0], colours=colours)
    for row, step in enumerate(steps):
        _draw_step(axes, row + 1, step, start=ends[row], colours=colours)
    _end(axes, len(steps) + 1, "This case", ends[-1], told=told[1], colours=colours)
    axes.set_xlabel("Log-odds of the event" if is_log_odds else "Score before calibration")
    true_minus(axes.xaxis)
    if is_log_odds:
        _probability_axis(axes, colours)
    return figure


def _risk_of(log_odds: float) -> str:
    """Return log-odds as a risk in words."""
    return percent(1 / (1 + np.exp(-log_odds)))


def _bars(groups: Sequence[Mapping[str, Any]], *, kind: str, limit: int) -> list[tuple[str, float]]:
    """Return names and shares of the largest groups, the small ones summed."""
    ordered = sorted(groups, key=lambda group: -(group["share"] or 0))
    bars = [(group_words(kind, group["name"]), float(group["share"] or 0)) for group in ordered]
    if len(bars) <= limit:
        return bars
    rest = bars[limit - 1 :]
    return [*bars[: limit - 1], (f"{len(rest)} others", sum(share for _, share in rest))]


def _steps(contributions: Sequence[Mapping[str, Any]], *, n_features: int) -> list[Step]:
    """Return the steps from the start to the answer, the largest first, the small ones summed."""
    ordered = sorted(contributions, key=lambda part: -abs(part["shap"]))
    own, rest = ordered[:n_features], ordered[n_features:]
    if len(rest) == 1:
        own, rest = ordered, []
    steps = [
        (plain_name(part["name"]), f" = {value_words(part['value'])}", float(part["shap"]))
        for part in own
    ]
    if rest:
        name = PlainName(what=f"{len(rest)} other features", where="")
        steps.append((name, "", float(sum(part["shap"] for part in rest))))
    return steps


def _draw_step(axes: Axes, row: int, step: Step, *, start: float, colours: Palette) -> None:
    """Draw one step: its label above, the bar, its size at its end, and the way to the next."""
    name, value, size = step
    end = start + size
    is_up = end >= start
    colour = colours.event if is_up else colours.non_event
    row_label(axes, row + 0.25, name, value=value, colours=colours)
    y = row + 0.7
    axes.barh(y, end - start, left=start, height=0.36, color=colour)
    axes.plot([end, end], [y - 0.18, y + 0.36], color=colour, linewidth=1)
    _beside(axes, (end, y), signed(end - start), is_right=is_up, colour=colour)


def _end(axes: Axes, row: int, words: str, place: float, *, told: str, colours: Palette) -> None:
    """Mark where the case starts or arrives, and tell what that is."""
    style: dict[str, Any] = {
        "color": colours.ink,
        "fontsize": SMALL,
        "va": "center",
        "weight": "bold",
    }
    axes.text(0, row + 0.25, words, transform=axes.get_yaxis_transform(), **style)
    axes.plot([place], [row + 0.7], "o", color=colours.ink, markersize=8)
    _beside(axes, (place, row + 0.7), told, is_right=True, colour=colours.ink, gap=9)


def _beside(
    axes: Axes,
    place: tuple[float, float],
    text: str,
    *,
    is_right: bool,
    colour: str,
    gap: float = 5,
) -> None:
    """Write a number to the right or left of a place."""
    axes.annotate(
        text,
        place,
        xytext=(gap if is_right else -gap, 0),
        textcoords="offset points",
        ha="left" if is_right else "right",
        va="center",
        color=colour,
        fontsize=SMALL,
        weight="bold",
    )


def _probability_axis(axes: Axes, colours: Palette) -> None:
    """Add the same scale as probabilities along the top."""
    low, high = axes.get_xlim()
    places = np.log(_PROBABILITIES / (1 - _PROBABILITIES))
    inside = (places > low + 0.04 * (high - low)) & (places < high - 0.04 * (high - low))
    chosen = _spaced(places[inside], room=(high - low) / 7)
    top = axes.secondary_xaxis("top")
    top.xaxis.set_major_locator(FixedLocator(list(chosen)))
    top.set_xticklabels([f"{round(100 / (1 + np.exp(-place)), 1):g}%" for place in chosen])
    top.spines["top"].set_visible(False)
    top.tick_params(colors=colours.muted, pad=2)
    top.set_xlabel("Risk", color=colours.muted, labelpad=5)


def _spaced(places: np.ndarray, *, room: float) -> np.ndarray:
    """Return the places that lie at least ``room`` apart, from the left."""
    chosen: list[float] = []
    for place in places:
        if not chosen or place - chosen[-1] >= room:
            chosen.append(float(place))
    return np.array(chosen)
