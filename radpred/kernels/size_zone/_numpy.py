"""The reference: label the connected parts of one grey level after the other."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from radpred.image import Array


def find_zones(levels: Array) -> Array:
    """Return rows (level, number of voxels), one a zone."""
    rows = [np.zeros((0, 2), dtype=np.int64)]
    for level in np.unique(levels[levels > 0]):
        label, _ = ndimage.label(levels == level, structure=np.ones((3, 3, 3)))
        size = np.bincount(label.ravel())[1:]
        rows.append(np.column_stack([np.full(len(size), level), size]))
    return np.concatenate(rows)
