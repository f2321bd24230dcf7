"""The slice of a scan on which a lesion is largest, with the outlines of its regions."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from radpred.backends import to_host
from radpred.image import Image, Mask
from radpred.report.words.names import region_words

COLOURS = (
    "#ffb000",
    "#4fc3f7",
    "#c792ea",
    "#7ee787",
    "#ff6f61",
    "#fff59d",
    "#1de9b6",
    "#ff8fd2",
)
_MARGIN_MM = 15.0
_WIDTH, _TITLE = 3.2, 0.25  # inches


def slice_figure(image: Image, regions: Mapping[str, Mask], *, title: str = "") -> Figure:
    """Return a picture of one axial slice with the outline of each region.

    Parameters
    ----------
    image : Image
        The scan, in array order (z, y, x).
    regions : mapping of str to Mask
        Regions on the same grid; the first one chooses the slice.
    title : str
        What to write above.
    """
    first = next(iter(regions.values()))
    z = int(np.argmax(to_host(first.voxels).sum(axis=(1, 2))))
    union = np.any([to_host(m.voxels)[z] for m in regions.values()], axis=0)
    rows, columns = window(union, image.grid.spacing[1:])
    pixels = np.asarray(to_host(image.voxels)[z][rows, columns], dtype=float)
    aspect = image.grid.spacing[1] / image.grid.spacing[2]
    height = _WIDTH * aspect * pixels.shape[0] / pixels.shape[1]
    figure = Figure(
        figsize=(_WIDTH, height + (_TITLE if title else 0)),
        layout=ConstrainedLayoutEngine(w_pad=0, h_pad=0),
    )
    axes = figure.add_subplot()
    low, high = np.percentile(pixels, [1, 99])
    axes.imshow(pixels, cmap="gray", vmin=low, vmax=max(high, low + 1e-9), aspect=aspect)
    named = list(zip(regions.items(), COLOURS * len(regions), strict=False))
    for (_, mask), colour in reversed(named):  # the first region on top
        inside = to_host(mask.voxels)[z][rows, columns]
        if inside.any() and not inside.all():
            axes.contour(inside.astype(float), levels=[0.5], colors=[colour], linewidths=1.6)
    for (name, _), colour in named:
        axes.plot([], [], color=colour, label=region_words(name))
    axes.legend(loc="lower left", fontsize=9, framealpha=0.75, handlelength=1.2)
    axes.set_title(title, fontsize=10)
    axes.set_axis_off()
    return figure


def slice_picture(image: Image, regions: Mapping[str, Mask]) -> bytes:
    """Return `slice_figure` as PNG."""
    file = io.BytesIO()
    slice_figure(image, regions).savefig(file, format="png", dpi=110)
    return file.getvalue()


def window(
    union: np.ndarray, spacing: tuple[float, float], *, margin_mm: float = _MARGIN_MM
) -> tuple[slice, slice]:
    """Return the rows and columns around a region, with a margin."""
    windows = []
    for axis, step in enumerate(spacing):
        inside = np.flatnonzero(union.any(axis=1 - axis))
        margin = round(margin_mm / step)
        low, high = (inside[0], inside[-1]) if len(inside) else (0, union.shape[axis] - 1)
        windows.append(slice(max(int(low) - margin, 0), int(high) + margin + 1))
    return windows[0], windows[1]
