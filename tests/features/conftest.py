"""A short way from arrays to features, and the line of voxels that is worked by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from radpred.features import FAMILIES, FeatureValues, compute_features
from radpred.image import Grid, Image, Mask

Measure = Callable[..., FeatureValues]


@pytest.fixture(scope="session")
def measure() -> Measure:
    """Return a function from arrays to features."""

    def from_arrays(
        voxels: Any,
        mask: Any = None,
        *,
        spacing: tuple[float, float, float] = (1.0, 1.0, 1.0),
        families: tuple[str, ...] = FAMILIES,
        bin_width: float | None = 1.0,
        bin_count: int | None = None,
        **options: float,
    ) -> FeatureValues:
        voxels = np.asarray(voxels)
        inside = np.ones(voxels.shape, dtype=bool) if mask is None else np.asarray(mask)
        grid = Grid(shape=voxels.shape, spacing=spacing)
        return compute_features(
            Image(voxels=voxels, grid=grid),
            Mask(voxels=inside, grid=grid),
            families=families,
            bin_width=bin_width,
            bin_count=bin_count,
            **options,
        )

    return from_arrays


@pytest.fixture(scope="session")
def line(measure: Measure) -> dict[str, float]:
    """Return the features of four voxels in a row, of grey levels 1, 1, 2, 3.

    Small enough to count every matrix by hand: there is one direction with pairs, (1, 1), (1, 2)
    and (2, 3), and with runs 1 1, 2, 3; the zones are the runs.
    """
    return measure(np.array([[[1, 1, 2, 3]]])).values
