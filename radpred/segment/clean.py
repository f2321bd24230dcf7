"""What is left of a raw segmentation: one part, without holes, smooth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded when they are used

from radpred.image import Array, Triple


@dataclass(frozen=True, kw_only=True)
class Cleaning:
    """What is done to a raw segmentation, in this order.

    Parameters
    ----------
    largest_part : bool
        Keep only the connected part that holds most of the prompt's middle.
    fill_holes : bool
        Add what the lesion encloses.
    smooth_mm : float
        Standard deviation of a Gaussian that rounds the surface: a voxel belongs where at least
        half of the smoothed lesion is; 0 leaves it as it is. What falls apart thereby is one part
        again under ``largest_part``.
    """

    largest_part: bool = True
    fill_holes: bool = True
    smooth_mm: float = 0.0

    def __str__(self) -> str:
        """Return what is done."""
        done = [
            "the part in the middle" * self.largest_part,
            "holes filled" * self.fill_holes,
            f"smoothed by {self.smooth_mm:g} mm" * (self.smooth_mm > 0),
        ]
        return ", ".join(filter(None, done)) or "as found"


def cleaned(voxels: Array, how: Cleaning, *, core: Array, spacing: Triple) -> Array:
    """Return a segmentation without what does not belong to it.

    Parameters
    ----------
    voxels, core : array of bool
        Shape (z, y, x): what was found, and the prompt's middle.
    how : Cleaning
        What to do.
    spacing : tuple of float
        Voxel size (z, y, x) in mm.
    """
    if how.largest_part:
        voxels = connected_to(voxels, core)
    if how.fill_holes:
        voxels = without_holes(voxels)
    if how.smooth_mm > 0:
        voxels = smoothed(voxels, [how.smooth_mm / step for step in spacing])
        voxels = connected_to(voxels, core) if how.largest_part else voxels
    return voxels


def connected_to(voxels: Array, core: Array) -> Array:
    """Return the part of ``voxels`` that shares most voxels with ``core``, nothing if none does.

    Parameters
    ----------
    voxels, core : array of bool
        Shape (z, y, x); parts hang together by faces.
    """
    parts, n_parts = scipy.ndimage.label(voxels)
    shared = np.bincount(parts[core], minlength=n_parts + 1)
    shared[0] = 0
    return (parts == shared.argmax()) if shared.any() else np.zeros_like(voxels)


def without_holes(voxels: Array) -> Array:
    """Return ``voxels`` with what they enclose."""
    return scipy.ndimage.binary_fill_holes(voxels)


def smoothed(voxels: Array, sigma: list[float]) -> Array:
    """Return ``voxels`` with a rounder surface; ``sigma`` in voxels along (z, y, x)."""
    return scipy.ndimage.gaussian_filter(voxels.astype(float), sigma, mode="nearest") >= 0.5
