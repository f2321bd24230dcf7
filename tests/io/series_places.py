"""What the tests of series share: orientations, and how a reading ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_files import GRID
from scipy.spatial.transform import Rotation

from radpred.errors import InputError
from radpred.image import Grid
from radpred.io import DicomReading, read_image

AXIAL = GRID.direction
SAGITTAL = (0, 0, 1, 1, 0, 0, 0, 1, 0)  # rows run posterior, columns superior, slices left
CORONAL = (1, 0, 0, 0, 0, -1, 0, 1, 0)
OBLIQUE = tuple(Rotation.from_euler("xyz", [20, -35, 10], degrees=True).as_matrix().ravel())
DIRECTIONS = [AXIAL, SAGITTAL, CORONAL, OBLIQUE]


def placed(direction: Sequence[float]) -> Grid:
    """Return GRID with another orientation; its third axis completes a right-handed set."""
    return replace(GRID, direction=tuple(float(cosine) for cosine in direction))


def refused(source: str | Path, **wanted: Any) -> InputError:
    """Return the error that reading ends with."""
    with pytest.raises(InputError) as caught:
        read_image(source, wanted=DicomReading(**wanted))
    return caught.value


def same_place(one: Grid, other: Grid) -> bool:
    """Tell whether two grids lie in one place."""
    corners = np.array([[0, 0, 0], [1, 2, 3], [n - 1 for n in one.shape]])
    return one.shape == other.shape and np.allclose(
        one.to_world(corners), other.to_world(corners), atol=1e-6
    )
