"""An external table to compare with: what an untrained network of convolutions makes of a crop.

No weights of a trained network can be had without the internet. Random convolutions are the
weakest honest stand-in: they see the same voxels, are the same for every case and study, and are
fitted to nothing (Saxe et al. 2011, On random weights and unsupervised feature learning).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import ndimage

from radpred.image import Image

SIDE_MM = 32
CHANNELS = (8, 16, 32)
SEED = 20


def embedded(image: Image, centre: np.ndarray, *, middle: float, width: float) -> np.ndarray:
    """Return the mean and the maximum of each channel after three layers, shape (64,).

    Parameters
    ----------
    image : Image
        The scan.
    centre : array of shape (3,)
        The middle of the crop, an index (z, y, x).
    middle, width : float
        Intensities become ``(v - middle) / width`` before the first layer.
    """
    crop = (cropped(image, centre) - middle) / width
    layer = np.clip(crop, -2, 2)[None]
    rng = np.random.default_rng(SEED)
    for n_out in CHANNELS:
        kernels = rng.normal(size=(n_out, len(layer), 3, 3, 3)) * np.sqrt(2 / (27 * len(layer)))
        layer = np.stack([_response(layer, kernel) for kernel in kernels])
        layer = np.maximum(layer, 0)
        n = layer.shape[1] // 2
        layer = layer.reshape(n_out, n, 2, n, 2, n, 2).max(axis=(2, 4, 6))
    return np.concatenate([layer.mean(axis=(1, 2, 3)), layer.max(axis=(1, 2, 3))])


def cropped(image: Image, centre: np.ndarray) -> np.ndarray:
    """Return a cube of 1 mm voxels around an index, shape (32, 32, 32); edges go on outside."""
    steps = np.arange(SIDE_MM) - (SIDE_MM - 1) / 2
    axes = [c + steps / spacing for c, spacing in zip(centre, image.grid.spacing, strict=True)]
    places = np.meshgrid(*axes, indexing="ij")
    return ndimage.map_coordinates(image.voxels.astype(float), places, order=1, mode="nearest")


def _response(layer: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the sum of a kernel's responses over the channels of a layer."""
    parts = (
        ndimage.correlate(channel, k, mode="nearest")
        for channel, k in zip(layer, kernel, strict=True)
    )
    return np.sum(list(parts), axis=0)


def as_table(vectors: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return embeddings by case as a table that a study can name."""
    table = pd.DataFrame.from_dict(vectors, orient="index")
    table.columns = [f"e{number:02d}" for number in table.columns]
    return table.rename_axis("case_id").reset_index()
