"""Decision curves in words: where acting on the model does better than acting without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from radpred.report.figures.drawing.canvas import numbers
from radpred.report.words.names import OutcomeWords
from radpred.report.words.numbers import NOT_AVAILABLE, known, number, percent


def useful_range(curve: Mapping[str, Any], *, threshold_range: tuple[float, float]) -> str:
    """Say for which thresholds the lower edge of the band beats treating all, none and volume."""
    threshold, best = numbers(curve["threshold"]), _without_model(curve)
    low = numbers(curve.get("low"))
    if len(low) != len(threshold):
        return f"A band for the net benefit is {NOT_AVAILABLE}; the curve alone shows no gain."
    inside = (threshold >= threshold_range[0]) & (threshold <= threshold_range[1])
    wins = _longest_run(inside & (low > best))
    if not wins.any():
        return (
            "At no threshold does the lower edge of the band lie above every way of acting without "
            "the model: a benefit is not shown."
        )
    first, last = threshold[wins].min(), threshold[wins].max()
    where = f"from {percent(first)} to {percent(last)}" if last > first else f"at {percent(first)}"
    return (
        f"The lower edge of the band lies above every way of acting without the model {where}. "
        "At other thresholds a benefit is not shown."
    )


def _longest_run(is_true: np.ndarray) -> np.ndarray:
    """Return the longest unbroken run of True, all else False, shape (n,)."""
    run = np.cumsum(np.diff(is_true, prepend=False) != 0)
    lengths = np.bincount(run, weights=is_true)
    return np.asarray(is_true & (run == int(np.argmax(lengths))))


def at_threshold(curve: Mapping[str, Any], *, threshold: float, words: OutcomeWords) -> str:
    """Say what the net benefit at one threshold means for 100 patients."""
    grid = numbers(curve["threshold"])
    place = int(np.argmin(np.abs(grid - threshold)))
    at, selected = float(grid[place]), numbers(curve["selected"])[place]
    best = float(_without_model(curve)[place])
    if not known(float(selected)):
        return f"The net benefit at a threshold of {percent(at)} is {NOT_AVAILABLE}."
    gain = float(selected) - best
    low = numbers(curve.get("low"))
    is_shown = len(low) == len(grid) and low[place] > best
    price = number((1 - at) / at, digits=1)
    opening = (
        f"Read at {percent(at)}: someone who acts from that risk on accepts {price} needless "
        f"actions for each case {words.present} that is acted on."
    )
    if gain <= 0:
        return f"{opening} There the model does no better than the best way of acting without it."
    worth = (
        f"{number(100 * gain, digits=1)} more cases found per 100, at no more needless actions, "
        "than the best way of acting without it"
    )
    if is_shown:
        return f"{opening} There the model is worth {worth}."
    return f"{opening} There the curve reads {worth}; the band includes no gain, so none is shown."


def _without_model(curve: Mapping[str, Any]) -> np.ndarray:
    """Return the best net benefit without the model: treat none, all, or go by a baseline."""
    n = len(curve["threshold"])
    others = [numbers(curve.get(name)) for name in ("treat_all", "volume", "clinical")]
    rows = [np.zeros(n), *(other for other in others if len(other) == n)]
    return np.asarray(np.nanmax(rows, axis=0))
