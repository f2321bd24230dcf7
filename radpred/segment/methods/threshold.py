"""Otsu's threshold."""

from __future__ import annotations

import numpy as np

from radpred.image import Array
from radpred.segment.window import Window

N_BINS = 256


def otsu(window: Window, rng: np.random.Generator) -> Array:
    """Return the voxels above the threshold that parts the box best.

    Parameters
    ----------
    window : Window
        In and around the box.
    rng : numpy.random.Generator
        Not used: nothing is drawn.

    Returns
    -------
    array of bool
        Of the window's shape.
    """
    return window.intensity > otsu_threshold(window.intensity[window.rounded])


def otsu_threshold(values: Array) -> float:
    """Return the threshold with the largest variance between the classes on its sides.

    Parameters
    ----------
    values : array
        Intensities, not all equal, any shape.

    References
    ----------
    Otsu, IEEE Trans Syst Man Cybern 1979;9:62-66, equation 18.

    Examples
    --------
    >>> round(otsu_threshold(np.array([1.0, 2.0, 9.0, 10.0])), 1)
    5.5
    """
    counts, edges = np.histogram(values, bins=N_BINS)
    share = counts / counts.sum()
    below = np.cumsum(share)[:-1]
    mean_below = np.cumsum(share * (edges[1:] + edges[:-1]) / 2)
    total, mean_below = mean_below[-1], mean_below[:-1]
    between = (total * below - mean_below) ** 2 / np.maximum(below * (1 - below), 1e-12)
    # Any threshold in an empty gap is as good: the middle of the gap favours neither side.
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))
    return float(edges[1:-1][best].mean())
