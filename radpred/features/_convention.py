"""Where the values of IBSI and of PyRadiomics differ, as far as features go."""

from __future__ import annotations

from dataclasses import dataclass

from radpred.preprocess import FirstEdge


@dataclass(frozen=True, kw_only=True)
class Convention:
    """Whose values features have; the defaults are PyRadiomics'.

    Parameters
    ----------
    first_edge : "multiple", "minimum" or float
        Where bins of a fixed width start: at the multiple of the width below the lowest intensity
        (PyRadiomics); at the lowest intensity; or at a bound, that of re-segmentation (IBSI Q3RU).
    last_edge : float, optional
        The upper bound of re-segmentation, if any, where the intensity-volume histogram ends
        (IBSI P88C); else it ends at the highest intensity.
    voxel_array_shift : float
        Added to intensities in energy, total energy and root mean square.
    has_excess_kurtosis : bool
        Whether kurtosis is 0 for a normal distribution (IBSI IPH6), and not 3.
    has_sample_axes : bool
        Whether voxels are a sample of a region, n - 1 of them free, for its principal axes.
    has_isolated_voxels : bool
        Whether NGTDM counts a region's voxels that have no neighbour to differ from; IBSI's does
        not.
    ivh_bin_width, ivh_bin_count : float or int, optional
        How the intensity-volume histogram discretises; not at all where neither is given.
    is_complete : bool
        Whether families hold IBSI's features that PyRadiomics lacks, where none are chosen.
    """

    first_edge: FirstEdge = "multiple"
    last_edge: float | None = None
    voxel_array_shift: float = 0.0
    has_excess_kurtosis: bool = False
    has_sample_axes: bool = False
    has_isolated_voxels: bool = True
    ivh_bin_width: float | None = None
    ivh_bin_count: int | None = None
    is_complete: bool = False


PYRADIOMICS = Convention()
