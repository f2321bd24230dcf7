"""Figures of calibration: what was predicted against what was seen, and for how many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from radpred.report.figures.drawing.canvas import (
    DEFAULT,
    SMALL,
    drawn,
    numbers,
    panel,
    per_cent,
    quiet,
    sheet,
)
from radpred.report.figures.drawing.palette import Palette


@drawn
def calibration_plot(
    curve: Mapping[str, Any],
    *,
    present: str = "with",
    absent: str = "without",
    colours: Palette = DEFAULT,
) -> Figure:
    """Draw the smooth calibration curve with its band, and the predicted risks below it.

    Parameters
    ----------
    curve : mapping
        ``predicted``, ``observed``, ``low``, ``high`` of one length, in [0, 1], and
        ``histogram`` with ``edges`` (n + 1), ``events`` and ``non_events`` (n counts).
    present, absent : str
        How cases with and without the event are called.
    colours : Palette
        The roles' colours.
    """
    figure = sheet(522)
    axes = panel(figure, left=54, right=14, top=10, bottom=180)
    axes.plot([0, 1], [0, 1], color=colours.muted, linewidth=1.2, linestyle=(0, (2, 2)))
    note: dict[str, Any] = {"color": colours.muted, "fontsize": SMALL, "ha": "right"}
    axes.text(0.985, 0.9, "perfect", **note)
    x, y, low, high = (numbers(curve.get(k)) for k in ("predicted", "observed", "low", "high"))
    if len(low) and len(high):
        axes.fill_between(x, low, high, color=colours.accent, alpha=0.16, linewidth=0)
    axes.plot(x, y, color=colours.accent, linewidth=2.4)
    ticks = np.linspace(0, 1, 6)
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xticks=ticks, yticks=ticks)
    axes.set_ylabel("Seen: share with the event")
    per_cent(axes.yaxis)
    axes.set_xticklabels([])
    quiet(axes, colours)
    below = panel(figure, left=54, right=14, top=358, bottom=40)
    _histogram(below, curve.get("histogram") or {}, words=(present, absent), colours=colours)
    below.set(xlim=(-0.01, 1.01), xticks=ticks)
    below.set_xlabel("Predicted risk (out of fold)")
    per_cent(below.xaxis)
    return figure


def _histogram(
    axes: Axes, histogram: Mapping[str, Any], *, words: tuple[str, str], colours: Palette
) -> None:
    """Draw counts of predicted risks: events upwards, the others downwards."""
    edges = numbers(histogram.get("edges"))
    events, others = (numbers(histogram.get(k)) for k in ("events", "non_events"))
    quiet(axes, colours, grid="none")
    axes.set_yticks([])
    if not len(edges):
        return
    width = np.diff(edges)
    style: dict[str, Any] = {"align": "edge", "width": width * 0.88}
    axes.bar(edges[:-1], events, color=colours.event, **style)
    axes.bar(edges[:-1], -others, color=colours.non_event, **style)
    axes.axhline(0, color=colours.surface, linewidth=1.5)
    most = max(float(events.max()), float(others.max()), 1.0)
    axes.set_ylim(-1.05 * most, 1.05 * most)
    note: dict[str, Any] = {
        "fontsize": SMALL,
        "ha": "right",
        "transform": axes.transAxes,
        "weight": "bold",
    }
    axes.text(1, 0.86, f"{words[0]}: {int(events.sum())}", color=colours.event, va="top", **note)
    axes.text(1, 0.06, f"{words[1]}: {int(others.sum())}", color=colours.non_event, **note)
