"""From the middle of the box and what surrounds it: k nearest neighbours."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from radpred.image import Array
from radpred.segment.box import Window

N_NEIGHBOURS = 15
MOST_SEEDS = 3000
WEIGHT_OF_PLACE = 0.75  # half an edge of the box counts as much as this part of the contrast


def knn(window: Window, rng: np.random.Generator) -> Array:
    """Return the voxels more like the core of the box than like the shell just outside it.

    The features are intensity, in units of its range in the window, and the distance from the
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
    low, high = np.quantile(window.intensity, [0.01, 0.99])
    scaled = (window.intensity - low) / max(high - low, np.finfo(float).tiny)
    features = np.stack([scaled, WEIGHT_OF_PLACE * window.radius], axis=-1)
    core, outside = _seeds(window)
    lesion, around = _drawn(features[core], rng), _drawn(features[outside], rng)
    n_neighbours = min(N_NEIGHBOURS, len(lesion), len(around))
    seeds = np.concatenate([lesion, around])
    kinds = np.repeat([True, False], [len(lesion), len(around)])
    voxels = np.zeros(window.inside.shape, dtype=bool)
    classifier = KNeighborsClassifier(n_neighbours).fit(seeds, kinds)
    voxels[window.inside] = classifier.predict(features[window.inside])
    return voxels


def _seeds(window: Window) -> tuple[Array, Array]:
    """Return voxels that are surely lesion, and voxels that are surely not."""
    outside = ~window.inside if not window.inside.all() else window.inside & ~window.rounded
    levels = [float(np.median(window.intensity[voxels])) for voxels in (window.core, outside)]
    return window.core & (window.intensity >= min(np.mean(levels), levels[0])), outside


def _drawn(seeds: Array, rng: np.random.Generator) -> Array:
    """Return at most `MOST_SEEDS` rows."""
    if len(seeds) <= MOST_SEEDS:
        return seeds
    return seeds[np.sort(rng.choice(len(seeds), MOST_SEEDS, replace=False))]
