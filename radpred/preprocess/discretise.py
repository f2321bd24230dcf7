"""Turn intensities into grey levels, with the bin edges of PyRadiomics or of IBSI."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from radpred.backends import array_namespace, as_number
from radpred.errors import RegionError, SettingsError
from radpred.image import Array

# Level matrices hold levels squared: more levels than this would say nothing and need gigabytes.
MAX_GREY_LEVELS = 2**13
MANY_GREY_LEVELS = 256


FirstEdge = Literal["multiple", "minimum"] | float


def discretise(
    intensities: Array,
    *,
    bin_width: float | None = None,
    bin_count: int | None = None,
    first_edge: FirstEdge = "multiple",
) -> Array:
    """Return the grey level, from 1 up, of every intensity.

    Parameters
    ----------
    intensities : array, shape (n,)
        The finite intensities of a region, at least one, in the type they were stored in.
    bin_width : float, optional
        Width of a level, in the unit of the intensities. Levels are half open, [low, high).
    bin_count : int, optional
        Number of levels of equal width from the lowest to the highest intensity (IBSI K15C).
    first_edge : "multiple", "minimum" or float
        Where levels of a width start: at the multiple of the width below the lowest intensity
        (PyRadiomics), at the lowest intensity, or at a bound (IBSI Q3RU) or, where there are
        intensities below it, whole widths below it.

    Returns
    -------
    array of int64, shape (n,)

    Raises
    ------
    SettingsError
        Both, or neither, of ``bin_width`` and ``bin_count`` are given, or they are not positive.
    RegionError
        The intensities would need more than ``MAX_GREY_LEVELS`` levels.

    Examples
    --------
    >>> discretise(np.array([54, 74.9, 75, 166]), bin_width=25).tolist()
    [1, 1, 2, 5]
    """
    if (bin_width is None) == (bin_count is None):
        msg = f"got bin_width={bin_width} and bin_count={bin_count}; give one of the two"
        raise SettingsError(msg)
    chosen = bin_width if bin_width is not None else bin_count
    if chosen is None or not chosen > 0:
        msg = f"got bin_width={bin_width} and bin_count={bin_count}; give a positive number"
        raise SettingsError(msg)
    if bin_width is not None:
        edges = _edges_of_width(intensities, bin_width, first_edge)
    else:
        edges = _edges_of_count(intensities, int(chosen))
    return _digitised(intensities, edges)


def predicted_levels(lowest: float, highest: float, *, bin_width: float) -> float:
    """Return how many grey levels of a width lie from one intensity to another, ends included.

    Examples
    --------
    >>> predicted_levels(54, 166, bin_width=25)
    5.0
    """
    return float(highest) // bin_width - float(lowest) // bin_width + 1


def fitting_width(lowest: float, highest: float, *, n_levels: int) -> float:
    """Return a width, of two digits, at which about ``n_levels`` grey levels are not exceeded.

    Examples
    --------
    >>> fitting_width(0, 30000, n_levels=256)
    120.0
    """
    return _rounded_up((float(highest) - float(lowest)) / (n_levels - 1))


def _digitised(intensities: Array, edges: Array) -> Array:
    """Return what ``numpy.digitize`` does, faster, for edges that lie (almost) evenly."""
    xp = array_namespace(intensities)
    guess = ((intensities - edges[0]) / (edges[1] - edges[0])).astype(xp.int64)
    xp.clip(guess, 0, edges.size - 2, out=guess)
    edges = xp.asarray(edges)
    guess += intensities >= edges[guess + 1]
    guess -= intensities < edges[guess]
    return guess + 1


def _edges_of_width(intensities: Array, bin_width: float, first_edge: FirstEdge) -> Array:
    """Return edges a width apart, up to one beyond the highest intensity."""
    lowest, highest = _ends(intensities)
    if not np.issubdtype(intensities.dtype, np.floating):
        lowest, highest = np.float64(lowest), np.float64(highest)
    n_levels = predicted_levels(lowest, highest, bin_width=bin_width)
    if not n_levels <= MAX_GREY_LEVELS:
        fitting = fitting_width(lowest, highest, n_levels=MANY_GREY_LEVELS)
        msg = (
            f"intensities from {lowest:g} to {highest:g} need {n_levels:g} grey levels of width "
            f"{bin_width:g}, hence matrices of {8 * n_levels**2 / 1e9:.2g} GB; at most "
            f"{MAX_GREY_LEVELS} levels can be measured; use bin_width={fitting:g}"
        )
        raise RegionError(msg, code="too_many_grey_levels")
    # The upper end adds two widths so that an intensity on the last edge gets a bin of its own.
    start = _start(lowest, bin_width, first_edge)
    edges = np.arange(start, highest + 2 * bin_width, bin_width)
    return edges if edges.size > 1 else _one_level(intensities)


def _start(lowest: float, bin_width: float, first_edge: FirstEdge) -> float:
    """Return where the first bin starts."""
    if first_edge == "multiple":
        return lowest - lowest % bin_width
    if first_edge == "minimum":
        return lowest
    below = max(math.ceil((first_edge - float(lowest)) / bin_width), 0)
    return first_edge - below * bin_width


def _edges_of_count(intensities: Array, bin_count: int) -> Array:
    """Return edges of equal width; the last is raised so that the highest intensity fits below."""
    if bin_count > MAX_GREY_LEVELS:
        msg = f"got bin_count={bin_count}; at most {MAX_GREY_LEVELS} grey levels can be measured"
        raise RegionError(msg, code="too_many_grey_levels")
    try:
        edges = np.histogram_bin_edges(np.array(_ends(intensities)), bin_count)
    except ValueError:  # the intensities are too close together to be told apart by edges
        return _one_level(intensities)
    edges[-1] += 1
    return edges


def _one_level(intensities: Array) -> Array:
    """Return the edges of one level that holds all intensities."""
    lowest, highest = map(float, _ends(intensities))
    return np.array([lowest, highest + max(1.0, abs(highest))])


def _ends(intensities: Array) -> tuple[Any, Any]:
    """Return the lowest and the highest intensity, on the host and in their type."""
    return as_number(intensities.min()), as_number(intensities.max())


def _rounded_up(width: float) -> float:
    """Return a width of two digits that is not smaller."""
    unit = 10.0 ** (math.floor(math.log10(width)) - 1)
    return math.ceil(width / unit) * unit
