"""Slices with matrices of their own: a feature is the mean over them (IBSI: 2D)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpred.features import Convention, Cube, Texture, compute_voxel_features
from radpred.image import Grid, Image, Mask

FAMILIES = ("glcm", "glrlm", "glszm", "gldzm", "gldm", "ngtdm")
IBSI = Convention(first_edge=1.0, is_complete=True, has_isolated_voxels=False)
SLICED = Texture(flat_axis=0, slices="averaged")
MERGED = ("merged", "euclidean", "manhattan", "infinity")
SPACING = (2.0, 0.7, 1.1)

seeds = st.integers(0, 2**32 - 1)


def made(seed, n_slices=4):
    """Return grey levels whose lowest and highest lie side by side in every slice, and a region."""
    rng = np.random.default_rng(seed)
    shape = (n_slices, *rng.integers(3, 7, 2))
    voxels, mask = rng.integers(1, 6, shape), rng.random(shape) < 0.7
    voxels[:, 1, :2], mask[:, 1, :2] = (1, 5), True
    return voxels, mask


@pytest.fixture(scope="module")
def values(measure):
    """Return a function from arrays to the values of all texture."""

    def of(voxels, mask, texture=SLICED, **options):
        given = {"families": FAMILIES, "convention": IBSI, "spacing": SPACING, **options}
        return measure(voxels, mask, texture=texture, **given).values

    return of


def assert_same(found, wanted):
    """Check that all values are the same, NaN included."""
    assert found.keys() == wanted.keys()
    for key, value in wanted.items():
        assert found[key] == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True), key


@pytest.mark.parametrize("aggregation", MERGED)
@pytest.mark.parametrize("seed", range(5))
def test_a_feature_is_the_mean_over_the_slices_measured_alone(values, seed, aggregation):
    voxels, mask = made(seed)
    texture = replace(SLICED, aggregation=aggregation)
    alone = [values(voxels[[z]], mask[[z]], texture) for z in range(len(voxels))]
    wanted = {key: np.nanmean([each[key] for each in alone]) for key in alone[0]}
    assert_same(values(voxels, mask, texture), wanted)


def test_a_direction_s_value_weighs_as_much_as_another_s_in_any_slice(values):
    # Above, two voxels have one direction, of contrast 4^2; below, a square has four: along x 1,
    # along y 4^2, across 3^2 and 5^2.
    voxels = np.array([[[1, 5], [1, 1]], [[1, 2], [5, 6]]])
    mask = np.array([[[True, True], [False, False]], [[True, True], [True, True]]])
    found = values(voxels, mask)["glcm_Contrast"]
    assert found == pytest.approx((16 + 1 + 16 + 9 + 25) / 5)


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_one_slice_has_the_values_of_slices_together(values, seed):
    voxels, mask = made(seed, n_slices=1)
    assert_same(values(voxels, mask), values(voxels, mask, replace(SLICED, slices="merged")))


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_slices_that_are_repeated_change_nothing(values, seed):
    voxels, mask = made(seed)
    assert_same(
        values(np.repeat(voxels, 2, axis=0), np.repeat(mask, 2, axis=0)), values(voxels, mask)
    )


@settings(max_examples=20, deadline=None)
@given(seed=seeds, order=st.permutations(range(4)))
def test_the_order_of_slices_changes_nothing(values, seed, order):
    voxels, mask = made(seed)
    assert_same(values(voxels[order], mask[order]), values(voxels, mask))


@pytest.mark.parametrize("axis", [1, 2])
def test_slices_lie_across_any_axis(values, axis):
    voxels, mask = made(7)
    texture = replace(SLICED, flat_axis=axis)
    spacing = tuple(np.roll(SPACING, axis))
    turned = (np.moveaxis(array, (0, 1, 2), np.roll((0, 1, 2), -axis)) for array in (voxels, mask))
    assert_same(values(*turned, texture, spacing=spacing), values(voxels, mask))


def test_a_slice_without_a_voxel_changes_nothing(values):
    voxels, mask = made(3)
    wanted = values(voxels, mask)
    assert_same(values(np.insert(voxels, 2, 1, axis=0), np.insert(mask, 2, False, axis=0)), wanted)


def test_a_slice_of_one_voxel_has_zones_and_dependences_alone(values):
    voxels, mask = made(3)
    alone = np.zeros(mask.shape[1:], dtype=bool)
    alone[1, 1] = True
    more = np.concatenate([voxels, voxels[:1]]), np.concatenate([mask, alone[None]])
    before, after = values(voxels, mask), values(*more)
    changed = {key.partition("_")[0] for key in before if before[key] != after[key]}
    assert changed == {"glszm", "gldzm", "gldm"}


def test_a_slice_of_one_grey_level_has_no_coarseness_and_is_fully_correlated(values):
    voxels, mask = made(3, n_slices=1)
    before = values(voxels, mask)
    plain = np.full_like(voxels, 5), np.ones_like(mask)
    after = values(*(np.concatenate(both) for both in zip((voxels, mask), plain, strict=True)))
    for name in ("Busyness", "Coarseness", "Contrast", "Strength"):
        assert after[f"ngtdm_{name}"] == pytest.approx(before[f"ngtdm_{name}"])
    assert after["ngtdm_Complexity"] == pytest.approx(before["ngtdm_Complexity"] / 2)
    assert after["glcm_Correlation"] == pytest.approx((4 * before["glcm_Correlation"] + 4) / 8)


def test_a_region_of_slices_of_one_level_each_has_texture(values):
    voxels = np.array([[[1, 1, 1]], [[5, 5, 5]]])
    found = values(voxels, voxels > 0)
    assert found["gldm_HighGrayLevelEmphasis"] == (1 + 25) / 2
    assert np.isnan(found["ngtdm_Coarseness"])


def test_a_region_with_one_voxel_a_slice_has_no_neighbours(measure):
    voxels = np.array([[[1]], [[2]], [[3]]])
    found = measure(voxels, families=FAMILIES, texture=SLICED, convention=IBSI)
    assert set(found.reasons.values()) == {"no_neighbours"}
    assert {key.partition("_")[0] for key in found.reasons} == {"glcm", "glrlm", "ngtdm"}


def test_the_number_of_grey_levels_is_the_region_s(values):
    voxels = np.array([[[1, 2]], [[1, 9]]])
    found = values(voxels, voxels > 0)["glcm_Idn"]
    assert found == pytest.approx((1 / (1 + 1 / 9) + 1 / (1 + 8 / 9)) / 2)


def test_maps_are_of_squares_and_so_of_slices(rng):
    grid = Grid(shape=(3, 6, 6), spacing=SPACING)
    image = Image(voxels=rng.integers(1, 4, grid.shape), grid=grid)
    mask = Mask(voxels=rng.random(grid.shape) < 0.8, grid=grid)
    families = [family for family in FAMILIES if family != "gldzm"]
    sliced, merged = (
        list(
            compute_voxel_features(
                image,
                mask,
                families=families,
                bins={"bin_width": 1},
                cube=Cube(),
                texture=replace(SLICED, slices=slices),
            )
        )
        for slices in ("averaged", "merged")
    )
    for one, other in zip(sliced, merged, strict=True):
        for key, value in one.values.items():
            np.testing.assert_array_equal(value, other.values[key])
