"""Habitats over the slice of a scan on which the tumour is largest, and their means in a table."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from radpred.backends import to_host
from radpred.pipeline.measuring.habitats import HabitatMap
from radpred.report.slices import window
from radpred.report.words.names import image_words, region_words, value_words
from radpred.report.words.numbers import percent

# Its lightness rises evenly, as the habitats' intensity does.
_COLOURS = "viridis"
_OUTLINE = "#ffb000"
_WIDTH, _TITLE, _KEY = 2.6, 0.3, 0.45  # inches
_MARGIN_MM = 8.0


def habitat_figure(made: HabitatMap, *, title: str = "") -> Figure:
    """Return a picture of an axial slice: the scan with the tumour's outline, and its habitats.

    Parameters
    ----------
    made : HabitatMap
        The habitats of one tumour.
    title : str
        What to write above.
    """
    labels = to_host(made.labels.voxels)
    z = int(np.argmax((labels > 0).sum(axis=(1, 2))))
    spacing = made.scan.grid.spacing
    part = window(labels[z] > 0, (spacing[1], spacing[2]), margin_mm=_MARGIN_MM)
    pixels = np.asarray(to_host(made.scan.voxels)[z][part], dtype=float)
    kinds = labels[z][part]
    aspect = spacing[1] / spacing[2]
    height = _WIDTH * aspect * kinds.shape[0] / kinds.shape[1]
    figure = Figure(figsize=(2 * _WIDTH, height + _TITLE + _KEY), layout="constrained")
    panels = figure.subplots(1, 2)
    for axes in panels:
        _scan(axes, pixels, aspect)
    inside = kinds > 0
    if not inside.all():
        panels[0].contour(inside.astype(float), levels=[0.5], colors=[_OUTLINE], linewidths=1.4)
    colours = habitat_colours(len(made.masks))
    panels[1].imshow(
        np.ma.masked_equal(kinds, 0),
        cmap=ListedColormap(colours),
        vmin=0.5,
        vmax=len(colours) + 0.5,
        aspect=aspect,
        interpolation="nearest",
    )
    figure.legend(
        handles=[
            Patch(color=colour, label=f"habitat {number}: {share:.0%}")
            for number, (colour, share) in enumerate(
                zip(colours, _shares(labels, len(colours)), strict=True), start=1
            )
        ],
        loc="outside lower center",
        ncols=min(len(colours), 4),
        fontsize=9,
        frameon=False,
        handlelength=1.0,
        columnspacing=1.2,
    )
    figure.suptitle(title, fontsize=10)
    return figure


def habitat_picture(made: HabitatMap, *, title: str = "", dpi: int = 110) -> bytes:
    """Return `habitat_figure` as PNG."""
    file = io.BytesIO()
    habitat_figure(made, title=title).savefig(file, format="png", dpi=dpi, facecolor="white")
    return file.getvalue()


def habitat_colours(n: int) -> list[str]:
    """Return a colour for each habitat, from dark to light as their intensity rises."""
    scale = mpl.colormaps[_COLOURS]
    return [mpl.colors.to_hex(scale(place)) for place in np.linspace(0.05, 0.95, n)]


def habitat_rows(features: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what each habitat is like over a cohort, one row a habitat.

    Parameters
    ----------
    features : DataFrame
        One row a case, columns of habitats (``habitat_1__original_habitat_Fraction``), with a
        modality in front or without.

    Returns
    -------
    list of dict
        ``habitat``, ``n_cases`` that have any of it, ``fraction`` (median of the tumour's share),
        and ``means``: map to the median over cases of its mean.
    """
    rows = []
    names = [name for name in features.columns if name.endswith("_habitat_Fraction")]
    for name in names:
        start = name.removesuffix("original_habitat_Fraction")
        means: Mapping[str, float] = {
            str(column).removeprefix(start).removesuffix("_habitat_Mean"): float(values.median())
            for column, values in features.items()
            if str(column).startswith(start) and str(column).endswith("_habitat_Mean")
        }
        rows.append(
            {
                "habitat": start.removesuffix("__").split("__")[-1],
                "n_cases": int((features[name] > 0).sum()),
                "fraction": float(features[name].median()),
                "means": dict(means),
            }
        )
    return rows


def habitat_part(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the report's part on habitats: cells of a table, heads of its last columns, pictures.

    Parameters
    ----------
    given : mapping, optional
        ``rows`` as of `habitat_rows`, and ``pictures`` with ``case_id`` and ``png`` (bytes).
    """
    if given is None:
        return {"rows": [], "heads": [], "pictures": []}
    rows = given["rows"]
    return {
        "rows": [
            (
                region_words(row["habitat"]),
                str(row["n_cases"]),
                percent(row["fraction"]),
                *(value_words(value) for value in row["means"].values()),
            )
            for row in rows
        ],
        "heads": [image_words(name) for name in rows[0]["means"]] if rows else [],
        "pictures": [
            {"case_id": p["case_id"], "data": base64.b64encode(p["png"]).decode("ascii")}
            for p in given["pictures"]
        ],
    }


def _scan(axes: Axes, pixels: np.ndarray, aspect: float) -> None:
    """Draw the scan in grey, between its 1st and 99th percentile."""
    low, high = np.nanpercentile(pixels, [1, 99])
    axes.imshow(pixels, cmap="gray", vmin=low, vmax=max(high, low + 1e-9), aspect=aspect)
    axes.set_axis_off()


def _shares(labels: np.ndarray, n: int) -> np.ndarray:
    """Return the share of the tumour that each habitat is, shape (n,)."""
    counts = np.bincount(labels[labels > 0], minlength=n + 1)[1:]
    return np.asarray(counts / counts.sum())
