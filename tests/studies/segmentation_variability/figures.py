"""Pictures of the study: areas against Dice, and importance against stability."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from radpred.report.figures import light_palette
from radpred.report.figures.drawing.canvas import drawn, key_above, panel, quiet, sheet
from radpred.report.words.numbers import read_interval

Row = Mapping[str, Any]
COLOURS = light_palette()
WIDTH, HEIGHT = 760, 330
SHIFT = 0.006  # of Dice, so that intervals of both series are seen


@drawn
def areas_by_dice(cohorts: Mapping[str, Mapping[str, Sequence[Row]]]) -> Figure:
    """Draw the AUROC of each series against Dice, a panel for each cohort.

    Parameters
    ----------
    cohorts : mapping
        Title to series to rows, each with ``at`` (Dice, 1 as given) and ``auroc``.
    """
    figure = sheet(HEIGHT, width=WIDTH)
    for axes, (title, series) in zip(_panels(figure, len(cohorts)), cohorts.items(), strict=True):
        for place, (name, rows) in enumerate(series.items()):
            colour = (COLOURS.ink, COLOURS.accent)[place]
            x = np.array([row["at"] for row in rows]) + (-SHIFT, SHIFT)[place]
            areas = [read_interval(row["auroc"]) for row in rows]
            lows, highs = [a.low for a in areas], [a.high for a in areas]
            axes.vlines(x, lows, highs, color=colour, linewidth=1.4)
            axes.plot(x, [a.value for a in areas], "o-", color=colour, markersize=6, label=name)
        ticks = [row["at"] for row in rows]
        axes.axhline(0.5, color=COLOURS.muted, linewidth=1, linestyle=(0, (2, 2)))
        axes.set(xlim=(1.03, min(ticks) - 0.03), ylim=(0.3, 1.0), xlabel=f"{title}: Dice")
        axes.set_xticks(ticks, ["given" if tick == 1 else f"{tick:g}" for tick in ticks])
        axes.set_ylabel("AUROC")
        quiet(axes, COLOURS, grid="y")
        key_above(axes, COLOURS)
    return figure


@drawn
def importance_by_stability(cohorts: Mapping[str, pd.DataFrame], *, label: str) -> Figure:
    """Draw what each column adds against how well it repeats, a panel for each cohort.

    Parameters
    ----------
    cohorts : mapping of str to DataFrame
        Title to a row for each column: ``estimate``, ``mean_abs``, ``region``.
    label : str
        What the horizontal axis shows.
    """
    figure = sheet(HEIGHT, width=WIDTH)
    for axes, (title, table) in zip(_panels(figure, len(cohorts)), cohorts.items(), strict=True):
        for region, colour in (("tumour", COLOURS.ink), ("ring", COLOURS.accent)):
            own = table[table["region"] == region]
            axes.plot(
                own["estimate"],
                own["mean_abs"],
                "o",
                color=colour,
                markersize=5,
                alpha=0.6,
                label=region,
            )
        axes.axvline(0.75, color=COLOURS.muted, linewidth=1, linestyle=(0, (2, 2)))
        low = min(-0.1, float(table["estimate"].min()) - 0.05)
        axes.set(xlabel=f"{title}: {label}", ylabel="mean |SHAP|, log-odds", xlim=(low, 1.03))
        quiet(axes, COLOURS)
        key_above(axes, COLOURS)
    return figure


def _panels(figure: Figure, n: int) -> list[Axes]:
    """Return axes beside each other."""
    width = WIDTH / n
    places = [(i * width + 58, WIDTH - (i + 1) * width + 10) for i in range(n)]
    return [panel(figure, left=left, right=right, top=34, bottom=46) for left, right in places]


def written(figure: Figure, path: Path) -> Path:
    """Write a figure as SVG, the same bytes for the same figure, and return its path."""
    file = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "radpred"}):
        figure.savefig(file, format="svg", facecolor=COLOURS.surface, metadata={"Date": None})
    path.write_bytes(file.getvalue())
    return path
