"""How far the voxels around a tumour lie from its surface: computed once, cut into many shells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from radpred.backends import array_namespace, is_cupy, measurable, ndimage_of, to_host
from radpred.errors import RegionError
from radpred.image import Array, AxisOrder, Mask, Triple, bounding_box
from radpred.surface import (
    MARGIN,
    Lattice,
    distance_outside,
    filled_fraction,
    level_of,
    those,
)

ROUNDING = 6  # decimals of a mm: voxels as far as this is exact belong to one layer


@dataclass(frozen=True, kw_only=True, eq=False)
class Surroundings:
    """A tumour's voxels and those around it, layer by layer outwards.

    Parameters
    ----------
    depth : array
        Shape (z, y, x) in the patient's axis order, the tumour and ``reach_mm`` around it, which
        may lie partly outside the image: the mean distance of each voxel to the surface in mm,
        -inf in the tumour and in what it encloses, inf beyond the reach. Voxels of one distance
        are a layer.
    ordered : array
        The finite ones of ``depth``, sorted.
    n_inner : int
        How many voxels lie in the tumour and in what it encloses.
    start : tuple of int
        Index in the image, in that axis order, of the first voxel of ``depth``.
    order : AxisOrder
        From the image's axes to the patient's.
    distance : array
        Distance to the surface at the samples in and between voxels, in mm, sorted; without those
        deeper than ``step``.
    step : float
        Width of a sample in mm.
    n_samples : int
        Number of samples in a voxel.
    reach_mm : float
        How far out it was computed.
    """

    depth: Array
    ordered: Array
    n_inner: int
    start: tuple[int, int, int]
    order: AxisOrder
    distance: Array
    step: float
    n_samples: int
    reach_mm: float

    @classmethod
    def of(cls, tumour: Mask, *, reach_mm: float, is_inward: bool = False) -> Surroundings:
        """Return the surroundings of ``tumour`` up to ``reach_mm`` from its surface.

        Parameters
        ----------
        tumour : Mask
            Of at least one voxel.
        reach_mm : float
            How far from the surface distances are wanted.
        is_inward : bool
            Whether layers are counted from the surface inwards: then layer 0 is all outside.

        Raises
        ------
        RegionError
            ``empty_mask``.
        """
        order = AxisOrder.patient(tumour.grid)
        spacing = order.grid(tumour.grid).spacing
        body, start = _body(order.applied(measurable(tumour.voxels)), name=tumour.name)
        xp = array_namespace(body)
        lattice = Lattice.within(spacing)
        level = level_of(body, lattice)
        if is_inward:
            level, body, extra = -level, ~body, (0, 0, 0)
        else:
            extra = _extra_voxels(spacing, reach_mm=reach_mm)
        # A voxel whose mean distance is within reach has samples half a diagonal further out.
        reach = reach_mm + float(np.linalg.norm(spacing)) / 2 + max(lattice.spacing)
        fz, fy, fx = (n * f for n, f in zip(extra, lattice.factors, strict=True))
        samples = distance_outside(level, lattice.spacing, extra=(fz, fy, fx), reach_mm=reach)
        depth = lattice.averaged(samples)
        xp.round(depth, ROUNDING, out=depth)
        depth[xp.pad(body, [(n, n) for n in extra])] = -np.inf
        z, y, x = (int(s - n) for s, n in zip(start, extra, strict=True))
        step = float(np.mean(lattice.spacing))
        return cls(
            depth=depth,
            ordered=xp.sort(those(depth, xp.isfinite(depth))),
            n_inner=int(xp.count_nonzero(body)),
            start=(z, y, x),
            order=order,
            distance=xp.sort(those(samples, (samples > -step) & (samples < np.inf))),
            step=step,
            n_samples=lattice.n_samples,
            reach_mm=reach_mm,
        )

    def shells(self, edges_mm: Sequence[tuple[float, float]]) -> Iterator[Array]:
        """Yield which voxels of ``depth`` make up the shell between two distances each, in mm.

        Whole layers are taken, in the order of their distance, until they have the volume of the
        shell: its voxels have the right volume, shells are nested, and what one shell ends with
        the next does not have.
        """
        distances = {mm for edges in edges_mm for mm in edges}
        within = {mm: self._within(mm) for mm in distances}
        for inner, outer in edges_mm:
            yield within[outer] & ~within[inner]

    def beyond(self, within_mm: float) -> Array:
        """Return which voxels of ``depth`` lie further from the surface than a distance, in mm."""
        return ~self._within(within_mm)

    def _within(self, within_mm: float) -> Array:
        """Return the voxels of the layers that fill the volume within a distance."""
        if within_mm > self.reach_mm:
            msg = f"distances were computed up to {self.reach_mm:g} mm, asked for {within_mm:g} mm"
            raise ValueError(msg)
        xp = array_namespace(self.ordered)
        volume = self._volume(within_mm) - self._volume(0.0)
        rank = min(int(np.ceil(volume)), self.ordered.size)
        if rank < 1:
            return self.depth == -np.inf
        last = self.ordered[rank - 1]
        low = int(xp.searchsorted(self.ordered, last, side="left"))
        high = int(xp.searchsorted(self.ordered, last, side="right"))
        # The last layer is taken where more than half of it lies within.
        return self.depth <= last if volume > (low + high) / 2 else self.depth < last

    def _volume(self, within_mm: float) -> float:
        """Return the volume within a distance of the surface, in voxels."""
        xp = array_namespace(self.distance)
        ends = xp.asarray([within_mm - self.step, within_mm + self.step])
        low, high = to_host(xp.searchsorted(self.distance, ends)).tolist()
        edge = filled_fraction(self.distance[low:high], below_mm=within_mm, step=self.step)
        return float(low + edge.sum()) / self.n_samples


def _body(voxels: Array, *, name: str) -> tuple[Array, tuple[int, int, int]]:
    """Return the tumour with what it encloses, cropped with a margin, and where the crop starts."""
    box = bounding_box(voxels)
    if box is None:
        msg = f"{name}: no voxels, wanted a region to draw a shell around; drop the case"
        raise RegionError(msg, code="empty_mask")
    body = array_namespace(voxels).pad(_without_holes(voxels[box]), MARGIN)
    z, y, x = (int(s.start) - MARGIN for s in box)
    return body, (z, y, x)


def filled(voxels: Array) -> Array:
    """Return a region with the cavities that it encloses."""
    box = bounding_box(voxels)
    if box is None:
        return voxels
    whole = voxels.copy()
    whole[box] = _without_holes(voxels[box])
    return whole


def _without_holes(voxels: Array) -> Array:
    """Return a region with the background that no way of faces joins to the outside."""
    ndimage = ndimage_of(voxels)
    if is_cupy(voxels):
        return ndimage.binary_fill_holes(voxels)
    parts, _ = ndimage.label(~np.pad(voxels, 1))  # three times as fast as growing from outside
    return (parts != parts[0, 0, 0])[1:-1, 1:-1, 1:-1]


def _extra_voxels(spacing: Triple, *, reach_mm: float) -> tuple[int, int, int]:
    """Return how many voxels beyond the margin a reach needs on every side."""
    z, y, x = (max(0, int(np.ceil(reach_mm / s)) + 2 - MARGIN) for s in spacing)
    return z, y, x
