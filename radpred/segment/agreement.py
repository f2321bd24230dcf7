"""How well two masks of one lesion agree: overlap, distances between surfaces, kappa.

The *surface voxels* of a mask are those of its voxels that share a face with a voxel outside it,
or with the border of the grid. Distances run in mm from the centre of a surface voxel of one mask
to the nearest centre of a surface voxel of the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded when they are used

from radpred.errors import GeometryError, RegionError
from radpred.image import Array, Mask, common_box


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How well two masks agree.

    Parameters
    ----------
    dice, kappa : float
        1 where they are equal.
    hd95_mm, asd_mm : float
        95th percentile and mean of the distances between their surfaces, NaN where a mask is
        empty.
    """

    dice: float
    hd95_mm: float
    asd_mm: float
    kappa: float


def agreement(a: Mask, b: Mask) -> Agreement:
    """Return all measures of how well two masks agree.

    Raises
    ------
    GeometryError
        The masks lie on different grids.
    """
    distances = None if a.box is None or b.box is None else _distances(a, b)
    return Agreement(
        dice=dice(a, b),
        hd95_mm=np.nan if distances is None else _percentile(*distances, percentile=95.0),
        asd_mm=np.nan if distances is None else _mean(*distances),
        kappa=kappa(a, b),
    )


def dice(a: Mask, b: Mask) -> float:
    """Return Dice's coefficient: shared voxels, twice, by the voxels of both masks.

    Two empty masks agree (1); an empty one and one that is not have nothing in common (0).

    Parameters
    ----------
    a, b : Mask
        On one grid.

    Raises
    ------
    GeometryError
        The masks lie on different grids.

    References
    ----------
    Dice, Ecology 1945;26:297-302.

    Examples
    --------
    >>> from radpred.image import Grid
    >>> row = np.array([[[False, True, True, True]]])
    >>> a = Mask(voxels=row, grid=Grid(shape=(1, 1, 4)))
    >>> b = Mask(voxels=row[..., ::-1], grid=a.grid)
    >>> round(dice(a, b), 3)
    0.667
    """
    first, second = _cropped(a, b)
    total = int(first.sum()) + int(second.sum())
    return 2 * int((first & second).sum()) / total if total else 1.0


def hausdorff_mm(a: Mask, b: Mask, *, percentile: float = 95.0) -> float:
    """Return the distance in mm within which ``percentile`` % of each surface has the other.

    The percentile is taken of the distances from ``a`` to ``b`` and of those from ``b`` to ``a``,
    and the larger of the two counts; with 100 it is Hausdorff's distance between the surfaces.

    Parameters
    ----------
    a, b : Mask
        On one grid.
    percentile : float
        From 0 to 100; between two distances it is interpolated.

    Raises
    ------
    RegionError
        ``empty_mask``: an empty mask has no surface.
    GeometryError
        The masks lie on different grids.

    References
    ----------
    Huttenlocher et al., IEEE Trans Pattern Anal Mach Intell 1993;15:850-863. Maier-Hein et al.,
    Nat Methods 2024;21:195-212 (HD95).
    """
    return _percentile(*_distances(a, b), percentile=percentile)


def mean_surface_distance_mm(a: Mask, b: Mask) -> float:
    """Return the mean distance in mm between two surfaces, each seen from the other.

    The mean runs over the surface voxels of both masks together (average symmetric surface
    distance, ASSD), so that the larger surface weighs more.

    Parameters
    ----------
    a, b : Mask
        On one grid.

    Raises
    ------
    RegionError
        ``empty_mask``: an empty mask has no surface.
    GeometryError
        The masks lie on different grids.

    References
    ----------
    Heimann et al., IEEE Trans Med Imaging 2009;28:1251-1265.
    """
    return _mean(*_distances(a, b))


def kappa(a: Mask, b: Mask) -> float:
    """Return Cohen's kappa of two masks as two raters of the voxels around them.

    The voxels rated are those of the smallest box around both masks: background beyond it, of
    which a scan holds any amount, does not count. Equal masks have 1, even where they leave
    chance no room (both empty, or both the whole box).

    Parameters
    ----------
    a, b : Mask
        On one grid.

    Raises
    ------
    GeometryError
        The masks lie on different grids.

    References
    ----------
    Cohen, Educ Psychol Meas 1960;20:37-46.
    """
    first, second = _cropped(a, b)
    if (first == second).all():
        return 1.0
    observed = float((first == second).mean())
    share_a, share_b = float(first.mean()), float(second.mean())
    expected = share_a * share_b + (1 - share_a) * (1 - share_b)
    return (observed - expected) / (1 - expected)


def surface_voxels(voxels: Array) -> Array:
    """Return the voxels that share a face with one outside, or with the border of the array.

    Parameters
    ----------
    voxels : array of bool
        Shape (z, y, x).
    """
    return voxels & ~scipy.ndimage.binary_erosion(voxels)


def _percentile(from_a: Array, from_b: Array, *, percentile: float) -> float:
    """Return the larger percentile of two sets of distances."""
    return float(max(np.percentile(from_a, percentile), np.percentile(from_b, percentile)))


def _mean(from_a: Array, from_b: Array) -> float:
    """Return the mean of two sets of distances together."""
    return float(np.concatenate([from_a, from_b]).mean())


def _distances(a: Mask, b: Mask) -> tuple[Array, Array]:
    """Return the distances in mm from each surface voxel of ``a`` to ``b``'s surface, and back."""
    for mask in (a, b):
        if mask.box is None:
            msg = f"{mask.name}: the mask is empty and has no surface; leave the pair out"
            raise RegionError(msg, code="empty_mask")
    surface_a, surface_b = (surface_voxels(voxels) for voxels in _cropped(a, b))
    to_a, to_b = (
        scipy.ndimage.distance_transform_edt(~surface, sampling=a.grid.spacing)
        for surface in (surface_a, surface_b)
    )
    return to_b[surface_a], to_a[surface_b]


def _cropped(a: Mask, b: Mask) -> tuple[Array, Array]:
    """Return the voxels of both in the smallest box around them: none where both are empty."""
    if a.grid != b.grid:
        msg = f"{a.name} lies on {a.grid}, {b.name} on {b.grid}; bring the masks to one grid"
        raise GeometryError(msg)
    box = common_box([a, b]) or (slice(0, 0),) * 3
    return a.voxels[box].astype(bool), b.voxels[box].astype(bool)
