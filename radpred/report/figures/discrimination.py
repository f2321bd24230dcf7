"""Figures of discrimination and utility: forest, ROC, precision and recall, decision curve."""

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
    key_above,
    numbers,
    panel,
    per_cent,
    quiet,
    sheet,
    true_minus,
)
from radpred.report.figures.drawing.palette import Palette
from radpred.report.words.numbers import bounds, number, read_interval

LABELS = {"selected": "Model", "volume": "Volume alone", "clinical": "Clinical alone"}
_DASHES: dict[str, Any] = {"selected": "-", "volume": (0, (5, 2)), "clinical": (0, (1.5, 1.8))}
_ROW = 46
_ORDER = (*LABELS.values(), "Treat all", "Treat none")


@drawn
def forest(
    models: Sequence[Mapping[str, Any]], *, metric: str = "auroc", colours: Palette = DEFAULT
) -> Figure:
    """Draw one metric of every model with its interval, chance as a line.

    Parameters
    ----------
    models : sequence of mapping
        As in ``evaluation["models"]``: ``label``, ``kind``, and ``metrics[metric]`` with
        ``value``, ``low``, ``high``.
    metric : str
        The metric to draw.
    colours : Palette
        The roles' colours.

    Returns
    -------
    matplotlib.figure.Figure
        Label and number above each mark, so that long names find room.
    """
    figure = sheet(_ROW * len(models) + 38)
    axes = panel(figure, left=3, right=3, top=0, bottom=38)
    cis = [read_interval(model["metrics"].get(metric)) for model in models]
    lows = [bound for ci in cis for bound in (ci.low, ci.value) if np.isfinite(bound)]
    left = min([0.45, *(np.floor(20 * low) / 20 for low in lows)])
    axes.set(xlim=(left - 0.01, 1.01), ylim=(len(models), 0), yticks=[])
    for row, (model, ci) in enumerate(zip(models, cis, strict=True)):
        is_selected = model["kind"] == "selected"
        colour = _model_colour(model, colours)
        weight = "bold" if is_selected else "normal"
        value = "not available" if not ci.is_known else f"{number(ci.value)} ({bounds(ci)})"
        style: dict[str, Any] = {
            "color": colours.ink,
            "fontsize": SMALL,
            "weight": weight,
            "va": "center",
        }
        edge = axes.get_yaxis_transform()
        axes.text(0, row + 0.27, model["label"], transform=edge, **style)
        axes.text(1, row + 0.27, value, transform=edge, ha="right", **style)
        y = row + 0.68
        chance: dict[str, Any] = {
            "color": colours.muted,
            "linewidth": 1.2,
            "linestyle": (0, (2, 1.6)),
        }
        axes.plot([0.5, 0.5], [y - 0.2, y + 0.26], **chance)
        axes.plot([ci.low, ci.high], [y, y], color=colour, linewidth=3.2 if is_selected else 2)
        axes.plot([ci.value], [y], "o", color=colour, markersize=9 if is_selected else 7)
        if row:
            axes.axhline(row - 0.02, color=colours.line, linewidth=0.8)
    axes.set_xlabel("AUROC (chance is 0.5, perfect is 1)")
    quiet(axes, colours, grid="none")
    return figure


@drawn
def roc_curves(roc: Mapping[str, Any], *, colours: Palette = DEFAULT) -> Figure:
    """Draw the ROC curves of the selected model and its baselines.

    Parameters
    ----------
    roc : mapping
        For ``selected``, ``volume``, ``clinical``: ``fpr``, ``tpr`` in [0, 1], and optionally
        ``low``, ``high``, the band of ``tpr``.
    colours : Palette
        The roles' colours.
    """
    figure, axes = _unit_square(colours)
    axes.plot([0, 1], [0, 1], color=colours.muted, linewidth=1, linestyle=(0, (2, 2)))
    for name, curve in _in_order(roc):
        _curve(axes, name, (curve.get("fpr"), curve.get("tpr")), curve=curve, colours=colours)
    axes.set_xlabel("False alarms among those without (1 \u2212 specificity)")
    axes.set_ylabel("Found among those with (sensitivity)")
    key_above(axes, colours, order=_ORDER)
    return figure


