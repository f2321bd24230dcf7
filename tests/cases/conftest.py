"""P0, the noise box with a cuboid that the cases start from."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.datasets.phantom import cuboid, noise_box
from radpred.image import Image, Mask
from radpred.io import write_image, write_mask

from .blocks import SHAPE


@pytest.fixture
def scan() -> Image:
    """Return P0: noise of mean 100 and standard deviation 30."""
    return noise_box(SHAPE, rng=np.random.default_rng(20))


@pytest.fixture
def tumour() -> Mask:
    """Return P0's region: a cuboid of 792 voxels."""
    return cuboid(SHAPE, start=(6, 7, 8), stop=(14, 16, 19))


@pytest.fixture
def p0_files(scan, tumour, tmp_path):
    """Return P0 and its region as NIfTI files."""
    write_image(scan, tmp_path / "scan.nii")
    write_mask(tumour, tmp_path / "mask.nii")
    return tmp_path / "scan.nii", tmp_path / "mask.nii"


@pytest.fixture
def disc(rng):
    """Return a noisy slice and a disc in it, (24, 28)."""
    y, x = np.indices((24, 28))
    return rng.normal(100, 30, (24, 28)).astype(np.float32), (y - 12) ** 2 + (x - 13) ** 2 < 60
