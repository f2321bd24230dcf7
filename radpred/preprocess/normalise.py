"""Bring images without a unit (MR) to a common scale."""

from __future__ import annotations

from dataclasses import replace

from radpred.backends import array_namespace
from radpred.errors import InputError
from radpred.image import Array, Image


def normalise(image: Image, *, scale: float = 1.0, limit_sd: float | None = None) -> Image:
    """Return an image whose voxels have mean 0 and standard deviation ``scale``.

    The mean and the sample standard deviation (n - 1) are those of the whole image, not of a
    region: ``scale * (x - mean) / sd``, as PyRadiomics' ``normalize``.

    Parameters
    ----------
    image : Image
        Intensities in any real type. Voxels that are not finite stay as they are and are left
        out of mean and standard deviation.
    scale : float
        The standard deviation afterwards (``normalizeScale``).
    limit_sd : float, optional
        Farther from the mean than this many standard deviations, a voxel is set to the limit
        (``removeOutliers``).

    Returns
    -------
    Image
        float64, without a unit.

    Raises
    ------
    InputError
        The image is flat, or holds no finite voxel.
    """
    xp = array_namespace(image.voxels)
    voxels = xp.asarray(image.voxels, dtype=xp.float64)
    mean, sd, n_finite = _moments(voxels)
    if not sd > 0:
        msg = (
            f"{image.name}: all voxels have one value, so that there is no scale; do not normalise"
        )
        raise InputError(msg, code="flat_image")
    voxels = (voxels - mean) / sd
    if limit_sd is not None:
        limited = xp.clip(voxels, -limit_sd, limit_sd)
        voxels = xp.where(xp.isfinite(voxels), limited, voxels)
    step = f"normalised to mean 0 and standard deviation {scale:g}"
    n_others = image.voxels.size - n_finite
    if n_others:
        step += f"; {n_others} voxels that are not finite were left out"
    return replace(image, voxels=voxels * scale, steps=(*image.steps, step))


def _moments(voxels: Array) -> tuple[float, float, int]:
    """Return mean, sample standard deviation and number of the finite voxels."""
    xp = array_namespace(voxels)
    is_finite = xp.isfinite(voxels)
    n = int(xp.count_nonzero(is_finite))
    if n < 2:
        return 0.0, 0.0, n
    values = voxels if n == voxels.size else voxels[is_finite]
    mean = float(xp.mean(values))
    squares = float(xp.sum((values - mean) ** 2))
    return mean, (squares / (n - 1)) ** 0.5, n
