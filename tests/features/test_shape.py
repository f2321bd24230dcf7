"""Shape features of solids whose size has a closed form."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import pytest


def ball(radius, spacing=(1.0, 1.0, 1.0)):
    """Return the voxels whose centre lies within ``radius`` mm of a voxel centre."""
    half = [int(radius / s) + 2 for s in spacing]
    axes = [(np.arange(2 * h + 1) - h) * s for h, s in zip(half, spacing, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    return z**2 + y**2 + x**2 <= radius**2


@pytest.fixture(scope="module")
def shape_of(measure):
    def of(mask, spacing=(1.0, 1.0, 1.0)):
        found = measure(np.zeros(mask.shape), mask, spacing=spacing, families=("shape",))
        return {key.removeprefix("shape_"): value for key, value in found.values.items()}

    return of


def test_a_block_s_axes_follow_from_the_variance_of_evenly_spaced_centres(shape_of):
    found = shape_of(np.ones((3, 5, 9), dtype=bool), spacing=(2.0, 1.0, 0.5))
    least, minor, major = sorted(
        4 * s * sqrt((n**2 - 1) / 12) for n, s in ((3, 2.0), (5, 1.0), (9, 0.5))
    )
    assert found["MajorAxisLength"] == pytest.approx(major)
    assert found["MinorAxisLength"] == pytest.approx(minor)
    assert found["LeastAxisLength"] == pytest.approx(least)
    assert found["Elongation"] == pytest.approx(minor / major)
    assert found["Flatness"] == pytest.approx(least / major)


def test_voxel_volume_counts_voxels(shape_of):
    mask = ball(4)
    assert shape_of(mask, (2.0, 1.0, 0.5))["VoxelVolume"] == mask.sum()


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (2.0, 0.8, 0.8)])
def test_a_ball_has_the_volume_and_the_diameters_of_a_ball(shape_of, spacing):
    found = shape_of(ball(20, spacing), spacing)
    assert found["MeshVolume"] == pytest.approx(4 / 3 * pi * 20**3, rel=0.01)
    for name in ("3D", "2D"):
        keys = [key for key in found if key.startswith(f"Maximum{name}Diameter")]
        assert [found[key] for key in keys] == pytest.approx([40] * len(keys), abs=max(spacing))
    axes = [found[f"{which}AxisLength"] for which in ("Major", "Minor", "Least")]
    assert axes == pytest.approx([4 * 20 / sqrt(5)] * 3, rel=0.01)


def test_the_mesh_of_a_ball_is_at_most_a_tenth_larger_than_the_ball_s_surface(shape_of):
    found = shape_of(ball(20))
    assert 4 * pi * 20**2 < found["SurfaceArea"] < 1.1 * 4 * pi * 20**2
    assert 0.9 < found["Sphericity"] < 1
    ratio = found["SurfaceArea"] / found["MeshVolume"]
    assert found["SurfaceVolumeRatio"] == pytest.approx(ratio)


def test_measures_scale_with_the_grid(shape_of, rng):
    mask = rng.random((6, 7, 8)) < 0.6
    small, large = shape_of(mask, (1.0, 0.7, 2.0)), shape_of(mask, (3.0, 2.1, 6.0))
    powers = {"MeshVolume": 3, "VoxelVolume": 3, "SurfaceArea": 2, "SurfaceVolumeRatio": -1}
    powers |= {"Sphericity": 0, "Elongation": 0, "Flatness": 0}
    for name, value in small.items():
        assert large[name] == pytest.approx(value * 3.0 ** powers.get(name, 1), rel=1e-9)


def test_a_slice_is_flat_to_the_last_digit(shape_of, rng):
    mask = np.zeros((5, 8, 9), dtype=bool)
    mask[2] = rng.random((8, 9)) < 0.7
    assert shape_of(mask)["LeastAxisLength"] == 0
    assert shape_of(mask)["Flatness"] == 0


def test_a_slanted_plane_is_flat_to_the_last_digit(shape_of):
    z, y, _ = np.indices((6, 6, 6))
    assert shape_of(z == y, (0.7, 1.3, 0.9))["LeastAxisLength"] == 0


def test_the_slice_diameter_lies_in_one_slice(shape_of):
    mask = np.zeros((3, 1, 10), dtype=bool)
    mask[0, 0, :4] = True
    mask[2, 0, 6:] = True
    found = shape_of(mask)
    assert found["Maximum2DDiameterSlice"] == 4
    assert found["Maximum2DDiameterColumn"] == pytest.approx(sqrt(10**2 + 2**2))
    assert found["Maximum3DDiameter"] == pytest.approx(sqrt(10**2 + 2**2))
