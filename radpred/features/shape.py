"""Shape features: size and form of the region, from its mesh and from its voxel centres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radpred.features._family import Family, OneEach, ratio
from radpred.features._region import Region
from radpred.image import Array, Triple
from radpred.kernels.diameter import maximum_diameters
from radpred.kernels.mesh import surface_area_and_volume


@dataclass(frozen=True, kw_only=True)
class Form(OneEach):
    """Mesh measures in mm, diameters (slice, column, row, space) and principal axes in mm.

    For a region that extends along fewer than two axes, which PyRadiomics refuses, all but the
    voxel volume is NaN: a mesh of half voxels says nothing about the lesion.
    """

    voxel_volume: float
    area: float
    volume: float
    diameters: tuple[float, float, float, float]
    axes: tuple[float, float, float]


def _form(region: Region) -> Form:
    """Return the region's measures."""
    voxel_volume = region.n_voxels * float(np.prod(region.spacing))
    if region.n_dimensions < 2:
        nan = float("nan")
        return Form(
            voxel_volume=voxel_volume, area=nan, volume=nan, diameters=(nan,) * 4, axes=(nan,) * 3
        )
    area, volume = surface_area_and_volume(region.mask, spacing=region.spacing)
    return Form(
        voxel_volume=voxel_volume,
        area=area,
        volume=volume,
        diameters=maximum_diameters(region.mask, spacing=region.spacing),
        axes=_principal_axes(region.mask, region.spacing),
    )


def _principal_axes(mask: Array, spacing: Triple) -> tuple[float, float, float]:
    """Return the lengths of the axes of the ellipsoid with the voxel centres' covariance.

    Descending, in mm: four times the roots of the covariance's eigenvalues (IBSI TDIC).
    """
    eigenvalues = np.linalg.eigvalsh(_covariance(mask, spacing))[::-1].copy()
    eigenvalues[eigenvalues < 1e-13 * eigenvalues[0]] = 0.0  # rounding, in a plane or on a line
    major, minor, least = 4 * np.sqrt(eigenvalues)
    return float(major), float(minor), float(least)


def _covariance(mask: Array, spacing: Triple) -> Array:
    """Return the covariance of the voxel centres in mm2, shape (3, 3), from the projections."""
    covariance = np.empty((3, 3))
    for across, i, j in ((0, 1, 2), (1, 0, 2), (2, 0, 1)):
        thickness = np.count_nonzero(mask, axis=across).astype(float)
        n = thickness.sum()
        along_i, along_j = thickness.sum(axis=1), thickness.sum(axis=0)
        a = (np.arange(along_i.size) - along_i @ np.arange(along_i.size) / n) * spacing[i]
        b = (np.arange(along_j.size) - along_j @ np.arange(along_j.size) / n) * spacing[j]
        covariance[i, j] = covariance[j, i] = a @ thickness @ b / n
        covariance[i, i], covariance[j, j] = along_i @ a**2 / n, along_j @ b**2 / n
    return covariance


shape = Family(name="shape", prepare=_form)


@shape.feature("Elongation", ibsi="Q3CK")
def elongation(f: Form) -> float:
    """Return the second principal axis over the first (1: round, 0: a line)."""
    return f.axes[1] / f.axes[0]


@shape.feature("Flatness", ibsi="N17B")
def flatness(f: Form) -> float:
    """Return the third principal axis over the first (1: round, 0: flat)."""
    return f.axes[2] / f.axes[0]


@shape.feature("LeastAxisLength", ibsi="7J51")
def least_axis_length(f: Form) -> float:
    """Return the length of the third principal axis, in mm."""
    return f.axes[2]


@shape.feature("MajorAxisLength", ibsi="TDIC")
def major_axis_length(f: Form) -> float:
    """Return the length of the first principal axis, in mm."""
    return f.axes[0]


@shape.feature("Maximum2DDiameterColumn", ibsi=None)
def maximum_2d_diameter_column(f: Form) -> float:
    """Return the largest distance between mesh points of one y, in mm."""
    return f.diameters[1]


@shape.feature("Maximum2DDiameterRow", ibsi=None)
def maximum_2d_diameter_row(f: Form) -> float:
    """Return the largest distance between mesh points of one x, in mm."""
    return f.diameters[2]


@shape.feature("Maximum2DDiameterSlice", ibsi=None)
def maximum_2d_diameter_slice(f: Form) -> float:
    """Return the largest distance between mesh points of one z, in mm."""
    return f.diameters[0]


@shape.feature("Maximum3DDiameter", ibsi="L0JK")
def maximum_3d_diameter(f: Form) -> float:
    """Return the largest distance between mesh points, in mm."""
    return f.diameters[3]


@shape.feature("MeshVolume", ibsi="RNU0")
def mesh_volume(f: Form) -> float:
    """Return the volume inside the mesh, in mm3."""
    return f.volume


@shape.feature("MinorAxisLength", ibsi="P9VJ")
def minor_axis_length(f: Form) -> float:
    """Return the length of the second principal axis, in mm."""
    return f.axes[1]


@shape.feature("Sphericity", ibsi="QCFX")
def sphericity(f: Form) -> float:
    """Return the area of a sphere of the mesh's volume over the mesh's area."""
    return ratio((36 * np.pi * f.volume**2) ** (1 / 3), f.area)


@shape.feature("SurfaceArea", ibsi="C0JK")
def surface_area(f: Form) -> float:
    """Return the area of the mesh, in mm2."""
    return f.area


@shape.feature("SurfaceVolumeRatio", ibsi="2PR5")
def surface_volume_ratio(f: Form) -> float:
    """Return the area of the mesh over its volume, per mm."""
    return ratio(f.area, f.volume)


@shape.feature("VoxelVolume", ibsi="YEKZ")
def voxel_volume(f: Form) -> float:
    """Return the number of voxels times the volume of one, in mm3."""
    return f.voxel_volume
