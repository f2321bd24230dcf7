"""GLDZM features of a row of voxels inside an outline, worked by hand, and what is a border."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest

from radpred.features import Texture, compute_features, feature_names
from radpred.image import Grid, Image, Mask
from radpred.roi import Roi

# The middle one of three by three rows of seven voxels: distances 1 2 2 2 2 2 1, and so zones of
# levels 1, 2, 3 at distances 1, 2, 1.
ROW = np.array([1, 1, 1, 2, 2, 3, 3])
WANTED = {
    "GrayLevelNonUniformity": 1,
    "GrayLevelNonUniformityNormalized": 1 / 3,
    "GrayLevelVariance": 2 / 3,
    "HighGrayLevelZoneEmphasis": 14 / 3,
    "LargeDistanceEmphasis": 2,
    "LargeDistanceHighGrayLevelEmphasis": 26 / 3,
    "LargeDistanceLowGrayLevelEmphasis": 19 / 27,
    "LowGrayLevelZoneEmphasis": 49 / 108,
    "SmallDistanceEmphasis": 3 / 4,
    "SmallDistanceHighGrayLevelEmphasis": 11 / 3,
    "SmallDistanceLowGrayLevelEmphasis": 169 / 432,
    "ZoneDistanceEntropy": log2(3),
    "ZoneDistanceNonUniformity": 5 / 3,
    "ZoneDistanceNonUniformityNormalized": 5 / 9,
    "ZoneDistanceVariance": 2 / 9,
    "ZonePercentage": 3 / 7,
}


@pytest.fixture(scope="module")
def row():
    """Return the features of a row of seven voxels in the middle of an outline of 3 x 3 rows."""
    voxels = np.broadcast_to(ROW, (3, 3, 7))
    outline = np.ones(voxels.shape, dtype=bool)
    region = np.zeros_like(outline)
    region[1, 1] = True
    return zones(voxels, region, outline).values


def zones(voxels, region, outline, texture=None):
    """Return the features of a region inside an outline."""
    grid = Grid(shape=voxels.shape, spacing=(1.0, 1.0, 1.0))
    return compute_features(
        Image(voxels=voxels, grid=grid),
        Roi(region=Mask(voxels=region, grid=grid), outline=Mask(voxels=outline, grid=grid)),
        families=("gldzm",),
        bin_width=1,
        bin_count=None,
        texture=texture or Texture(),
    )


@pytest.mark.parametrize("name", WANTED)
def test_a_row_inside_an_outline_has_the_values_worked_by_hand(row, name):
    assert row[f"gldzm_{name}"] == pytest.approx(WANTED[name], rel=1e-12)


def test_the_hand_worked_list_covers_the_family():
    assert {f"gldzm_{name}" for name in WANTED} == set(feature_names(["gldzm"]))


def test_the_edge_of_the_image_is_a_border(rng):
    voxels = rng.integers(1, 4, (5, 6, 7))
    whole = np.ones(voxels.shape, dtype=bool)
    inner = np.pad(whole, 2)
    assert zones(voxels, whole, whole) == zones(np.pad(voxels, 2), inner, inner)


def test_voxels_that_re_segmentation_takes_away_leave_no_border(rng):
    voxels = rng.integers(1, 3, (7, 7, 7))
    voxels[3, 3, 3] = 9
    outline = np.ones(voxels.shape, dtype=bool)
    shell = outline.copy()
    shell[1:-1, 1:-1, 1:-1] = False
    shell[3, 3, 3] = True  # 4 steps from the edge
    found = zones(voxels, shell, outline).values["gldzm_LargeDistanceEmphasis"]
    n_zones = zones(voxels, shell, outline).values["gldzm_ZonePercentage"] * shell.sum()
    assert found == pytest.approx((n_zones - 1 + 4**2) / n_zones)


def test_across_slices_a_slice_s_inside_is_inside(rng):
    voxels = rng.permutation(5 * 5).reshape(1, 5, 5)  # every voxel is a zone
    inside = np.ones(voxels.shape, dtype=bool)
    found = zones(voxels, inside, inside, Texture(flat_axis=0)).values
    assert found["gldzm_LargeDistanceEmphasis"] == pytest.approx((16 + 8 * 4 + 9) / 25)
    found = zones(voxels, inside, inside).values
    assert found["gldzm_LargeDistanceEmphasis"] == 1


@pytest.mark.parametrize("flat_axis", [None, 0, 1, 2])
def test_zones_are_those_of_size_zones(measure, rng, flat_axis):
    voxels, mask = rng.integers(1, 4, (5, 6, 7)), rng.random((5, 6, 7)) < 0.8
    texture = Texture(flat_axis=flat_axis)
    found = measure(voxels, mask, families=("glszm", "gldzm"), texture=texture).values
    for name in ("ZonePercentage", "GrayLevelNonUniformity", "GrayLevelVariance"):
        assert found[f"gldzm_{name}"] == pytest.approx(found[f"glszm_{name}"], rel=1e-12)


def test_one_voxel_has_no_zones(measure):
    found = measure(np.array([[[3]]]), families=("gldzm",))
    assert set(found.reasons.values()) == {"too_small"}
