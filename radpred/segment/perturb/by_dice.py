"""A region whose surface is bent in and out until a wanted part of it agrees with the old one."""

from __future__ import annotations

import numpy as np

from radpred.errors import RegionError
from radpred.image import Array, Triple
from radpred.segment.perturb.moves import signed_distance

WAVE = 0.5  # width of the field's waves, in radii of a sphere of the region's volume
BEYOND = 2  # steps that the field's lattice reaches beyond the voxels
FREEDOM = 3.0  # how much farther than evenly the surface may move in places
FARTHEST_OFF = 0.05  # of the wanted Dice; farther off is an error


def bent(
    voxels: Array,
    spacing: Triple,
    *,
    usable: Array,
    wanted_dice: float,
    rng: np.random.Generator,
) -> tuple[Array, float]:
    """Return a region as like the old one as wanted, and the Dice coefficient that was reached.

    Voxel v changes sides when the strength s of a smooth random field f exceeds its distance d to
    the surface: s f(v) >= d(v), with d negative inside. As s grows, voxels only change once, and
    Dice only falls. So the strength need not be searched: voxels are ordered by d / f, and as many
    change as bring Dice nearest to what is wanted. The volume may rise or fall.

    Parameters
    ----------
    voxels : array of bool, shape (z, y, x)
        The region, with room to grow on every side.
    spacing : tuple of float
        Distance between voxel centres along z, y and x, in mm.
    usable : array of bool, shape (z, y, x)
        Where the region may grow: in the image.
    wanted_dice : float
        2 |A and B| / (|A| + |B|), above 0 and below 1.
    rng : numpy.random.Generator
        Draws the field.

    Raises
    ------
    RegionError
        ``too_small_to_perturb``: with so few voxels Dice can only be more than 0.05 off.
    """
    field = smooth_field(voxels, spacing, rng=rng)
    distance = signed_distance(voxels, spacing)
    turning = np.flatnonzero(np.where(field > 0, usable & ~voxels, voxels))
    strength = distance.ravel()[turning] / field.ravel()[turning]
    turning = turning[np.argsort(strength, kind="stable")]
    dice = _dice_after(voxels.ravel()[turning], n_voxels=int(voxels.sum()))
    n_turned = int(np.argmin(np.abs(dice - wanted_dice)))
    _refuse_if_far(float(dice[n_turned]), wanted_dice, n_voxels=int(voxels.sum()))
    changed = voxels.copy()
    changed.ravel()[turning[:n_turned]] ^= True
    return changed, float(dice[n_turned])


def reach_mm(volume_mm3: float, *, wanted_dice: float) -> float:
    """Return how far a region has to be able to grow, for its surface to bend in and out freely.

    `FREEDOM` times as far as a sphere grows that reaches the wanted Dice by growing alone.
    """
    radius = float(np.cbrt(3 * volume_mm3 / (4 * np.pi)))
    return FREEDOM * radius * float(np.cbrt(2 / wanted_dice - 1) - 1)


def smooth_field(voxels: Array, spacing: Triple, *, rng: np.random.Generator) -> Array:
    """Return a smooth random field around a region.

    Normal numbers on a lattice, each spread as a Gaussian as wide as the lattice's step: half the
    radius of the sphere that has the region's volume.

    Parameters
    ----------
    voxels : array of bool, shape (z, y, x)
        The region.
    spacing : tuple of float
        Distance between voxel centres along z, y and x, in mm.
    rng : numpy.random.Generator
        Draws the numbers.

    Returns
    -------
    array of float
        Of the shape of ``voxels``, nowhere 0.
    """
    radius = np.cbrt(3 * voxels.sum() * np.prod(spacing) / (4 * np.pi))
    width = max(WAVE * radius, min(spacing))
    spreads = []
    for n, step in zip(voxels.shape, spacing, strict=True):
        half = int(np.ceil(n * step / 2 / width)) + BEYOND
        nodes = np.arange(-half, half + 1)
        places = (np.arange(n) - (n - 1) / 2) * step / width
        spreads.append(np.exp(-((places[:, None] - nodes) ** 2) / 2))
    field = rng.standard_normal([spread.shape[1] for spread in spreads])
    for spread in spreads:  # each turn takes the first axis and puts its voxels last
        field = np.tensordot(field, spread, axes=(0, 1))
    return np.where(field == 0, np.finfo(float).tiny, field)


def _dice_after(is_lost: Array, *, n_voxels: int) -> Array:
    """Return Dice before any voxel has changed sides and after each; below any if none is kept."""
    n_lost, n_gained = np.cumsum(is_lost), np.cumsum(~is_lost)
    n_kept = n_voxels - n_lost
    dice = np.where(n_kept > 0, 2 * n_kept / (n_voxels + n_kept + n_gained), -np.inf)
    return np.concatenate([[1.0], dice])


def _refuse_if_far(dice: float, wanted_dice: float, *, n_voxels: int) -> None:
    """Refuse what voxels are too coarse for."""
    if abs(dice - wanted_dice) > FARTHEST_OFF:
        msg = (
            f"a region of {n_voxels} voxels can have a Dice coefficient of {dice:.3f} at best, "
            f"wanted {wanted_dice:g}; resample it to smaller voxels, or leave the case out"
        )
        raise RegionError(msg, code="too_small_to_perturb")
