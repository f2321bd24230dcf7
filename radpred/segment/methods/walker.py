"""Random walks from the voxels of the lesion and of its surroundings: who comes first."""

from __future__ import annotations

import numpy as np
from skimage.segmentation import random_walker as walk

from radpred.image import Array
from radpred.segment.window import Window

# Found on one half of the nodules of docs/segmentation.md, and judged on the other.
CORE = 0.6  # half edges of the box: nearer the middle, bright voxels are lesion
HALFWAY = 0.5  # of the contrast
STEEPNESS = 130.0  # how much harder a step becomes with the difference in intensity
ROUGH = 1.0  # how far the solver's probabilities may leave 0 to 1: only which is larger counts
LESION, AROUND = 1, 2


def random_walker(window: Window, rng: np.random.Generator) -> Array:
    """Return the voxels from which a random walk comes to the lesion's core first.

    A step between voxels is the less likely, the more they differ. Walks end at the bright voxels
    in the middle of the box, or at its ellipsoid's surface and beyond.

    Parameters
    ----------
    window : Window
        In and around the box.
    rng : numpy.random.Generator
        Not used: probabilities are solved for, not sampled.

    Returns
    -------
    array of bool
        Of the window's shape.

    References
    ----------
    Grady, IEEE Trans Pattern Anal Mach Intell 2006;28:1768-1783.
    """
    bright = window.relative
    ends = np.zeros(bright.shape, dtype=int)
    ends[~window.inside | (window.radius > 1.0)] = AROUND
    middle = window.radius <= max(CORE, float(window.radius.min()))
    ends[(middle & (bright > HALFWAY)) | window.core] = LESION
    if (ends > 0).all() or not (ends == AROUND).any():
        return ends == LESION
    labels = walk(
        bright,
        ends,
        beta=STEEPNESS,
        mode="cg_j",
        prob_tol=ROUGH,
        spacing=np.array(window.grid.spacing),
    )
    return labels == LESION
