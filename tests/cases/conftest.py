"""P0, the noise box with a cuboid that the cases start from."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.datasets.phantom import cuboid, noise_box
from radpred.image import Image, Mask

from .blocks import SHAPE


@pytest.fixture
def scan() -> Image:
    """Return P0: noise of mean 100 and standard deviation 30."""
    return noise_box(SHAPE, rng=np.random.default_rng(20))


@pytest.fixture
def tumour() -> Mask:
    """Return P0's region: a cuboid of 792 voxels."""
    return cuboid(SHAPE, start=(6, 7, 8), stop=(14, 16, 19))
