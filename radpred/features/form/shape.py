"""Shape features: size and form of the region, from its mesh and from its voxel centres."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.features._family import Family, OneEach, ratio
from radpred.features._region import Region
from radpred.features.form._solids import ellipsoid_area, hull_area_and_volume
from radpred.image import Array, Triple
from radpred.kernels.diameter import maximum_diameters
from radpred.kernels.mesh import surface_area_and_volume

_NAN = float("nan")


@dataclass(frozen=True, kw_only=True, eq=False)
class Form(OneEach):
    """A region's form: each measure is made on first use and kept.

    For a region that extends along fewer than two axes, which PyRadiomics refuses, all but the
    voxel volume is NaN: a mesh of half voxels says nothing about the lesion.

    Parameters
    ----------
    region : Region
        The region.
    """

    region: Region

    @property
    def is_line(self) -> bool:
        """Tell whether the region extends along fewer than two axes."""
        return self.region.n_dimensions < 2

    @property
    def voxel_volume(self) -> float:
        """Return the volume of all voxels in mm3."""
        return self.region.n_voxels * float(np.prod(self.region.spacing))

    @cached_property
    def _mesh(self) -> tuple[float, float]:
        """Return the area in mm2 and the volume in mm3 of the mesh."""
        if self.is_line:
            return _NAN, _NAN
        return surface_area_and_volume(self.region.mask, spacing=self.region.spacing)

    @property
    def area(self) -> float:
        """Return the area of the mesh in mm2."""
        return self._mesh[0]

    @property
    def volume(self) -> float:
        """Return the volume inside the mesh in mm3."""
        return self._mesh[1]

    @property
    def equal_sphere_area(self) -> float:
        """Return the area of a sphere of the mesh's volume in mm2."""
        return (36 * np.pi * self.volume**2) ** (1 / 3)

    @cached_property
    def diameters(self) -> tuple[float, float, float, float]:
        """Return the largest distances (slice, column, row, space) in mm."""
        if self.is_line:
            return _NAN, _NAN, _NAN, _NAN
        return maximum_diameters(self.region.mask, spacing=self.region.spacing)

    @cached_property
    def axes(self) -> tuple[float, float, float]:
        """Return the lengths of the principal axes in mm, descending."""
        if self.is_line:
            return _NAN, _NAN, _NAN
        is_sample = self.region.convention.has_sample_axes
        return _principal_axes(self.region.mask, self.region.spacing, is_sample=is_sample)

    @property
    def sides(self) -> Array:
        """Return the sides of the box around the mesh in mm, shape (3,)."""
        return np.array(self.region.mask.shape) * self.region.spacing

    @cached_property
    def hull(self) -> tuple[float, float]:
        """Return the area in mm2 and the volume in mm3 of the convex hull of the mesh."""
        if self.is_line:
            return _NAN, _NAN
        return hull_area_and_volume(self.region.mask, spacing=self.region.spacing)


def _form(region: Region) -> Form:
    """Return the region's form."""
    return Form(region=region.on_host)


def _principal_axes(mask: Array, spacing: Triple, *, is_sample: bool) -> tuple[float, float, float]:
    """Return the lengths of the axes of the ellipsoid with the voxel centres' covariance.

    Descending, in mm: four times the roots of the covariance's eigenvalues (IBSI TDIC).
    """
    eigenvalues = np.linalg.eigvalsh(_covariance(mask, spacing))[::-1].copy()
    eigenvalues[eigenvalues < 1e-13 * eigenvalues[0]] = 0.0  # rounding, in a plane or on a line
    if is_sample:
        n_voxels = np.count_nonzero(mask)
        eigenvalues *= n_voxels / (n_voxels - 1)
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
    return ratio(f.equal_sphere_area, f.area)


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


@shape.feature("Compactness1", ibsi="SKGS", is_pyradiomics=False)
def compactness_1(f: Form) -> Array:
    """Return the mesh's volume over its area to the power 1.5 and the root of pi."""
    return ratio(f.volume, np.sqrt(np.pi) * f.area**1.5)


@shape.feature("Compactness2", ibsi="BQWJ", is_pyradiomics=False)
def compactness_2(f: Form) -> Array:
    """Return the cube of the sphericity."""
    return ratio(36 * np.pi * f.volume**2, f.area**3)


@shape.feature("SphericalDisproportion", ibsi="KRCK", is_pyradiomics=False)
def spherical_disproportion(f: Form) -> Array:
    """Return the mesh's area over that of a sphere of its volume."""
    return ratio(f.area, f.equal_sphere_area)


@shape.feature("Asphericity", ibsi="25C7", is_pyradiomics=False)
def asphericity(f: Form) -> Array:
    """Return by which part the mesh's area exceeds that of a sphere of its volume."""
    return ratio(f.area, f.equal_sphere_area) - 1


@shape.feature("VolumeDensityAABB", ibsi="PBX1", is_pyradiomics=False)
def volume_density_of_box(f: Form) -> Array:
    """Return the mesh's volume over that of the box around it along the image's axes."""
    return ratio(f.volume, f.sides.prod())


@shape.feature("AreaDensityAABB", ibsi="R59B", is_pyradiomics=False)
def area_density_of_box(f: Form) -> Array:
    """Return the mesh's area over that of the box around it along the image's axes."""
    z, y, x = f.sides
    return ratio(f.area, 2 * (z * y + y * x + x * z))


@shape.feature("VolumeDensityAEE", ibsi="6BDE", is_pyradiomics=False)
def volume_density_of_ellipsoid(f: Form) -> Array:
    """Return the mesh's volume over that of the ellipsoid with the principal axes."""
    return ratio(6 * f.volume, np.pi * np.prod(f.axes))


@shape.feature("AreaDensityAEE", ibsi="RDD2", is_pyradiomics=False)
def area_density_of_ellipsoid(f: Form) -> Array:
    """Return the mesh's area over that of the ellipsoid with the principal axes."""
    a, b, c = (length / 2 for length in f.axes)
    return ratio(f.area, ellipsoid_area(a, b, c))


@shape.feature("VolumeDensityConvexHull", ibsi="R3ER", is_pyradiomics=False)
def volume_density_of_hull(f: Form) -> Array:
    """Return the mesh's volume over that of its convex hull."""
    return ratio(f.volume, f.hull[1])


@shape.feature("AreaDensityConvexHull", ibsi="7T7F", is_pyradiomics=False)
def area_density_of_hull(f: Form) -> Array:
    """Return the mesh's area over that of its convex hull."""
    return ratio(f.area, f.hull[0])
