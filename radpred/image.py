"""Voxels that know their place: frozen values, in array order (z, y, x)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import permutations
from typing import Any

import numpy as np

Triple = tuple[float, float, float]
Box = tuple[slice, slice, slice]
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
    is_placed : bool
        Whether a file says where the voxels lie; arrays and pictures do not.
    """

    shape: tuple[int, int, int]
    spacing: Triple = (1.0, 1.0, 1.0)
    origin: Triple = (0.0, 0.0, 0.0)
    direction: tuple[float, ...] = _IDENTITY
    is_placed: bool = field(default=True, compare=False)

    @property
    def voxel_volume_mm3(self) -> float:
        """Return the volume of one voxel in mm3."""
        return float(np.prod(self.spacing))

    def cropped(self, box: tuple[slice, slice, slice]) -> Grid:
        """Return the grid of the voxels inside ``box`` (slices with start and stop)."""
        start = np.array([s.start for s in box], dtype=float)
        nz, ny, nx = (int(s.stop - s.start) for s in box)
        x, y, z = (float(p) for p in self.to_world(start))
        return replace(self, shape=(nz, ny, nx), origin=(x, y, z))

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


@dataclass(frozen=True, kw_only=True)
class AxisOrder:
    """How to turn and flip stored axes; lossless, and undone by ``undone``.

    Parameters
    ----------
    axes : tuple of int
        Which stored axis comes first, second and third.
    flipped : tuple of bool
        Whether each axis of the result runs backwards.
    """

    axes: tuple[int, int, int]
    flipped: tuple[bool, bool, bool]

    @classmethod
    def along(cls, grid: Grid, *, directions: Array) -> AxisOrder:
        """Return the order in which the axes of ``grid`` run most nearly along ``directions``.

        Parameters
        ----------
        directions : array
            Unit vectors (x, y, z in LPS) as rows, for the first, second and third array axis.
        """
        stored = np.reshape(grid.direction, (3, 3)).T[::-1]
        cosines = np.asarray(directions, dtype=float) @ stored.T
        orders = [(a, b, 3 - a - b) for a, b in permutations(range(3), 2)]
        z, y, x = max(orders, key=lambda order: np.abs(cosines[range(3), order]).sum())
        flipped = (bool(cosines[0, z] < 0), bool(cosines[1, y] < 0), bool(cosines[2, x] < 0))
        return cls(axes=(z, y, x), flipped=flipped)

    @classmethod
    def patient(cls, grid: Grid) -> AxisOrder:
        """Return the order in which z, y and x run most nearly to superior, posterior, left."""
        return cls.along(grid, directions=np.eye(3)[::-1])

    @property
    def changes_nothing(self) -> bool:
        """Tell whether the axes are in order already."""
        return self.axes == (0, 1, 2) and not any(self.flipped)

    def applied(self, voxels: Array) -> Array:
        """Return a view of ``voxels`` (stored axes) in this order."""
        back = tuple(slice(None, None, -1) if flip else slice(None) for flip in self.flipped)
        return voxels.transpose(self.axes)[back]

    def undone(self, voxels: Array) -> Array:
        """Return a view of ``voxels`` (in this order) with the stored axes."""
        back = tuple(slice(None, None, -1) if flip else slice(None) for flip in self.flipped)
        return voxels[back].transpose(tuple(int(a) for a in np.argsort(self.axes)))

    def grid(self, grid: Grid) -> Grid:
        """Return ``grid`` (stored axes) in this order: the same voxels at the same places."""
        corner = np.zeros(3)
        columns = np.reshape(grid.direction, (3, 3)).T[::-1]
        rows = []
        for axis, flip in zip(self.axes, self.flipped, strict=True):
            corner[axis] = grid.shape[axis] - 1 if flip else 0
            rows.append(-columns[axis] if flip else columns[axis])
        z, y, x = self.axes
        left, posterior, superior = (float(p) for p in grid.to_world(corner))
        return replace(
            grid,
            shape=(grid.shape[z], grid.shape[y], grid.shape[x]),
            spacing=(grid.spacing[z], grid.spacing[y], grid.spacing[x]),
            origin=(left, posterior, superior),
            direction=tuple(float(c) for c in np.array(rows[::-1]).T.ravel()),
        )


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

    @cached_property
    def box(self) -> Box | None:
        """Return the smallest box around the region, or None where it is empty."""
        return bounding_box(self.voxels)

    @cached_property
    def n_voxels(self) -> int:
        """Return the number of voxels in the region."""
        return 0 if self.box is None else int(self.voxels[self.box].sum())

    @property
    def volume_mm3(self) -> float:
        """Return the region's volume in mm3, by counting voxels."""
        return self.n_voxels * self.grid.voxel_volume_mm3


def bounding_box(voxels: Array, *, margin: int = 0) -> Box | None:
    """Return the smallest box around the true voxels, or None where there are none.

    Parameters
    ----------
    voxels : array of bool, shape (z, y, x)
        The region.
    margin : int
        Voxels to add on every side, as far as the array reaches.
    """
    by_slice = voxels.reshape(voxels.shape[0], -1).any(axis=1)
    if not by_slice.any():
        return None
    first, stop = _ends(by_slice)
    projected = voxels[first:stop].any(axis=0)
    ends = [(first, stop), _ends(projected.any(axis=1)), _ends(projected.any(axis=0))]
    z, y, x = (
        slice(max(first - margin, 0), min(stop + margin, size))
        for (first, stop), size in zip(ends, voxels.shape, strict=True)
    )
    return z, y, x


def common_box(masks: Iterable[Mask], *, reach_mm: float = 0.0) -> Box | None:
    """Return the smallest box around all regions, or None where all are empty.

    Parameters
    ----------
    masks : iterable of Mask
        Regions on one grid.
    reach_mm : float
        How far the box reaches beyond them, as far as the grid does.
    """
    filled = [mask for mask in masks if mask.box is not None]
    if not filled:
        return None
    grid = filled[0].grid
    z, y, x = (
        slice(
            max(min(part.start for part in parts) - math.ceil(reach_mm / spacing), 0),
            min(max(part.stop for part in parts) + math.ceil(reach_mm / spacing), size),
        )
        for parts, spacing, size in zip(
            zip(*(mask.box for mask in filled if mask.box), strict=True),
            grid.spacing,
            grid.shape,
            strict=True,
        )
    )
    return z, y, x


def _ends(line: Array) -> tuple[int, int]:
    """Return where the true elements begin, and one beyond where they end."""
    return int(line.argmax()), int(line.size - line[::-1].argmax())
