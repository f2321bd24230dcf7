"""The figure of how far each risk moves when the mask does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from radpred.report.figures.drawing.canvas import (
    DEFAULT,
    SMALL,
    drawn,
    key_above,
    panel,
    per_cent,
    quiet,
)
from radpred.report.figures.drawing.canvas import sheet as empty_sheet
from radpred.report.figures.drawing.palette import Palette


@drawn
def spread_plot(
    spread: pd.DataFrame, *, threshold: float | None = None, colours: Palette = DEFAULT
) -> Figure:
    """Draw each case's risk, lowest first, with the risks between which its variants lie.

    Parameters
    ----------
    spread : DataFrame
        One row a case: ``risk``, ``low``, ``high``, ``y`` (0 or 1) and ``set_flips`` (share of
        variants with another answer).
    threshold : float, optional
        The risk from which on one would act.
    colours : Palette
        The roles' colours.

    Returns
    -------
    matplotlib.figure.Figure
        A line from low to high, a dot at the risk; a ring where some variant changes the answer.
    """
    rows = spread.sort_values(["risk", "case_id"], ignore_index=True)
    figure = empty_sheet(330)
    axes = panel(figure, left=48, right=12, top=34, bottom=40)
    place = np.arange(len(rows))
    thin = len(rows) > 120
    sides = ((1, colours.event, "with the event"), (0, colours.non_event, "without"))
    for outcome, colour, label in sides:
        own = (rows["y"] == outcome).to_numpy()
        axes.vlines(
            place[own],
            rows["low"][own],
            rows["high"][own],
            color=colour,
            linewidth=1 if thin else 2,
        )
        axes.plot(
            place[own], rows["risk"][own], "o", color=colour, ms=3 if thin else 5, label=label
        )
    changes = (rows["set_flips"] > 0).to_numpy()
    ring: dict[str, Any] = {"mfc": "none", "mec": colours.ink, "ms": 6 if thin else 9, "mew": 1.1}
    axes.plot(place[changes], rows["risk"][changes], "o", label="answer changes", **ring)
    if threshold is not None:
        axes.axhline(threshold, color=colours.muted, linewidth=1.2, linestyle=(0, (2, 2)))
        axes.text(
            0, threshold, " act from here on", color=colours.muted, fontsize=SMALL, va="bottom"
        )
    axes.set(xlim=(-1, len(rows)), ylim=(-0.01, 1.01), xticks=[])
    axes.set_xlabel("Cases, lowest risk first")
    quiet(axes, colours, grid="y")
    per_cent(axes.yaxis)
    key_above(axes, colours)
    return figure
