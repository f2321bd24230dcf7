"""A contour drawn anew along supervoxels: groups of neighbouring voxels that look alike."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.segmentation import slic

from radpred.errors import RegionError
from radpred.image import Array, Triple

ALWAYS, NEVER = 0.9, 0.2  # parts of a supervoxel in the region from which, and below which
LARGEST_MM3, FEWEST_VOXELS = 500.0, 20  # of a supervoxel
SUPERVOXELS = 50  # in a region of few voxels, at least, as far as the fewest voxels allow
WIDER = 0.1  # of the region's range of intensities: what lies beyond it looks alike
COMPACTNESS, ITERATIONS = 0.1, 5


def redrawn(voxels: Array, intensity: Array, spacing: Triple, *, rng: np.random.Generator) -> Array:
    """Return a region made of whole supervoxels, each taken with a chance, and closed by a voxel.

    A supervoxel of which a part p lies in the region is taken if p >= 0.9, or if it has the
    largest part, left if p < 0.2, and taken with chance p between (Zwanenburg et al., Sci Rep
    2019;9:614).

    Parameters
    ----------
    voxels : array of bool, shape (z, y, x)
        The region.
    intensity : array of float
        The image there, of the same shape.
    spacing : tuple of float
        Distance between voxel centres along z, y and x, in mm.
    rng : numpy.random.Generator
        Draws which are taken.

    Raises
    ------
    RegionError
        ``non_finite_voxels``: the region holds nothing else.
    """
    labels = supervoxels(voxels, intensity, spacing)
    sizes = np.bincount(labels.ravel())
    part = np.bincount(labels[voxels], minlength=len(sizes)) / np.maximum(sizes, 1)
    taken = (part >= ALWAYS) | ((rng.random(len(sizes)) < part) & (part >= NEVER))
    taken[int(np.argmax(part))] = True
    region = taken[labels]
    return region | ndimage.binary_closing(region)


def supervoxels(voxels: Array, intensity: Array, spacing: Triple) -> Array:
    """Return to which supervoxel each voxel belongs.

    By SLIC (Achanta et al., IEEE Trans Pattern Anal Mach Intell 2012;34:2274-2282), on intensities
    cut at the region's range and a tenth of it on either side. About 500 mm3 large, or a
    fiftieth of the region where that is less, and 20 voxels or more.

    Raises
    ------
    RegionError
        ``non_finite_voxels``: the region holds nothing else.
    """
    known = np.isfinite(intensity)
    held = intensity[voxels & known]
    if not held.size:
        msg = "the region holds only NaN or infinite voxels, so no contour can follow it"
        raise RegionError(msg + "; mend the image", code="non_finite_voxels")
    low, high = float(held.min()), float(held.max())
    reach = WIDER * (high - low) or 1.0
    scaled = (np.clip(intensity, low - reach, high + reach) - low + reach) / (
        high - low + 2 * reach
    )
    volume = float(np.prod(spacing))
    wanted = min(LARGEST_MM3 / volume, int(voxels.sum()) / SUPERVOXELS)
    return slic(
        np.where(known, scaled, 0.0),
        n_segments=max(1, round(scaled.size / max(wanted, FEWEST_VOXELS))),
        compactness=COMPACTNESS,
        max_num_iter=ITERATIONS,
        sigma=min(spacing),
        spacing=spacing,
        channel_axis=None,
        start_label=0,
    )
