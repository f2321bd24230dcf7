"""Figures of abstention: what is right among the cases that the model is sure of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from radpred.report.figures.drawing.canvas import (
    DEFAULT,
    drawn,
    key_above,
    numbers,
    panel,
    per_cent,
    quiet,
    sheet,
)
from radpred.report.figures.drawing.palette import Palette

_ORDER = ("Right", "Found among those with", "Spared among those without", "Answered")


@drawn
def abstention_plot(curve: Mapping[str, Any], *, colours: Palette = DEFAULT) -> Figure:
    """Draw what is right among the surest cases against the share that is answered.

    Parameters
    ----------
    curve : mapping
        ``at`` (share to answer, of 1) and ``metrics`` with ``accuracy``, ``sensitivity`` and
        ``specificity``, each of ``value``, ``low``, ``high``.
    colours : Palette
        The roles' colours.
    """
    figure, axes = _sheet()
    _metrics(axes, curve, colours=colours)
    axes.set(xlim=(1.01, 0), ylim=(-0.01, 1.01))
    axes.set_xlabel("Share of cases answered, the surest first")
    per_cent(axes.xaxis)
    return _finished(figure, axes, colours=colours)


@drawn
def certainty_plot(curve: Mapping[str, Any], *, colours: Palette = DEFAULT) -> Figure:
    """Draw what is right among cases of a least certainty, and how many these are.

    Parameters
    ----------
    curve : mapping
        ``at`` (least certainty), ``answered`` (share of cases) and ``metrics`` as in
        `abstention_plot`.
    colours : Palette
        The roles' colours.
    """
    figure, axes = _sheet()
    _metrics(axes, curve, colours=colours)
    axes.plot(
        numbers(curve.get("at")),
        numbers(curve.get("answered")),
        color=colours.muted,
        linewidth=1.4,
        linestyle=(0, (2, 2)),
        label=_ORDER[3],
    )
    axes.set(xlim=(-0.01, 0.91), ylim=(-0.01, 1.01))
    axes.set_xlabel("Least certainty: how far the two p-values are apart")
    return _finished(figure, axes, colours=colours)


def _sheet() -> tuple[Figure, Axes]:
    """Return a figure with one panel."""
    figure = sheet(360)
    return figure, panel(figure, left=50, right=14, top=58, bottom=40)


def _metrics(axes: Axes, curve: Mapping[str, Any], *, colours: Palette) -> None:
    """Draw the three metrics, accuracy with its band."""
    at, metrics = numbers(curve.get("at")), curve.get("metrics") or {}
    shown = (
        ("sensitivity", _ORDER[1], colours.event, 1.8),
        ("specificity", _ORDER[2], colours.non_event, 1.8),
        ("accuracy", _ORDER[0], colours.ink, 2.6),
    )
    for name, words, colour, width in shown:
        band = metrics.get(name) or {}
        value = numbers(band.get("value"))
        if len(value) == len(at):
            axes.plot(at, value, color=colour, linewidth=width, label=words)
    low, high = (numbers((metrics.get("accuracy") or {}).get(side)) for side in ("low", "high"))
    if len(low) == len(at) == len(high):
        axes.fill_between(at, low, high, color=colours.ink, alpha=0.12, linewidth=0)


def _finished(figure: Figure, axes: Axes, *, colours: Palette) -> Figure:
    """Return the figure with what all have in common."""
    axes.set_ylabel("Share of the cases answered")
    per_cent(axes.yaxis)
    quiet(axes, colours)
    key_above(axes, colours, order=_ORDER, n_columns=2)
    return figure
