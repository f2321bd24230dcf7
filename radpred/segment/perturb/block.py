"""The voxels around a region, in the patient's axis order, beyond the image's edge too."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from radpred.backends import beside, to_host
from radpred.errors import RegionError
from radpred.image import Array, AxisOrder, Grid, Mask


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """A region with what lies around it.

    Parameters
    ----------
    voxels : array of bool
        The region, shape (z, y, x), in the patient's axis order; False beyond the image.
    grid : Grid
        Where those voxels lie.
    start : tuple of int
        Where the block begins in the image, in the patient's axis order; below 0 beyond its edge.
    order : AxisOrder
        From the image's axes to the patient's.
    """

    voxels: Array
    grid: Grid
    start: tuple[int, int, int]
    order: AxisOrder

    @classmethod
    def around(cls, mask: Mask, *, reach_mm: float, extra: int = 0) -> Self:
        """Return the block that reaches so far, and ``extra`` voxels more, beyond the region.

        Raises
        ------
        RegionError
            ``empty``: the mask holds no voxel.
        """
        if mask.box is None:
            msg = f"{mask.name}: holds no voxel, so that nothing can be perturbed; check the mask"
            raise RegionError(msg, code="empty")
        order = AxisOrder.patient(mask.grid)
        grid = order.grid(mask.grid)
        region = order.applied(to_host(mask.voxels)[mask.box]).astype(bool, copy=False)
        first = [
            whole - mask.box[axis].stop if flipped else mask.box[axis].start
            for axis, flipped, whole in zip(order.axes, order.flipped, grid.shape, strict=True)
        ]
        margin = [int(np.ceil(reach_mm / s)) + extra for s in grid.spacing]
        z, y, x = (
            slice(start - m, start + n + m)
            for start, n, m in zip(first, region.shape, margin, strict=True)
        )
        return cls(
            voxels=np.pad(region, [(m, m) for m in margin]),
            grid=grid.cropped((z, y, x)),
            start=(z.start, y.start, x.start),
            order=order,
        )

    def with_voxels(self, voxels: Array) -> Block:
        """Return the block with another region."""
        return replace(self, voxels=voxels)

    def cut_from(self, image: Array) -> tuple[Array, tuple[slice, slice, slice]]:
        """Return the part of an image (stored axes) that the block covers, and its place in it."""
        turned = self.order.applied(image)
        here, there = self._overlap(turned.shape)
        return turned[here], there

    def in_image(self, mask: Mask) -> Array:
        """Return which voxels of the block lie in the image of ``mask``."""
        within = np.zeros_like(self.voxels)
        within[self._overlap(self.order.applied(to_host(mask.voxels)).shape)[1]] = True
        return within

    def placed(self, mask: Mask, *, step: str) -> Mask:
        """Return ``mask`` with the block's region instead of its own, cut at the image's edge.

        Raises
        ------
        RegionError
            ``perturbed_away``: nothing of it lies in the image.
        """
        voxels = np.zeros(mask.grid.shape, dtype=bool)
        turned = self.order.applied(voxels)  # a view: written to below
        here, there = self._overlap(turned.shape)
        turned[here] = self.voxels[there]
        if not self.voxels[there].any():
            msg = (
                f"{mask.name}: nothing is left of its {mask.n_voxels} voxels after {step}; "
                "perturb it by less, or leave the case out"
            )
            raise RegionError(msg, code="perturbed_away")
        return replace(mask, voxels=beside(voxels, mask.voxels), steps=(*mask.steps, step))

    def _overlap(
        self, shape: tuple[int, ...]
    ) -> tuple[tuple[slice, slice, slice], tuple[slice, slice, slice]]:
        """Return where the block lies in an image of this shape, and which part of it does."""
        here, there = [], []
        for start, size, whole in zip(self.start, self.voxels.shape, shape, strict=True):
            low, high = max(start, 0), max(min(start + size, whole), 0)
            here.append(slice(low, max(low, high)))
            there.append(slice(low - start, max(low, high) - start))
        return (here[0], here[1], here[2]), (there[0], there[1], there[2])
