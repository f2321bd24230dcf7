"""What regions around and inside a tumour have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from radpred.backends import array_namespace, beside, measurable
from radpred.errors import GeometryError
from radpred.image import Array, Image, Mask


@dataclass(frozen=True, kw_only=True)
class Region:
    """A region, as far as it may be used.

    Parameters
    ----------
    mask : Mask
        Its voxels, on the tumour's grid; the name is like ``ring_2_4mm``.
    n_whole : int
        How many voxels it had before anything was left out; some may lie outside the image.
    reason : str
        Why the mask is empty, or another word of caution: a code; "" where there is none.
    """

    mask: Mask
    n_whole: int
    reason: str = ""

    @property
    def kept_fraction(self) -> float:
        """Return the volume of ``mask`` as part of the whole region; 0 where that is empty."""
        return self.mask.n_voxels / self.n_whole if self.n_whole else 0.0


def usable_tissue(
    image: Image, *, window: tuple[float, float] | None = None, organ: Mask | None = None
) -> Mask:
    """Return where rings and controls may lie: voxels in an intensity window, inside an organ.

    Parameters
    ----------
    image : Image
        The scan.
    window : (float, float), optional
        Lowest and highest intensity, both included, in the unit of the scan. Voxels that are not
        finite lie in no window.
    organ : Mask, optional
        Nothing outside it is usable.

    Raises
    ------
    GeometryError
        ``organ`` lies on another grid than ``image``.

    Examples
    --------
    >>> from radpred.datasets.phantom import painted, sphere
    >>> ball = sphere(2.0)
    >>> soft = usable_tissue(painted(ball, inside=40, outside=-1000), window=(-300, 300))
    >>> soft.n_voxels == ball.n_voxels
    True
    """
    voxels = measurable(image.voxels)
    xp = array_namespace(voxels)
    if window is None:
        usable = xp.ones(image.grid.shape, dtype=bool)
    else:
        low, high = window
        usable = (voxels >= low) & (voxels <= high) & xp.isfinite(voxels)
    if organ is not None:
        refuse_other_grids(organ, on=image)
        usable &= beside(organ.voxels, voxels)
    return Mask(voxels=usable, grid=image.grid, name="tissue")


def refuse_other_grids(*masks: Mask, on: Mask | Image) -> None:
    """Raise a `GeometryError` where a mask lies on another grid than ``on``."""
    for mask in masks:
        if mask.grid != on.grid:
            msg = (
                f"{mask.name}: lies on {mask.grid}, {on.name} on {on.grid}; "
                "place both on the image's grid"
            )
            raise GeometryError(msg)


def usable_voxels(tumour: Mask, organ: Mask | None, others: Sequence[Mask]) -> Array | None:
    """Return which voxels of the image a region outside ``tumour`` may have; None where all."""
    drawn = measurable(tumour.voxels)
    usable = None if organ is None else beside(organ.voxels, drawn)
    for other in others:
        free = ~beside(other.voxels, drawn)
        usable = free if usable is None else usable & free
    return usable


def overlap(
    start: tuple[int, ...], size: tuple[int, ...], shape: tuple[int, ...]
) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return where a block that starts at ``start`` lies in ``shape``, and which part of it."""
    spans = [
        (min(max(a, 0), whole), max(min(a + n, whole), 0), a)
        for a, n, whole in zip(start, size, shape, strict=True)
    ]
    here = tuple(slice(low, max(low, high)) for low, high, _ in spans)
    there = tuple(slice(low - a, max(low, high) - a) for low, high, a in spans)
    return here, there
