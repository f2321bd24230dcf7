"""Voxels that know their place: frozen values, in array order (z, y, x)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

Triple = tuple[float, float, float]
Array = Any  # NumPy or CuPy: the array says which library runs

_IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Where voxels lie: triples in array order (z, y, x), lengths in mm.

    Parameters
    ----------
    shape : tuple of int
        Number of voxels along z, y and x.
    spacing : tuple of float
        Distance between voxel centres along z, y and x, in mm.
    origin : tuple of float
        Centre of the first voxel in the patient's space, in mm, ordered (x, y, z) in LPS.
    direction : tuple of float
        Row-major 3 x 3 matrix of direction cosines as SimpleITK gives it (x, y, z in LPS).
    """

    shape: tuple[int, int, int]
    spacing: Triple = (1.0, 1.0, 1.0)
    origin: Triple = (0.0, 0.0, 0.0)
    direction: tuple[float, ...] = _IDENTITY

    @property
    def voxel_volume_mm3(self) -> float:
        """Return the volume of one voxel in mm3."""
        return float(np.prod(self.spacing))

    def cropped(self, box: tuple[slice, slice, slice]) -> Grid:
        """Return the grid of the voxels inside ``box`` (slices with start and stop)."""
        start = np.array([s.start for s in box], dtype=float)
        shape = tuple(int(s.stop - s.start) for s in box)
        return replace(self, shape=shape, origin=tuple(self.to_world(start)))

    def to_world(self, index: Array) -> Array:
        """Return the LPS position (x, y, z) in mm of an array index (z, y, x), shape (..., 3)."""
        offset = (np.asarray(index, dtype=float) * np.asarray(self.spacing))[..., ::-1]
        return offset @ np.reshape(self.direction, (3, 3)).T + np.asarray(self.origin)

    def to_index(self, point: Array) -> Array:
        """Return the fractional array index (z, y, x) of an LPS position (x, y, z) in mm."""
        offset = np.asarray(point, dtype=float) - np.asarray(self.origin)
        along = np.linalg.solve(np.reshape(self.direction, (3, 3)), offset[..., None])[..., 0]
        return along[..., ::-1] / np.asarray(self.spacing)

    def __str__(self) -> str:
        """Return the grid as a person would say it."""
        shape = " x ".join(map(str, self.shape))
        spacing = " x ".join(f"{s:.4g}" for s in self.spacing)
        origin = ", ".join(f"{o:.4g}" for o in self.origin)
        return f"{shape} voxels of {spacing} mm (z, y, x) from ({origin}) mm"


@dataclass(frozen=True, kw_only=True, eq=False)
class Image:
    """A scalar volume.

    Parameters
    ----------
    voxels : array
        Intensities, shape ``grid.shape`` (z, y, x), in the unit of the scan.
    grid : Grid
        Where the voxels lie.
    name : str
        What it is called in names and messages.
    steps : tuple of str
        What was done to it, in order.
    """

    voxels: Array
    grid: Grid
    name: str = "original"
    steps: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse voxels that do not fill the grid."""
        if tuple(self.voxels.shape) != tuple(self.grid.shape):
            msg = f"{self.name}: {self.voxels.shape} voxels do not fill a grid of {self.grid.shape}"
            raise ValueError(msg)


@dataclass(frozen=True, kw_only=True, eq=False)
class Mask:
    """A region: which voxels of a grid belong to it.

    Parameters
    ----------
    voxels : array of bool
        Shape ``grid.shape`` (z, y, x).
    grid : Grid
        Where the voxels lie.
    name : str
        The region's name in the feature table (``tumour``, ``ring_0_4mm``).
    steps : tuple of str
        What was done to it, in order.
    """

    voxels: Array
    grid: Grid
    name: str = "tumour"
    steps: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse voxels that do not fill the grid."""
        if tuple(self.voxels.shape) != tuple(self.grid.shape):
            msg = f"{self.name}: {self.voxels.shape} voxels do not fill a grid of {self.grid.shape}"
            raise ValueError(msg)

    @property
    def n_voxels(self) -> int:
        """Return the number of voxels in the region."""
        return int(self.voxels.sum())

    @property
    def volume_mm3(self) -> float:
        """Return the region's volume in mm3, by counting voxels."""
        return self.n_voxels * self.grid.voxel_volume_mm3
