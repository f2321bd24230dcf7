import numpy as np
import pytest
from numpy.testing import assert_allclose

from radpred.datasets import cuboid, noise_box, painted, sphere


@pytest.mark.parametrize("spacing", [(0.5, 0.5, 0.5), (1.0, 0.4, 0.4), (0.7, 0.5, 0.3)])
def test_sphere_has_the_volume_of_a_sphere(spacing):
    mask = sphere(10.0, spacing=spacing)
    assert_allclose(mask.volume_mm3, 4 / 3 * np.pi * 10.0**3, rtol=0.01)


def test_sphere_lies_about_the_origin_of_the_world():
    mask = sphere(6.0, spacing=(2.5, 0.8, 1.1))
    points = mask.grid.to_world(np.argwhere(mask.voxels))
    assert_allclose(points.mean(axis=0), 0.0, atol=1e-9)
    assert np.linalg.norm(points, axis=1).max() <= 6.0


def test_sphere_keeps_its_margin():
    mask = sphere(5.0, margin_mm=3.0)
    index = np.argwhere(mask.voxels)
    assert mask.grid.shape == (17, 17, 17)
    assert index.min() == 3
    assert index.max() == 13


def test_cuboid_holds_the_voxels_from_start_to_before_stop():
    mask = cuboid((20, 24, 28), start=(6, 7, 8), stop=(14, 16, 19), spacing=(3.0, 1.0, 1.0))
    assert mask.n_voxels == 8 * 9 * 11
    assert mask.volume_mm3 == 792 * 3.0
    assert np.argwhere(mask.voxels).min(axis=0).tolist() == [6, 7, 8]


def test_noise_box_has_the_mean_and_spread_asked_for(rng):
    image = noise_box((20, 24, 28), rng=rng, mean=100.0, sd=30.0)
    n = image.voxels.size
    assert image.voxels.dtype == np.float32
    assert abs(image.voxels.mean() - 100.0) < 4 * 30.0 / np.sqrt(n)
    assert abs(image.voxels.std() - 30.0) < 4 * 30.0 / np.sqrt(2 * n)


def test_painted_gives_a_mask_two_intensities():
    mask = sphere(3.0)
    image = painted(mask, inside=7.0, outside=-1.0)
    assert image.grid == mask.grid
    assert set(image.voxels[mask.voxels]) == {7.0}
    assert set(image.voxels[~mask.voxels]) == {-1.0}
