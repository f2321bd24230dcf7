"""Intensity held against a shape: an ellipsoid that is fitted to what was found, and again."""

from __future__ import annotations

import numpy as np

from radpred.image import Array
from radpred.segment.clean import connected_to, without_holes
from radpred.segment.window import FEWEST, Window

# Found on one half of the nodules of docs/segmentation.md, and judged on the other.
HALFWAY = 0.5  # of the contrast: what is brighter is lesion, at the ellipsoid's surface
FIRST_SURFACE = 0.8  # of the first ellipsoid, in half edges of the box
FIRST_WEIGHT, FIRST_POWER = 2.0, 3
SURFACE = 0.7  # from where on the box itself counts, later
WEIGHT_OF_BOX = 2.5
WEIGHT_OF_SHAPE = 0.5
BRIGHTNESS = 0.4  # as HALFWAY, later
N_FITS = 2


def ellipsoid(window: Window, rng: np.random.Generator) -> Array:
    """Return the voxels bright enough for where they lie: the farther out, the brighter.

    At first distance counts from the middle of the box, in half edges; then from an ellipsoid with
    the second moments of what was found. Vessels and walls of the lesion's intensity stay out,
    since they lie far from the ellipsoid; a faint rim belongs, since it lies near.

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
    bright = window.relative
    beyond = window.radius**FIRST_POWER - FIRST_SURFACE**FIRST_POWER
    found = (bright - HALFWAY > FIRST_WEIGHT * beyond) & window.inside
    outer = np.maximum(window.radius**FIRST_POWER - SURFACE**FIRST_POWER, 0.0)
    for _ in range(N_FITS):
        body = without_holes(connected_to(found, window.core))
        if body.sum() < FEWEST:
            break
        shape = WEIGHT_OF_SHAPE * (squared_radius(body) - 1.0) + WEIGHT_OF_BOX * outer
        found = (bright - BRIGHTNESS > shape) & window.inside
    return found


def squared_radius(body: Array) -> Array:
    """Return the squared distance from an ellipsoid's centre, 1 on its surface.

    The ellipsoid has the centre and the second moments of ``body``, each voxel being a cube:
    a solid ellipsoid's variance along a half axis ``a`` is ``a**2 / 5``.

    Parameters
    ----------
    body : array of bool
        Shape (z, y, x); lengths cancel, so that the voxels' sizes do not matter.

    Examples
    --------
    >>> bar = np.zeros((1, 1, 41), dtype=bool)
    >>> bar[..., 10:31] = True
    >>> far = squared_radius(bar)[0, 0]
    >>> float(far[20]), bool(far[30] < 1.0 < far[35])
    (0.0, True)
    """
    places = np.argwhere(body)
    middle = places.mean(axis=0)
    variance = np.cov(places.T, ddof=0) + np.eye(body.ndim) / 12
    offset = np.moveaxis(np.indices(body.shape), 0, -1) - middle
    return (offset @ np.linalg.inv(5.0 * variance) * offset).sum(axis=-1)
