"""Small phantoms whose volume, place and intensities are known in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from radpred.image import Grid, Image, Mask, Triple

UNIT: Triple = (1.0, 1.0, 1.0)


def sphere(radius_mm: float, *, spacing: Triple = UNIT, margin_mm: float = 5.0) -> Mask:
    """Return a sphere about the world's origin: the voxels whose centre lies inside it.

    Parameters
    ----------
    radius_mm : float
        Radius; the volume tends to 4/3 pi r^3 as the spacing shrinks.
    spacing : tuple of float
        Voxel size in mm, ordered (z, y, x).
    margin_mm : float
        Background on every side, in mm.

    Returns
    -------
    Mask
        On the smallest odd grid that holds sphere and margin; the middle voxel lies at (0, 0, 0).

    Examples
    --------
    >>> sphere(1.0, margin_mm=0.0).n_voxels  # the centre and its six neighbours
    7
    """
    half = [int(np.ceil((radius_mm + margin_mm) / step)) for step in spacing]
    axes = [np.arange(-h, h + 1) * step for h, step in zip(half, spacing, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
    inside = z**2 + y**2 + x**2 <= radius_mm**2
    first = (float(x.min()), float(y.min()), float(z.min()))
    return Mask(voxels=inside, grid=replace(_grid(inside.shape, spacing), origin=first))


def cuboid(
    shape: Sequence[int], *, start: Sequence[int], stop: Sequence[int], spacing: Triple = UNIT
) -> Mask:
    """Return a cuboid of the voxels from ``start`` up to, not including, ``stop``.

    Parameters
    ----------
    shape : sequence of int
        Number of voxels of the grid along z, y and x.
    start, stop : sequence of int
        Array indices (z, y, x); the volume is ``prod(stop - start)`` voxels.
    spacing : tuple of float
        Voxel size in mm, ordered (z, y, x).

    Examples
    --------
    >>> cuboid((20, 24, 28), start=(6, 7, 8), stop=(14, 16, 19)).n_voxels
    792
    """
    voxels = np.zeros(tuple(shape), dtype=bool)
    voxels[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))] = True
    return Mask(voxels=voxels, grid=_grid(shape, spacing))


def noise_box(
    shape: Sequence[int],
    *,
    rng: np.random.Generator,
    mean: float = 100.0,
    sd: float = 30.0,
    spacing: Triple = UNIT,
) -> Image:
    """Return independent Gaussian noise as float32, shape ``shape`` (z, y, x).

    Parameters
    ----------
    shape : sequence of int
        Number of voxels along z, y and x.
    rng : numpy.random.Generator
        Where the noise comes from.
    mean, sd : float
        Mean and standard deviation of the intensities.
    spacing : tuple of float
        Voxel size in mm, ordered (z, y, x).
    """
    voxels = rng.normal(mean, sd, size=tuple(shape)).astype(np.float32)
    return Image(voxels=voxels, grid=_grid(shape, spacing))


def painted(mask: Mask, *, inside: float, outside: float) -> Image:
    """Return a float32 image with one intensity inside ``mask`` and another around it."""
    voxels = np.where(mask.voxels, inside, outside).astype(np.float32)
    return Image(voxels=voxels, grid=mask.grid)


def _grid(shape: Sequence[int], spacing: Triple) -> Grid:
    """Return the grid of ``shape`` whose first voxel lies at the world's origin."""
    z, y, x = (int(n) for n in shape)
    return Grid(shape=(z, y, x), spacing=spacing)
