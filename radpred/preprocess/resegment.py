"""Keep of a region only the voxels whose intensity lies in a range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from radpred.backends import array_namespace, beside
from radpred.errors import GeometryError
from radpred.image import Array, Image, Mask

Mode = Literal["absolute", "relative", "sigma"]


def resegment(
    image: Image, mask: Mask, *, limits: Sequence[float], mode: Mode = "absolute"
) -> Mask:
    """Return the part of a region whose intensities lie within limits, ends included.

    Parameters
    ----------
    image : Image
        The scan.
    mask : Mask
        The region, on the image's grid.
    limits : sequence of float
        The lowest intensity, or the lowest and the highest (PyRadiomics' ``resegmentRange``).
    mode : {"absolute", "relative", "sigma"}
        Whether limits are in the image's unit, parts of the highest intensity in the region, or
        numbers of (population) standard deviations from the region's mean.

    Raises
    ------
    GeometryError
        The mask lies on another grid than the image.
    """
    if mask.grid != image.grid:
        msg = f"{mask.name}: lies on {mask.grid}, image on {image.grid}; resample the mask"
        raise GeometryError(msg)
    inside = beside(mask.voxels, image.voxels)
    intensities = image.voxels[inside]
    if not intensities.size:
        return mask
    lowest, *highest = _in_units(sorted(limits), intensities, mode)
    keep = image.voxels >= lowest
    if highest:
        keep &= image.voxels <= highest[0]
    step = f"resegmented to {', '.join(f'{limit:g}' for limit in sorted(limits))} ({mode})"
    return replace(mask, voxels=inside & keep, steps=(*mask.steps, step))


def _in_units(limits: Sequence[float], intensities: Array, mode: Mode) -> list[float]:
    """Return limits in the unit of the image."""
    xp = array_namespace(intensities)
    if mode == "relative":
        highest = float(xp.max(intensities))
        return [highest * limit for limit in limits]
    if mode == "sigma":
        values = xp.asarray(intensities, dtype=xp.float64)
        mean, sd = float(xp.mean(values)), float(xp.std(values))
        return [mean + sd * limit for limit in limits]
    return list(limits)
