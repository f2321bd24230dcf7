"""Shape features of a region that lies in one plane: its outline and its pixel centres.

The outline passes through the midpoints of the edges between the region and the rest (marching
squares), as in PyRadiomics. A cell (a square of four pixel centres) adds the same line and area
wherever it lies, so it is enough to count the cells by the corners that lie in the region. Of two
opposite corners each is cut off on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from radpred.errors import SettingsError
from radpred.features._family import Family, NotComputableError, OneEach
from radpred.features._region import Region
from radpred.image import Array
from radpred.kernels.diameter import maximum_diameters


@dataclass(frozen=True, kw_only=True)
class Outline(OneEach):
    """Measures of a region in its plane, in mm; principal axes descend.

    For a region that extends along one axis only, which PyRadiomics refuses, all but the pixel
    surface is NaN.
    """

    pixel_surface: float
    perimeter: float
    surface: float
    diameter: float
    axes: tuple[float, float]


def _outline(region: Region) -> Outline:
    """Return the region's measures in the plane across the flat axis.

    Raises
    ------
    NotComputableError
        ``several_slices``: the region extends along that axis too.
    SettingsError
        No axis is flat.
    """
    region = region.on_host
    flat = region.texture.flat_axis
    if flat is None:
        msg = "shape2D measures a slice, and no axis is flat; name one (force_2d in settings)"
        raise SettingsError(msg)
    if region.mask.shape[flat] > 1:
        raise NotComputableError("several_slices")
    mask = region.mask.any(axis=flat)
    steps = np.delete(np.asarray(region.spacing, dtype=float), flat)
    pixel_surface = region.n_voxels * float(np.prod(steps))
    if region.n_dimensions < 2:
        nan = float("nan")
        return Outline(
            pixel_surface=pixel_surface, perimeter=nan, surface=nan, diameter=nan, axes=(nan, nan)
        )
    perimeter, surface = _perimeter_and_surface(mask, steps)
    return Outline(
        pixel_surface=pixel_surface,
        perimeter=perimeter,
        surface=surface,
        diameter=maximum_diameters(mask[None], spacing=(1.0, float(steps[0]), float(steps[1])))[0],
        axes=_principal_axes(mask, steps),
    )


def _perimeter_and_surface(mask: Array, steps: Array) -> tuple[float, float]:
    """Return the length in mm and the area in mm2 of the outline, from the kinds of cells."""
    padded = np.pad(mask, 1).astype(np.int64)
    kind = padded[:-1, :-1] + 2 * padded[:-1, 1:] + 4 * padded[1:, :-1] + 8 * padded[1:, 1:]
    count = np.bincount(kind.ravel(), minlength=16)
    one, three = count[[1, 2, 4, 8]].sum(), count[[7, 11, 13, 14]].sum()
    along_x, along_y = count[[3, 12]].sum(), count[[5, 10]].sum()
    opposite = count[[6, 9]].sum()
    slant = np.linalg.norm(steps) / 2
    length = (one + three + 2 * opposite) * slant + along_x * steps[1] + along_y * steps[0]
    n_pixels = one / 8 + (along_x + along_y) / 2 + three * 7 / 8 + opposite / 4 + count[15]
    return float(length), float(n_pixels * np.prod(steps))


def _principal_axes(mask: Array, steps: Array) -> tuple[float, float]:
    """Return four times the roots of the eigenvalues of the pixel centres' covariance, in mm."""
    centres = np.argwhere(mask) * steps
    eigenvalues = np.linalg.eigvalsh(np.cov(centres.T, bias=True))
    if eigenvalues[0] < 1e-13 * eigenvalues[1]:
        eigenvalues[0] = 0.0  # rounding, on a line
    minor, major = 4 * np.sqrt(eigenvalues)
    return float(major), float(minor)


shape2d = Family(name="shape2D", prepare=_outline)


@shape2d.feature("Elongation", ibsi=None)
def elongation(o: Outline) -> float:
    """Return the second principal axis over the first (1: round, 0: a line)."""
    return o.axes[1] / o.axes[0]


@shape2d.feature("MajorAxisLength", ibsi=None)
def major_axis_length(o: Outline) -> float:
    """Return the length of the first principal axis in the plane, in mm."""
    return o.axes[0]


@shape2d.feature("MaximumDiameter", ibsi=None)
def maximum_diameter(o: Outline) -> float:
    """Return the largest distance between points of the outline, in mm."""
    return o.diameter


@shape2d.feature("MeshSurface", ibsi=None)
def mesh_surface(o: Outline) -> float:
    """Return the area inside the outline, in mm2."""
    return o.surface


@shape2d.feature("MinorAxisLength", ibsi=None)
def minor_axis_length(o: Outline) -> float:
    """Return the length of the second principal axis in the plane, in mm."""
    return o.axes[1]


@shape2d.feature("Perimeter", ibsi=None)
def perimeter(o: Outline) -> float:
    """Return the length of the outline, in mm."""
    return o.perimeter


@shape2d.feature("PerimeterSurfaceRatio", ibsi=None)
def perimeter_surface_ratio(o: Outline) -> float:
    """Return the length of the outline over the area inside, per mm."""
    return o.perimeter / o.surface


@shape2d.feature("PixelSurface", ibsi=None)
def pixel_surface(o: Outline) -> float:
    """Return the number of pixels times the area of one, in mm2."""
    return o.pixel_surface


@shape2d.feature("Sphericity", ibsi=None)
def sphericity(o: Outline) -> float:
    """Return the perimeter of a circle of the same area over the outline's length."""
    return 2 * sqrt(pi * o.surface) / o.perimeter
