"""The reference: the kind of every cell as an array, then counts and summed positions."""

from __future__ import annotations

import numpy as np

from radpred.image import Array


def count_cells(padded: Array) -> tuple[Array, Array]:
    """Return how many cells of each kind there are (256,), and the sum of their indices (256, 3).

    Parameters
    ----------
    padded : array of uint8, shape (z, y, x)
        1 in the region, 0 elsewhere and all around.
    """
    kind = np.zeros(np.subtract(padded.shape, 1), dtype=np.int64)
    for corner in range(8):
        z, y, x = corner >> 2 & 1, corner >> 1 & 1, corner & 1
        part = padded[z : z + kind.shape[0], y : y + kind.shape[1], x : x + kind.shape[2]]
        kind += part.astype(np.int64) << corner
    surface = (kind > 0) & (kind < 255)
    found = kind[surface]
    index = np.argwhere(surface)
    position = np.stack([np.bincount(found, index[:, a], 256) for a in range(3)], axis=1)
    return np.bincount(found, minlength=256), position
