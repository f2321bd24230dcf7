"""The reference: label the connected parts of one grey level after the other."""

from __future__ import annotations

import numpy as np
import scipy

from radpred.image import Array


def find_distance_zones(levels: Array, distances: Array, flat_axis: int | None = None) -> Array:
    """Return rows (level, least distance), one a zone."""
    structure = np.ones((3, 3, 3))
    if flat_axis is not None:
        np.moveaxis(structure, flat_axis, 0)[[0, 2]] = 0
    rows = [np.zeros((0, 2), dtype=np.int64)]
    for level in np.unique(levels[levels > 0]):
        label, n_zones = scipy.ndimage.label(levels == level, structure=structure)
        least = scipy.ndimage.minimum(distances, label, np.arange(n_zones) + 1)
        rows.append(np.column_stack([np.full(n_zones, level), least]).astype(np.int64))
    return np.concatenate(rows)
