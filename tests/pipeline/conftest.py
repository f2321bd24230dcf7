"""A box of noise and two regions in it."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.datasets.phantom import cuboid, noise_box
from radpred.image import Image, Mask

from .boxes import SHAPE


@pytest.fixture
def image(rng: np.random.Generator) -> Image:
    """Return a box of noise."""
    return noise_box(SHAPE, rng=rng)


@pytest.fixture
def tumour() -> Mask:
    """Return a cuboid in it."""
    return cuboid(SHAPE, start=(6, 7, 8), stop=(14, 16, 19))


@pytest.fixture
def core() -> Mask:
    """Return a smaller cuboid within."""
    return cuboid(SHAPE, start=(8, 9, 10), stop=(11, 12, 14))
