"""Patterns on spheres are PyRadiomics', to the last bit where bins could depend on it."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest

from radpred.filters import local_binary_pattern_3d, local_binary_pattern_3d_names
from tests.filters.oracle import by_pyradiomics, made, with_old_scipy

SPHERES = (
    {},
    {"levels": 3, "icosphere_radius": 1.5, "icosphere_subdivision": 2},
    {"levels": 4, "icosphere_subdivision": 0},
)
THEIRS = {
    "levels": "lbp3DLevels",
    "icosphere_radius": "lbp3DIcosphereRadius",
    "icosphere_subdivision": "lbp3DIcosphereSubdivision",
}
# PyRadiomics 3.1.4 with SciPy 1.14.1, trimesh 5.2.0, three levels, on ``striped``: at
# (2, 2, 2), (1, 3, 4) and (0, 0, 0).
ANSWERED = {
    "lbp-3D-m1": [1.5471628755726494, 10.830140129008546, 21.660280258017085],
    "lbp-3D-m2": [2.7798447074265815, 12.565095906895277, 18.401806215963283],
    "lbp-3D-m3": [2.9392349867920338, 10.342211929311734, 18.790985075494792],
    "lbp-3D-k": [-0.6453794614529365, -0.8916555524960081, 0.7152782221988061],
}


def ours(voxels, **options):
    return {part.name: part.voxels for part in local_binary_pattern_3d(made(voxels), **options)}


def test_responses_are_what_pyradiomics_answered_with_an_older_scipy():
    striped = (np.arange(5 * 6 * 7) * 37 % 101).reshape(5, 6, 7).astype(np.int16)
    found = ours(striped, levels=3)
    assert list(found) == list(ANSWERED)
    for name, expected in ANSWERED.items():
        here = [float(found[name][place]) for place in ((2, 2, 2), (1, 3, 4), (0, 0, 0))]
        assert here == pytest.approx(expected, rel=1e-9), name


@pytest.mark.parametrize("options", SPHERES, ids=str)
@pytest.mark.parametrize("kind", ["noise", "few levels"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
def test_responses_are_those_of_pyradiomics(rng, monkeypatch, dtype, kind, options):
    pytest.importorskip("trimesh", reason="PyRadiomics needs trimesh")
    with_old_scipy(monkeypatch)
    voxels = rng.normal(100, 30 if kind == "noise" else 1.2, (6, 7, 8))
    voxels = (voxels if kind == "noise" else np.round(voxels)).astype(dtype)
    expected = by_pyradiomics("LBP3D", voxels, **{THEIRS[k]: v for k, v in options.items()})
    found = ours(voxels, **options)
    assert list(found) == list(expected)
    for name, response in found.items():
        np.testing.assert_allclose(response, expected[name], rtol=1e-9, atol=1e-10, err_msg=name)
    # Whole numbers of points often lie on the edge of a bin, and kurtosis is single.
    np.testing.assert_array_equal(found["lbp-3D-m1"], expected["lbp-3D-m1"])
    np.testing.assert_array_equal(found["lbp-3D-k"], expected["lbp-3D-k"])


@pytest.mark.parametrize(
    "box",
    [
        (slice(0, 3), slice(20, 24), slice(9, 15)),
        (slice(5, 9), slice(0, 24), slice(11, 12)),
        (slice(10, 11), slice(23, 24), slice(120, 125)),
    ],
)
@pytest.mark.parametrize("dtype", [np.int16, np.float64])
def test_the_response_in_a_box_is_that_of_the_whole_image(rng, box, dtype):
    image = made(np.round(rng.normal(0, 9, (11, 24, 125))).astype(dtype))
    whole = ours(image.voxels)
    for part in local_binary_pattern_3d(image, box=box):
        np.testing.assert_allclose(part.voxels, whole[part.name][box], rtol=1e-12, atol=1e-12)
        assert part.grid == image.grid.cropped(box)


def test_many_slices_are_filtered_a_few_at_a_time(rng):
    voxels = rng.normal(0, 9, (12, 70, 70)).astype(np.float32)
    parts = [ours(voxels, box=(slice(z, z + 1), slice(0, 70), slice(0, 70))) for z in range(12)]
    for name, response in ours(voxels).items():
        expected = np.concatenate([part[name] for part in parts])
        np.testing.assert_allclose(response, expected, rtol=1e-12, atol=1e-12)


def test_where_all_points_are_alike_there_is_no_kurtosis():
    found = ours(np.full((9, 9, 9), 7, dtype=np.int16))
    assert np.isnan(found["lbp-3D-k"][2:-2, 2:-2, 2:-2]).all()
    assert np.isfinite(found["lbp-3D-m1"]).all()


def test_the_response_of_degree_0_counts_the_points_that_are_bright():
    voxels = np.zeros((7, 7, 7))
    voxels[3, 3, 3] = 1.0  # darker than which is every point around
    centre = (slice(3, 4),) * 3
    assert float(ours(voxels, box=centre)["lbp-3D-m1"][0, 0, 0]) == 0.0
    all_bright = float(ours(-voxels, box=centre)["lbp-3D-m1"][0, 0, 0])
    assert all_bright == pytest.approx(42**1.5 / (4 * np.pi), rel=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_voxel_that_is_not_finite_spoils_only_the_spheres_that_meet_it(rng, bad):
    voxels = rng.normal(0, 100, (11, 12, 13))
    whole = ours(voxels)
    voxels[5, 5, 5] = bad
    near = (slice(2, 9),) * 3
    far = np.ones(voxels.shape, dtype=bool)
    far[near] = False
    for name, response in ours(voxels).items():
        assert np.isnan(response[near]).all(), name
        assert np.isfinite(response[far]).all(), name
    assert (ours(voxels)["lbp-3D-m1"] == whole["lbp-3D-m1"])[far].mean() > 0.99


def test_an_image_without_a_finite_voxel_has_no_response():
    assert all(np.isnan(part).all() for part in ours(np.full((4, 4, 4), np.nan)).values())


def test_the_image_is_left_as_it_was(rng):
    voxels = rng.normal(0, 100, (5, 5, 5))
    voxels[0, 0, 0] = np.nan
    before = voxels.copy()
    ours(voxels)
    np.testing.assert_array_equal(voxels, before)


def test_names_are_known_without_an_image():
    assert local_binary_pattern_3d_names(levels=1) == ("lbp-3D-m1", "lbp-3D-k")


def test_an_array_of_a_library_that_cannot_interpolate_is_refused():
    with pytest.raises(TypeError, match="wanted a NumPy or CuPy array"):
        list(local_binary_pattern_3d(made(array_api_strict.zeros((4, 4, 4)))))
