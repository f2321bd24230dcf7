"""Made tumours of several phases, such as vital and necrotic tissue, whose place is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from radpred.datasets.phantom import sphere
from radpred.errors import SettingsError
from radpred.image import Array, Image, Mask, Triple


@dataclass(frozen=True, kw_only=True, eq=False)
class Phased:
    """A scan with a round tumour of several phases.

    Parameters
    ----------
    image : Image
        The scan.
    tumour : Mask
        The tumour.
    phases : array of uint8, shape (z, y, x)
        The phase of each voxel of the tumour, counted from 1; 0 outside.
    """

    image: Image
    tumour: Mask
    phases: Array


def phased_tumour(
    rng: np.random.Generator,
    *,
    shares: Sequence[float] = (0.3, 0.3, 0.4),
    intensities: Sequence[float] = (60.0, 100.0, 140.0),
    noise: float = 8.0,
    radius_mm: float = 12.0,
    spacing: Triple = (2.0, 1.0, 1.0),
    grain_mm: float = 4.0,
) -> Phased:
    """Return a tumour whose phases are the levels of a smooth random field.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where field and noise come from.
    shares : sequence of float
        The share of each phase, of 1.
    intensities : sequence of float
        The intensity of each phase.
    noise : float
        Standard deviation of the scan's noise.
    radius_mm : float
        Of the tumour.
    spacing : tuple of float
        Voxel size in mm, ordered (z, y, x).
    grain_mm : float
        The scale of the field: how coarse the phases are.

    Raises
    ------
    SettingsError
        Not one intensity a share, or shares that are not 1 together.

    Examples
    --------
    >>> made = phased_tumour(np.random.default_rng(0), shares=(0.5, 0.5), intensities=(0.0, 9.0))
    >>> counts = np.bincount(made.phases[made.tumour.voxels])[1:]
    >>> abs(int(counts[0]) - int(counts[1])) <= 1
    True
    """
    if len(shares) != len(intensities) or not np.isclose(sum(shares), 1):
        msg = (
            f"shares {tuple(shares)} for intensities {tuple(intensities)}; wanted is a share for "
            "each, and 1 in all"
        )
        raise SettingsError(msg)
    tumour = sphere(radius_mm, spacing=spacing)
    field = ndimage.gaussian_filter(
        rng.normal(size=tumour.grid.shape), grain_mm / np.asarray(spacing)
    )
    edges = np.quantile(field[tumour.voxels], np.cumsum(shares)[:-1])
    phase = np.digitize(field, edges)
    voxels = np.asarray(intensities)[phase] + rng.normal(scale=noise, size=phase.shape)
    return Phased(
        image=Image(voxels=voxels.astype(np.float32), grid=tumour.grid),
        tumour=tumour,
        phases=np.where(tumour.voxels, phase + 1, 0).astype(np.uint8),
    )