@drawn
def pr_curves(
    pr: Mapping[str, Any], *, prevalence: float | None = None, colours: Palette = DEFAULT
) -> Figure:
    """Draw precision against recall; guessing gives the prevalence, drawn as a line.

    Parameters
    ----------
    pr : mapping
        For each model ``recall``, ``precision`` in [0, 1], optionally ``low``, ``high``.
    prevalence : float, optional
        Share of cases with the event.
    colours : Palette
        The roles' colours.
    """
    figure, axes = _unit_square(colours)
    if prevalence is not None:
        axes.axhline(prevalence, color=colours.muted, linewidth=1, linestyle=(0, (2, 2)))
    for name, curve in _in_order(pr):
        points = (curve.get("recall"), curve.get("precision"))
        _curve(axes, name, points, curve=curve, colours=colours)
    axes.set_xlabel("Found among those with (recall, sensitivity)")
    axes.set_ylabel("Right among alarms (precision)")
    key_above(axes, colours, order=_ORDER)
    return figure


@drawn
def decision_curve(
    curve: Mapping[str, Any],
    *,
    threshold_range: tuple[float, float] = (0.05, 0.8),
    colours: Palette = DEFAULT,
) -> Figure:
    """Draw net benefit against the risk at which one would act.

    Parameters
    ----------
    curve : mapping
        ``threshold`` and, of the same length, ``selected``, ``low``, ``high``, ``treat_all``
        and optionally ``volume``, ``clinical`` (Vickers and Elkin 2006).
    threshold_range : tuple of float
        The thresholds to show.
    colours : Palette
        The roles' colours.
    """
    figure = sheet(372)
    axes = panel(figure, left=50, right=14, top=48, bottom=40)
    threshold = numbers(curve["threshold"])
    shown = (threshold >= threshold_range[0]) & (threshold <= threshold_range[1])
    x = threshold[shown]
    axes.axhline(0, color=colours.muted, linewidth=1.2, label="Treat none")
    treat_all = numbers(curve.get("treat_all"))
    if len(treat_all):
        axes.plot(x, treat_all[shown], color=colours.muted, linewidth=1.4, linestyle=(0, (2, 2)))
        axes.lines[-1].set_label("Treat all")
    lines = {name: numbers(curve.get(name))[shown] for name in LABELS if curve.get(name)}
    for name, y in lines.items():
        _line(axes, name, (x, y), colours=colours)
    if curve.get("low") and curve.get("high"):
        low, high = (numbers(curve[side])[shown] for side in ("low", "high"))
        axes.fill_between(x, low, high, color=colours.accent, alpha=0.16, linewidth=0)
    top = max([0.02, *(float(np.nanmax(y)) for y in lines.values() if np.isfinite(y).any())])
    axes.set(xlim=threshold_range, ylim=(-0.35 * top, 1.5 * top))
    axes.set_xlabel("Risk at which one would act (threshold)")
    axes.set_ylabel("Net benefit per patient")
    per_cent(axes.xaxis)
    true_minus(axes.yaxis)
    quiet(axes, colours, grid="y")
    key_above(axes, colours, order=_ORDER)
    return figure


def _unit_square(colours: Palette) -> tuple[Figure, Axes]:
    """Return a square panel from 0 to 1 both ways."""
    figure = sheet(400)
    axes = panel(figure, left=54, right=14, top=28, bottom=40)
    ticks = np.linspace(0, 1, 6)
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xticks=ticks, yticks=ticks)
    per_cent(axes.xaxis)
    per_cent(axes.yaxis)
    quiet(axes, colours)
    return figure, axes


def _in_order(curves: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the curves that are there, the selected model last so that it lies on top."""
    return [(name, curves[name]) for name in reversed(LABELS) if curves.get(name)]


def _curve(
    axes: Axes, name: str, points: tuple[Any, Any], *, curve: Mapping[str, Any], colours: Palette
) -> None:
    """Draw one curve, with its band where it has one."""
    x, y = (numbers(values) for values in points)
    _line(axes, name, (x, y), colours=colours)
    if name == "selected" and curve.get("low") and curve.get("high"):
        low, high = numbers(curve["low"]), numbers(curve["high"])
        axes.fill_between(x, low, high, color=colours.accent, alpha=0.16, linewidth=0)


def _line(axes: Axes, name: str, points: tuple[Any, Any], *, colours: Palette) -> None:
    """Draw a line in the colour and the dash of its model."""
    colour = {"selected": colours.accent}.get(name) or getattr(colours, name)
    width = 2.4 if name == "selected" else 1.8
    order = 3 if name == "selected" else 2
    style: dict[str, Any] = {
        "color": colour,
        "linestyle": _DASHES[name],
        "linewidth": width,
        "zorder": order,
    }
    axes.plot(*points, label=LABELS[name], **style)


def _model_colour(model: Mapping[str, Any], colours: Palette) -> str:
    """Return the colour of a model in the forest."""
    if model["kind"] == "baseline":
        return str(getattr(colours, model["name"], colours.muted))
    return colours.accent if model["kind"] == "selected" else colours.muted
