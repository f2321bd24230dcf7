"""Figures of several classes and of numbers: confusion, observed against predicted, one metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from radpred.report.figures.drawing.canvas import (
    DEFAULT,
    SMALL,
    drawn,
    panel,
    quiet,
    sheet,
    shortened,
    true_minus,
)
from radpred.report.figures.drawing.palette import Palette
from radpred.report.words.numbers import interval, percent, read_interval

_ROW = 46
_MOST_POINTS = 600


@drawn
def confusion_plot(
    counts: Sequence[Sequence[float]], classes: Sequence[str], *, colours: Palette = DEFAULT
) -> Figure:
    """Draw how many cases of each class (row) were called what (column).

    Parameters
    ----------
    counts : sequence of sequence of float
        Means over repeats.
    classes : sequence of str
        What rows and columns stand for.
    colours : Palette
        The roles' colours. A cell is as dark as its share of the row.
    """
    table = np.array(counts, dtype=float)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1e-12)
    n = len(classes)
    figure = sheet(62 + max(46, 300 // n) * n)
    axes = panel(figure, left=110, right=4, top=52, bottom=10)
    shade = LinearSegmentedColormap.from_list("shade", [colours.surface, colours.accent])
    axes.imshow(shares, cmap=shade, vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(n, n):
        ink = colours.on_accent if shares[row, column] > 0.55 else colours.ink
        told = f"{table[row, column]:g}" if table[row, column] % 1 == 0 else ""
        told = told or f"{table[row, column]:.1f}"
        axes.text(
            column,
            row,
            f"{told}\n{percent(shares[row, column])}",
            ha="center",
            va="center",
            color=ink,
            fontsize=SMALL,
        )
    room = 286 / n - 8
    axes.set_xticks(range(n), [shortened(name, room=room) for name in classes])
    axes.set_yticks(range(n), [shortened(name, room=100) for name in classes])
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel("Likeliest class", labelpad=9)
    axes.tick_params(colors=colours.ink, length=0, pad=5)
    axes.xaxis.label.set_color(colours.muted)
    for spine in axes.spines.values():
        spine.set_color(colours.line)
    return figure


@drawn
def observed_plot(
    observed: Sequence[float], predicted: Sequence[float], *, unit: str, colours: Palette = DEFAULT
) -> Figure:
    """Draw what was observed against what was predicted, with the line where both are equal.

    Parameters
    ----------
    observed, predicted : sequence of float
        One a case, the prediction a mean over repeats; of very many every so manieth is drawn.
    unit : str
        Of the number.
    colours : Palette
        The roles' colours.
    """
    x, y = np.asarray(predicted, dtype=float), np.asarray(observed, dtype=float)
    step = max(1, len(x) // _MOST_POINTS)
    figure = sheet(400)
    axes = panel(figure, left=58, right=8, top=8, bottom=46)
    ends = np.array([min(x.min(), y.min()), max(x.max(), y.max())])
    ends = ends + np.array([-0.04, 0.04]) * max(float(np.ptp(ends)), 1e-12)
    axes.plot(ends, ends, color=colours.muted, linewidth=1, linestyle=(0, (2, 2)))
    if np.ptp(x) > 0:
        slope, start = np.polyfit(x, y, 1)
        line = np.array([x.min(), x.max()])
        axes.plot(line, start + slope * line, color=colours.accent, linewidth=2)
    axes.plot(x[::step], y[::step], "o", color=colours.accent, alpha=0.4, markersize=4.5, mew=0)
    axes.set(xlim=ends, ylim=ends)
    beside = f" ({unit})" if unit else ""
    axes.set_xlabel(f"Predicted{beside}")
    axes.set_ylabel(f"Observed{beside}")
    quiet(axes, colours)
    for axis in (axes.xaxis, axes.yaxis):
        true_minus(axis)
    return figure


@drawn
def metric_forest(
    models: Sequence[Mapping[str, Any]],
    *,
    metric: str,
    label: str,
    reference: float,
    colours: Palette = DEFAULT,
) -> Figure:
    """Draw one metric of every model with its interval, and what knows nothing as a line.

    Parameters
    ----------
    models : sequence of mapping
        ``label``, ``kind`` and ``metrics[metric]`` with ``value``, ``low``, ``high``.
    metric : str
        Which.
    label : str
        Of the axis.
    reference : float
        What a model reaches that knows nothing.
    colours : Palette
        The roles' colours.
    """
    figure = sheet(_ROW * len(models) + 38)
    axes = panel(figure, left=3, right=3, top=0, bottom=38)
    given = [read_interval(model["metrics"].get(metric)) for model in models]
    marks = [v for ci in given for v in (ci.low, ci.value, ci.high) if np.isfinite(v)]
    ends = min([reference, *marks]), max([reference, *marks])
    room = 0.06 * max(ends[1] - ends[0], 1e-9)
    axes.set(xlim=(ends[0] - room, ends[1] + room), ylim=(len(models), 0), yticks=[])
    edge = axes.get_yaxis_transform()
    for row, (model, ci) in enumerate(zip(models, given, strict=True)):
        is_selected = model["kind"] == "selected"
        colour = colours.accent if is_selected else colours.muted
        weight = "bold" if is_selected else "normal"
        style: dict[str, Any] = {"color": colours.ink, "fontsize": SMALL, "va": "center"}
        axes.text(0, row + 0.27, model["label"], transform=edge, weight=weight, **style)
        told = interval(ci) if ci.is_known else "not available"
        axes.text(1, row + 0.27, told, transform=edge, ha="right", weight=weight, **style)
        y = row + 0.68
        axes.plot([reference] * 2, [y - 0.2, y + 0.26], color=colours.muted, linewidth=1.2)
        axes.plot([ci.low, ci.high], [y, y], color=colour, linewidth=3.2 if is_selected else 2)
        axes.plot([ci.value], [y], "o", color=colour, markersize=9 if is_selected else 7)
        if row:
            axes.axhline(row - 0.02, color=colours.line, linewidth=0.8)
    axes.set_xlabel(label)
    true_minus(axes.xaxis)
    quiet(axes, colours, grid="none")
    return figure
