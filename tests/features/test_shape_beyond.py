"""Shape features of IBSI's alone: solids with a closed form, and identities between measures."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull
from scipy.special import elliprg

from radpred.features import Convention
from radpred.features.form._solids import ellipsoid_area, hull_area_and_volume
from radpred.kernels.diameter._numpy import surface_points

SPACING = (2.0, 1.0, 0.5)


@pytest.fixture(scope="module")
def form_of(measure):
    """Return a function from a region to its shape features, IBSI's among them."""

    def of(mask, spacing=(1.0, 1.0, 1.0), **convention):
        found = measure(
            np.zeros(mask.shape),
            mask,
            spacing=spacing,
            families=("shape",),
            convention=Convention(is_complete=True, **convention),
        )
        return {key.removeprefix("shape_"): value for key, value in found.values.items()}

    return of


def ball(radius):
    """Return the voxels whose centre lies within ``radius`` voxels of a voxel centre."""
    z, y, x = np.indices((2 * radius + 3,) * 3) - radius - 1
    return z**2 + y**2 + x**2 <= radius**2


@pytest.fixture(scope="module")
def porous(form_of):
    mask = np.random.default_rng(3).random((6, 7, 8)) < 0.6
    return form_of(mask, SPACING)


def test_measures_of_roundness_follow_from_sphericity(porous):
    sphericity = porous["Sphericity"]
    assert porous["Compactness1"] == pytest.approx(sphericity**1.5 / (6 * pi))
    assert porous["Compactness2"] == pytest.approx(sphericity**3)
    assert porous["SphericalDisproportion"] == pytest.approx(1 / sphericity)
    assert porous["Asphericity"] == pytest.approx(1 / sphericity - 1)


def test_the_box_is_as_large_as_the_voxels_that_it_holds(form_of):
    found = form_of(np.ones((3, 5, 9), dtype=bool), SPACING)
    z, y, x = 6, 5, 4.5
    assert found["VolumeDensityAABB"] == pytest.approx(found["MeshVolume"] / (z * y * x))
    area = 2 * (z * y + y * x + x * z)
    assert found["AreaDensityAABB"] == pytest.approx(found["SurfaceArea"] / area)


def test_a_block_with_its_edges_cut_off_is_its_own_hull(form_of):
    found = form_of(np.ones((3, 5, 9), dtype=bool), SPACING)
    assert found["VolumeDensityConvexHull"] == pytest.approx(1)
    assert found["AreaDensityConvexHull"] == pytest.approx(1)


def test_the_hull_spans_a_notch(form_of):
    mask = np.ones((40, 40, 40), dtype=bool)
    mask[20:, 20:] = False
    # Of a square less a quarter of it the hull lacks an eighth.
    assert form_of(mask)["VolumeDensityConvexHull"] == pytest.approx(6 / 7, rel=0.01)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_hull_is_that_of_all_mesh_points(seed):
    rng = np.random.default_rng(seed)
    mask = rng.random(rng.integers(1, 9, 3)) < rng.uniform(0.05, 1)
    mask.flat[0] = True
    spacing = rng.uniform(0.3, 4, 3)
    whole = ConvexHull(surface_points(mask) * spacing / 2)
    found = hull_area_and_volume(mask, spacing=tuple(spacing))
    assert found == pytest.approx((whole.area, whole.volume))


def test_nothing_is_larger_than_its_hull_and_its_box(form_of, rng):
    for density in (0.1, 0.5, 0.95):
        found = form_of(rng.random((7, 8, 9)) < density, SPACING)
        assert found["VolumeDensityAABB"] <= found["VolumeDensityConvexHull"] <= 1


def test_a_ball_s_ellipsoid_is_smaller_than_the_ball(form_of):
    # The voxels of a ball lie sqrt(r^2 / 5) from its centre along each axis; twice that is the
    # ellipsoid's semi-axis.
    found = form_of(ball(20))
    assert found["VolumeDensityAEE"] == pytest.approx((sqrt(5) / 2) ** 3, rel=0.01)
    area = found["SurfaceArea"] / (4 * pi * 20**2)
    assert found["AreaDensityAEE"] == pytest.approx(area * 5 / 4, rel=0.01)


def test_a_sphere_s_area_has_no_series():
    assert ellipsoid_area(3.0, 3.0, 3.0) == pytest.approx(4 * pi * 9, rel=1e-14)


@pytest.mark.parametrize("axes", [(3, 2.9, 2.5), (3, 3, 2), (3, 2, 2), (10, 7, 6), (5, 4, 3)])
def test_ibsi_s_series_is_a_part_of_another_ellipsoid_s_area(axes):
    # With the eccentricities that IBSI takes, the series is that of semi-axes b, c, and b c / a,
    # whose area Carlson's integral gives.
    a, b, c = (float(axis) for axis in axes)
    p, q, r = b, c, b * c / a
    area = 4 * pi * elliprg((p * q) ** 2, (q * r) ** 2, (r * p) ** 2)
    assert ellipsoid_area(a, b, c) == pytest.approx(a / c * area, rel=1e-5)


def test_axes_of_a_sample_are_longer(form_of):
    mask = np.ones((2, 3, 4), dtype=bool)
    plain, sample = form_of(mask), form_of(mask, has_sample_axes=True)
    longer = sqrt(24 / 23)
    for name in ("MajorAxisLength", "MinorAxisLength", "LeastAxisLength"):
        assert sample[name] == pytest.approx(longer * plain[name])
    assert sample["VolumeDensityAEE"] == pytest.approx(plain["VolumeDensityAEE"] / longer**3)
    assert sample["Elongation"] == pytest.approx(plain["Elongation"])


def test_densities_do_not_depend_on_the_unit_of_length(form_of, rng):
    mask = rng.random((6, 7, 8)) < 0.6
    small, large = form_of(mask, (1.0, 0.7, 2.0)), form_of(mask, (3.0, 2.1, 6.0))
    for name, value in small.items():
        if "Density" in name or "pact" in name or "phe" in name:
            assert large[name] == pytest.approx(value, rel=1e-9)


def test_a_slice_has_no_ellipsoid_and_a_hull(measure):
    mask = np.ones((1, 4, 5), dtype=bool)
    convention = Convention(is_complete=True)
    found = measure(np.zeros(mask.shape), mask, families=("shape",), convention=convention)
    assert found.reasons == {"shape_VolumeDensityAEE": "too_small"}
    assert found.values["shape_VolumeDensityConvexHull"] == pytest.approx(1)


def test_a_line_of_voxels_has_a_voxel_volume_only(form_of):
    found = form_of(np.ones((1, 1, 5), dtype=bool))
    assert [name for name, value in found.items() if not np.isnan(value)] == ["VoxelVolume"]
