"""How far the voxels around a tumour lie from its surface: computed once, cut into many shells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radpred.backends import array_namespace, measurable, ndimage_of, to_host
from radpred.errors import RegionError
from radpred.image import Array, AxisOrder, Mask, Triple, bounding_box
from radpred.regions.surface import (
    MARGIN,
    Lattice,
    distance_outside,
    filled_fraction,
    level_of,
)

ROUNDING = 6  # decimals of a mm: voxels as far as this is exact belong to one layer


@dataclass(frozen=True, kw_only=True, eq=False)
class Surroundings:
    """A tumour's voxels and those around it, layer by layer outwards.

    Parameters
    ----------
    layer : array of int
        Shape (z, y, x) in the patient's axis order, the tumour and ``reach_mm`` around it, which
        may lie partly outside the image: the layer of each voxel, 0 in the tumour and in what it
        encloses.
    sizes : array of int
        How many voxels lie in each layer and those below it.
    start : tuple of int
        Index in the image, in that axis order, of the first voxel of ``layer``.
    order : AxisOrder
        From the image's axes to the patient's.
    distance : array
        Distance to the surface at the samples in and between voxels, in mm, sorted.
    step : float
        Width of a sample in mm.
    n_samples : int
        Number of samples in a voxel.
    reach_mm : float
        How far out it was computed.
    """

    layer: Array
    sizes: Array
    start: tuple[int, int, int]
    order: AxisOrder
    distance: Array
    step: float
    n_samples: int
    reach_mm: float

    @classmethod
    def of(cls, tumour: Mask, *, reach_mm: float) -> Surroundings:
        """Return the surroundings of ``tumour`` up to ``reach_mm`` from its surface.

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
        extra = _extra_voxels(spacing, reach_mm=reach_mm)
        # A voxel whose mean distance is within reach has samples half a diagonal further out.
        reach = reach_mm + float(np.linalg.norm(spacing)) / 2 + max(lattice.spacing)
        fz, fy, fx = (n * f for n, f in zip(extra, lattice.factors, strict=True))
        samples = distance_outside(
            level_of(body, lattice), lattice.spacing, extra=(fz, fy, fx), reach_mm=reach
        )
        mean = lattice.averaged(samples)
        mean[xp.pad(body, [(n, n) for n in extra])] = -np.inf
        values, layer = xp.unique(xp.round(mean, ROUNDING), return_inverse=True)
        z, y, x = (int(s - n) for s, n in zip(start, extra, strict=True))
        return cls(
            layer=layer.reshape(mean.shape),
            sizes=xp.cumsum(xp.bincount(layer.ravel(), minlength=values.size)),
            start=(z, y, x),
            order=order,
            distance=xp.sort(samples[xp.isfinite(samples)]),
            step=float(np.mean(lattice.spacing)),
            n_samples=lattice.n_samples,
            reach_mm=reach_mm,
        )

    def shell(self, *, inner_mm: float, outer_mm: float) -> Array:
        """Return which voxels of ``layer`` make up the shell between two distances, in mm.

        Whole layers are taken, in the order of their distance, until they have the volume of the
        shell: its voxels have the right volume, shells are nested, and what one shell ends with
        the next does not have.
        """
        return (self.layer > self._last_layer(inner_mm)) & (
            self.layer <= self._last_layer(outer_mm)
        )

    def _last_layer(self, within_mm: float) -> int:
        """Return the last layer of those that fill the volume within a distance."""
        if within_mm > self.reach_mm:
            msg = f"distances were computed up to {self.reach_mm:g} mm, asked for {within_mm:g} mm"
            raise ValueError(msg)
        xp = array_namespace(self.sizes)
        volume = float(self.sizes[0]) + self._volume(within_mm) - self._volume(0.0)
        halfway = (self.sizes[1:] + self.sizes[:-1]) / 2
        return int(xp.searchsorted(halfway, xp.asarray([volume]))[0])

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
    filled = ndimage_of(voxels).binary_fill_holes(voxels[box])
    body = array_namespace(voxels).pad(filled, MARGIN)
    z, y, x = (int(s.start) - MARGIN for s in box)
    return body, (z, y, x)


def _extra_voxels(spacing: Triple, *, reach_mm: float) -> tuple[int, int, int]:
    """Return how many voxels beyond the margin a reach needs on every side."""
    z, y, x = (max(0, int(np.ceil(reach_mm / s)) + 2 - MARGIN) for s in spacing)
    return z, y, x
