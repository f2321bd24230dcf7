"""Which voxels texture compares, and how its directions become one value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from radpred.image import Array, Triple
from radpred.kernels.texture_sweep import Walk, neighbour_offsets

Aggregation = Literal["averaged", "merged", "euclidean", "manhattan", "infinity"]


@dataclass(frozen=True, kw_only=True)
class Texture:
    """How texture looks at a region; the defaults are PyRadiomics'.

    Parameters
    ----------
    distances : tuple of int
        How far neighbours lie, in voxels, in GLCM, GLDM and NGTDM.
    flat_axis : int, optional
        The axis (0: z, 1: y, 2: x) along which no voxel is a neighbour.
    aggregation : str
        ``averaged``: a value for each direction, then their mean (IBSI: averaged).
        ``merged``: one matrix for all directions (IBSI: merged). ``euclidean``,
        ``manhattan``, ``infinity``: merged, each direction with a weight, exp(-d^2) for pairs and
        d for runs, d being the step's length in mm by that norm (PyRadiomics'
        ``weightingNorm``).
    slices : str
        With ``flat_axis``: ``merged``, each matrix is that of all slices across it together (IBSI:
        2.5D; PyRadiomics); ``averaged``, every slice has its own, and a feature is the mean over
        them (IBSI: 2D). Slices without a matrix are left out of the mean: without a voxel and, as
        far as a family needs them, a pair, two voxels on a line, or a neighbour. Grey levels, and
        their number, are those of the whole region.
    is_symmetric : bool
        Whether a pair of neighbours counts both ways in the GLCM.
    dependence_cutoff : float
        How far the levels of two dependent neighbours may differ, in the GLDM.
    minimum_grey_levels : int
        A region with fewer has no texture. With 1, a flat region has, and where a formula divides
        by 0 its value is PyRadiomics' convention.
    """

    distances: tuple[int, ...] = (1,)
    flat_axis: int | None = None
    aggregation: Aggregation = "averaged"
    slices: Literal["merged", "averaged"] = "merged"
    is_symmetric: bool = True
    dependence_cutoff: float = 0.0
    minimum_grey_levels: int = 2

    @cached_property
    def walk(self) -> Walk:
        """Return where a sweep looks."""
        return Walk(
            offsets=neighbour_offsets(self.distances, flat_axis=self.flat_axis),
            lines=neighbour_offsets(flat_axis=self.flat_axis),
            is_merged=self.aggregation == "merged",
            is_ordered=not self.is_symmetric,
            cutoff=self.dependence_cutoff,
        )

    @property
    def is_sliced(self) -> bool:
        """Tell whether every slice has matrices of its own."""
        return self.flat_axis is not None and self.slices == "averaged"

    @property
    def is_weighted(self) -> bool:
        """Tell whether directions are merged by weights."""
        return self.aggregation in ("euclidean", "manhattan", "infinity")

    def pair_weights(self, spacing: Triple) -> Array:
        """Return the weight of each offset's pairs, shape (n,): exp(-length^2)."""
        return np.exp(-(self._lengths_mm(self.walk.offsets, spacing) ** 2))

    def run_weights(self, spacing: Triple) -> Array:
        """Return the weight of each line's runs, shape (n,): the length of its step."""
        return self._lengths_mm(self.walk.lines, spacing)

    def _lengths_mm(self, steps: Array, spacing: Triple) -> Array:
        """Return the length of each step by the norm that weighs."""
        order = {"euclidean": 2, "manhattan": 1, "infinity": np.inf}[self.aggregation]
        return np.linalg.norm(np.abs(steps) * np.asarray(spacing), ord=order, axis=1)


TOUCHING = Texture()
