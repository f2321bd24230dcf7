"""Voxels of a file that are no numbers come back as they were written, whatever the format."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.image import Grid, Image
from radpred.io import read_image, write_image


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("ending", [".nii", ".nii.gz", ".nrrd", ".mha"])
def test_voxels_that_are_no_numbers_come_back(tmp_path, rng, ending, dtype):
    voxels = rng.normal(size=(3, 4, 5)).astype(dtype)
    voxels[0, 1, 2], voxels[2, 3, 4], voxels[1, 0, 0] = np.nan, np.inf, -np.inf
    path = tmp_path / f"image{ending}"
    write_image(Image(voxels=voxels, grid=Grid(shape=voxels.shape)), path)
    np.testing.assert_array_equal(read_image(path).voxels, voxels)


def test_an_image_of_whole_numbers_is_left_alone(tmp_path):
    voxels = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    path = tmp_path / "image.nii.gz"
    write_image(Image(voxels=voxels, grid=Grid(shape=voxels.shape)), path)
    np.testing.assert_array_equal(read_image(path).voxels, voxels)
