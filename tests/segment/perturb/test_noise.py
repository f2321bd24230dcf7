"""Noise as strong as the image's own."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from radpred.errors import RegionError
from radpred.image import Grid, Image, Mask
from radpred.segment.perturb.noise import noise_level, noisy


def case(voxels, spacing=(3.0, 1.0, 1.0)):
    """Return an image of these voxels, and a mask of its middle."""
    grid = Grid(shape=voxels.shape, spacing=spacing)
    middle = np.zeros(voxels.shape, dtype=bool)
    middle[tuple(slice(n // 3, n - n // 3) for n in voxels.shape)] = True
    return Image(voxels=voxels, grid=grid), Mask(voxels=middle, grid=grid)


def test_the_noise_level_is_the_standard_deviation_of_pure_noise(rng):
    assert noise_level(*case(rng.normal(0, 7, (20, 64, 64)))) == pytest.approx(7, rel=0.03)


def test_the_noise_level_does_not_see_smooth_structures(rng):
    smooth = ndimage.gaussian_filter(rng.normal(0, 1, (20, 64, 64)), (1, 4, 4))
    smooth *= 200 / smooth.std()
    level = noise_level(*case(smooth + rng.normal(0, 7, smooth.shape)))
    assert level == pytest.approx(7, rel=0.1)


def test_an_image_without_noise_has_none():
    assert noise_level(*case(np.full((9, 30, 30), 40.0))) == pytest.approx(0, abs=1e-9)


def test_as_much_noise_is_added_as_there_was(rng):
    image, mask = case(rng.normal(0, 7, (20, 64, 64)).astype(np.float32))
    after = noisy(image, mask, 2.0, rng=rng)
    assert np.std(after.voxels - image.voxels) == pytest.approx(14, rel=0.04)
    assert after.voxels.dtype == np.float32
    assert "2 times its own" in after.steps[-1]


def test_whole_numbers_stay_whole_and_in_their_type(rng):
    voxels = np.clip(rng.normal(250, 4, (9, 40, 40)), 0, 255).astype(np.uint8)
    image, mask = case(voxels)
    after = noisy(image, mask, 3.0, rng=rng)
    assert after.voxels.dtype == np.uint8
    assert after.voxels.max() == 255
    assert (after.voxels != voxels).mean() > 0.5


def test_gaps_stay_gaps_and_do_not_hide_the_noise(rng):
    voxels = rng.normal(0, 7, (20, 64, 64))
    voxels[:, :8] = np.nan
    image, mask = case(voxels)
    assert noise_level(image, mask) == pytest.approx(7, rel=0.04)
    assert (np.isnan(noisy(image, mask, 1.0, rng=rng).voxels) == np.isnan(voxels)).all()


def test_an_image_of_gaps_alone_is_refused():
    with pytest.raises(RegionError) as error:
        noise_level(*case(np.full((9, 30, 30), np.nan)))
    assert error.value.code == "non_finite_voxels"


def test_slices_lie_across_the_thickest_voxels(rng):
    voxels = rng.normal(0, 7, (20, 20, 20)) + 1000 * rng.normal(size=(20, 20, 1))
    image, mask = case(voxels)  # each row of each slice has its own offset
    assert noise_level(image, mask) == pytest.approx(7, rel=0.05)
    sideways = replace(image.grid, spacing=(1.0, 1.0, 3.0))
    assert noise_level(replace(image, grid=sideways), replace(mask, grid=sideways)) > 100
