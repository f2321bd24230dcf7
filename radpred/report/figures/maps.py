"""Maps of features over a slice of the scan, each with the bar that says what its colours mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patheffects import AbstractPathEffect, withStroke

from radpred.report.figures.drawing.canvas import (
    DEFAULT,
    SMALL,
    TEXT,
    drawn,
    panel,
    sheet,
    shortened,
)
from radpred.report.figures.drawing.palette import Palette
from radpred.report.words.names import value_words

# Its lightness rises evenly, and every eye can tell its ends apart (Smith and van der Walt 2015).
_COLOURS = "viridis"
_OUTLINE = "#ffffff"
_WIDTH, _GAP, _MARGIN = 232, 26, 16
_HEAD, _BAR, _FOOT, _CAPTION = 40, 8, 34, 46
_N_COLUMNS = 3
_SHOWN_PERCENT = (2, 98)
_SCALES_MM = (1, 2, 5, 10, 20, 50, 100, 200)


@dataclass(frozen=True, kw_only=True, eq=False)
class MapSlice:
    """A map on the slice that is drawn.

    Parameters
    ----------
    what, detail : str
        The feature in words, and what is to be added in small print.
    values : array of float, shape (n_rows, n_columns)
        NaN where the map has no value.
    """

    what: str
    detail: str
    values: np.ndarray


@drawn
def map_sheet(
    scan: np.ndarray,
    region: np.ndarray,
    maps: Sequence[MapSlice],
    *,
    pixel_mm: tuple[float, float],
    captions: tuple[str, str] = ("", ""),
    colours: Palette = DEFAULT,
) -> Figure:
    """Draw a slice of a scan with the region's outline, then once more under each map.

    Parameters
    ----------
    scan : array, shape (n_rows, n_columns)
        Intensities.
    region : array of bool, shape (n_rows, n_columns)
        The part of the slice inside the region.
    maps : sequence of MapSlice
        Drawn where they have values, from their 2nd to their 98th percentile.
    pixel_mm : (float, float)
        Distance between rows and between columns.
    captions : (str, str)
        What to write below the scan, and below all, there in two lines.
    colours : Palette
        The roles' colours.
    """
    height = _WIDTH * scan.shape[0] * pixel_mm[0] / (scan.shape[1] * pixel_mm[1])
    row = _HEAD + height + _BAR + _FOOT
    n_panels = len(maps) + 1
    n_columns = 2 if n_panels == 4 else min(_N_COLUMNS, n_panels)
    n_rows = -(-n_panels // n_columns)
    tall = _MARGIN + n_rows * row + _CAPTION
    wide = 2 * _MARGIN + n_columns * (_WIDTH + _GAP) - _GAP
    figure = sheet(tall, width=wide)
    for place in range(n_panels):
        left = _MARGIN + (place % n_columns) * (_WIDTH + _GAP)
        top = _MARGIN + (place // n_columns) * row
        sides = {"left": left, "right": wide - left - _WIDTH}
        below = tall - top - _HEAD - height
        axes = panel(figure, **sides, top=top + _HEAD, bottom=below)
        _scan(axes, scan, pixel_mm)
        if place == 0:
            _outline(axes, region)
            _ruler(axes, scan.shape[1] * pixel_mm[1], pixel_mm[1])
            _title(axes, "Scan", "outline: the region", colours)
            _small(axes, captions[0], (0, -12), colours)
            continue
        shown = maps[place - 1]
        bar = panel(figure, **sides, top=top + _HEAD + height + 7, bottom=below - 7 - _BAR)
        _map(axes, bar, shown, aspect=pixel_mm[0] / pixel_mm[1], colours=colours)
        _outline(axes, region)
        _title(axes, shown.what, shown.detail, colours)
    figure.text(
        _MARGIN / wide, 12 / tall, captions[1], fontsize=SMALL, color=colours.muted, va="bottom"
    )
    return figure


def _scan(axes: Axes, scan: np.ndarray, pixel_mm: tuple[float, float]) -> None:
    """Draw the scan in grey, between its 1st and 99th percentile."""
    low, high = np.nanpercentile(scan, [1, 99])
    aspect = pixel_mm[0] / pixel_mm[1]
    axes.imshow(scan, cmap="gray", vmin=low, vmax=max(high, low + 1e-9), aspect=aspect)
    axes.set_axis_off()


def _map(axes: Axes, bar: Axes, shown: MapSlice, *, aspect: float, colours: Palette) -> None:
    """Draw a map over the scan, and its colours with their numbers below."""
    values = np.asarray(shown.values, dtype=float)
    known = values[np.isfinite(values)]
    if not known.size:
        bar.set_axis_off()
        _small(axes, "no value on this slice", (0, -12), colours)
        return
    low, high = np.percentile(known, _SHOWN_PERCENT)
    if low == high:  # no colour says more than the number
        low, high = low - 0.5, high + 0.5
    scale = Normalize(low, high)
    drawn_map = axes.imshow(
        np.ma.masked_invalid(values),
        cmap=_COLOURS,
        norm=scale,
        aspect=aspect,
        interpolation="nearest",
    )
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    ends = figure.colorbar(drawn_map, cax=bar, orientation="horizontal")
    ends.outline.set_visible(False)
    ticks = [low, (low + high) / 2, high]
    ends.set_ticks(ticks, labels=[value_words(float(t)) for t in ticks])
    bar.tick_params(colors=colours.muted, pad=4, length=0)
    left, _, right = bar.get_xticklabels()
    left.set_horizontalalignment("left")
    right.set_horizontalalignment("right")


def _outline(axes: Axes, region: np.ndarray) -> None:
    """Draw the border of the region along the edges of its pixels."""
    fine = np.kron(np.pad(region, 1), np.ones((8, 8)))
    rows, columns = ((np.arange(n) - 3.5) / 8 - 1 for n in fine.shape)
    effect: list[AbstractPathEffect] = [withStroke(linewidth=2.6, foreground="#00000099")]
    lines = axes.contour(columns, rows, fine, levels=[0.5], colors=[_OUTLINE], linewidths=1.1)
    lines.set_path_effects(effect)
    axes.set(xlim=(-0.5, region.shape[1] - 0.5), ylim=(region.shape[0] - 0.5, -0.5))


def _ruler(axes: Axes, width_mm: float, column_mm: float) -> None:
    """Draw a line of a round length in the lower left corner."""
    fitting = [mm for mm in _SCALES_MM if mm <= 0.3 * width_mm]
    if not fitting:
        return
    share = fitting[-1] / width_mm
    style: dict[str, Any] = {
        "transform": axes.transAxes,
        "color": "#ffffff",
        "path_effects": [withStroke(linewidth=4, foreground="#000000aa")],
    }
    axes.plot([0.04, 0.04 + share], [0.05, 0.05], linewidth=2, **style)
    style["path_effects"] = [withStroke(linewidth=2.2, foreground="#000000aa")]
    text = f"{fitting[-1]} mm"
    axes.text(0.04, 0.075, text, fontsize=SMALL, ha="left", va="bottom", **style)


def _title(axes: Axes, what: str, detail: str, colours: Palette) -> None:
    """Write what a picture shows above it, in two lines."""
    style: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    what = shortened(what, room=_WIDTH * SMALL / TEXT)
    axes.annotate(what, (0, 1), (0, 20), fontsize=TEXT, weight="bold", color=colours.ink, **style)
    detail = shortened(detail, room=_WIDTH)
    axes.annotate(detail, (0, 1), (0, 6), fontsize=SMALL, color=colours.muted, **style)


def _small(axes: Axes, text: str, offset: tuple[float, float], colours: Palette) -> None:
    """Write small print below a picture."""
    axes.annotate(
        text,
        (0, 0),
        offset,
        xycoords="axes fraction",
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        color=colours.muted,
    )
