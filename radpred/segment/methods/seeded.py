"""From the middle of the box and what surrounds it: k nearest neighbours."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from radpred.image import Array
from radpred.segment.window import Window

N_NEIGHBOURS = 15
MOST_SEEDS = 3000
WEIGHT_OF_PLACE = 0.75  # half an edge of the box weighs as much as this part of the contrast


def knn(window: Window, rng: np.random.Generator) -> Array:
    """Return the voxels more like the core of the box than like the shell just outside it.

    The features are intensity, in units of the lesion's contrast, and the distance from the
    middle of the box, in units of half its edges: a voxel between lesion and vessel of the same
    intensity belongs to the nearer one. Core voxels that look like the surroundings are no seeds.

    Parameters
    ----------
    window : Window
        In and around the box.
    rng : numpy.random.Generator
        Draws at most `MOST_SEEDS` seeds of each kind.

    Returns
    -------
    array of bool
        Of the window's shape; nothing outside the box.
    """
    features = np.stack(
        [window.intensity / window.contrast, WEIGHT_OF_PLACE * window.radius], axis=-1
    )
    midway = float(np.median(window.intensity[window.core])) - window.contrast / 2
    sure = window.core & (window.intensity >= midway)
    lesion, around = _drawn(features[sure], rng), _drawn(features[window.around], rng)
    n_neighbours = min(N_NEIGHBOURS, len(lesion), len(around))
    seeds = np.concatenate([lesion, around])
    kinds = np.repeat([True, False], [len(lesion), len(around)])
    voxels = np.zeros(window.inside.shape, dtype=bool)
    classifier = KNeighborsClassifier(n_neighbours).fit(seeds, kinds)
    voxels[window.inside] = classifier.predict(features[window.inside])
    return voxels


def _drawn(seeds: Array, rng: np.random.Generator) -> Array:
    """Return at most `MOST_SEEDS` rows."""
    if len(seeds) <= MOST_SEEDS:
        return seeds
    return seeds[np.sort(rng.choice(len(seeds), MOST_SEEDS, replace=False))]
