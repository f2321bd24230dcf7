"""One case drawn anew."""

from __future__ import annotations

import numpy as np

from radpred.backends import to_host
from radpred.errors import GeometryError
from radpred.image import Array, Image, Mask
from radpred.segment.perturb.block import Block
from radpred.segment.perturb.by_dice import bent, reach_mm
from radpred.segment.perturb.contour import redrawn
from radpred.segment.perturb.kinds import Perturbation
from radpred.segment.perturb.moves import grown, moved
from radpred.segment.perturb.noise import noisy
from radpred.surface import MARGIN


def perturbed(
    image: Image, mask: Mask, how: Perturbation, *, rng: np.random.Generator
) -> tuple[Image, Mask]:
    """Return a case drawn anew, on the same grid; the steps say what was drawn.

    First comes noise, then the mask is turned and moved, grown, and redrawn along supervoxels.
    All is done in mm in the patient's space: files that store the axes otherwise give the same.

    Parameters
    ----------
    image : Image
        The scan.
    mask : Mask
        The region, on the image's grid.
    how : Perturbation
        What may be wrong, and by how much.
    rng : numpy.random.Generator
        Draws; the same state gives the same case.

    Raises
    ------
    GeometryError
        The mask lies on another grid.
    RegionError
        ``empty``; ``perturbed_away``: nothing is left in the image; ``too_small_to_perturb``: for
        the wanted Dice; ``non_finite_voxels``: no noise level can be found.
    """
    if mask.grid != image.grid:
        msg = f"{mask.name}: lies on {mask.grid}, image on {image.grid}; resample the mask"
        raise GeometryError(msg)
    if how.noise:
        image = noisy(image, mask, how.noise, rng=rng)
    if how.wanted_dice is not None:
        mask = _bent(mask, how.wanted_dice, rng=rng)
    if how.translation_mm or how.rotation_degrees:
        mask = _moved(mask, how, rng=rng)
    if how.growth_mm:
        mask = _grown(mask, rng.uniform(-how.growth_mm, how.growth_mm))
    if how.contour:
        mask = _redrawn(image, mask, rng=rng)
    return image, mask


def direction(rng: np.random.Generator) -> Array:
    """Return a unit vector, drawn evenly from all directions."""
    drawn = rng.standard_normal(3)
    return drawn / np.linalg.norm(drawn)


def rotation(axis: Array, degrees: float) -> Array:
    """Return the rotation by an angle about an axis (Rodrigues' formula), shape (3, 3)."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.deg2rad(degrees)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def _moved(mask: Mask, how: Perturbation, *, rng: np.random.Generator) -> Mask:
    """Return the mask turned and moved."""
    distance = rng.uniform(0, how.translation_mm)
    offset = distance * direction(rng)
    degrees = rng.uniform(0, how.rotation_degrees)
    axis = direction(rng)
    reach = distance + _swing(mask, degrees)
    block = Block.around(mask, reach_mm=reach, extra=MARGIN)
    voxels = moved(block.voxels, block.grid, turn=rotation(axis, degrees), offset_mm=offset)
    parts = [
        f"turned by {degrees:.3g} degrees about ({_triple(axis)})" if degrees else "",
        f"moved by ({_triple(offset)}) mm" if distance else "",
    ]
    return block.with_voxels(voxels).placed(mask, step=" and ".join(p for p in parts if p))


def _swing(mask: Mask, degrees: float) -> float:
    """Return how far the farthest voxel moves when a region turns about its centre, in mm."""
    if mask.box is None or not degrees:
        return 0.0
    edges = [
        (part.stop - part.start) * s for part, s in zip(mask.box, mask.grid.spacing, strict=True)
    ]
    # The centre of mass lies in the box: nothing is farther from it than the box's diagonal.
    return float(np.linalg.norm(edges)) * 2 * np.sin(np.deg2rad(min(degrees, 180.0)) / 2)


def _grown(mask: Mask, growth_mm: float) -> Mask:
    """Return the mask grown, or shrunk where the growth is below zero."""
    block = Block.around(mask, reach_mm=max(growth_mm, 0.0), extra=MARGIN)
    voxels = grown(block.voxels, block.grid.spacing, growth_mm=growth_mm)
    return block.with_voxels(voxels).placed(mask, step=f"grown by {growth_mm:.3g} mm")


def _redrawn(image: Image, mask: Mask, *, rng: np.random.Generator) -> Mask:
    """Return the mask with its contour along supervoxels of the image."""
    block = Block.around(mask, reach_mm=10.0)
    intensity, there = block.cut_from(to_host(image.voxels))
    voxels = np.zeros_like(block.voxels)
    voxels[there] = redrawn(
        block.voxels[there], intensity.astype(float), block.grid.spacing, rng=rng
    )
    return block.with_voxels(voxels).placed(mask, step="contour redrawn along supervoxels")


def _bent(mask: Mask, wanted_dice: float, *, rng: np.random.Generator) -> Mask:
    """Return the mask bent until it has the wanted Dice coefficient with itself."""
    reach = reach_mm(mask.volume_mm3, wanted_dice=wanted_dice)
    block = Block.around(mask, reach_mm=reach, extra=MARGIN)
    voxels, dice = bent(
        block.voxels,
        block.grid.spacing,
        usable=block.in_image(mask),
        wanted_dice=wanted_dice,
        rng=rng,
    )
    step = f"bent to a Dice coefficient of {dice:.4f} with itself, wanted {wanted_dice:g}"
    return block.with_voxels(voxels).placed(mask, step=step)


def _triple(numbers: Array) -> str:
    """Return three numbers as a person writes them."""
    return ", ".join(f"{number:.3g}" for number in numbers)
