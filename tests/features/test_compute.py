"""Fixed columns and reasons: whatever the region, every feature has a place."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.errors import GeometryError, RegionError, SettingsError
from radpred.features import FAMILIES, compute_features, feature_names, feature_register
from radpred.image import Grid, Image, Mask

TEXTURE = ("glcm", "glrlm", "glszm", "gldm", "ngtdm")
# The number of features that PyRadiomics' documentation lists as enabled, by class.
COUNTS = {
    "firstorder": 18,
    "shape": 14,
    "glcm": 24,
    "glrlm": 16,
    "glszm": 16,
    "gldm": 14,
    "ngtdm": 5,
}


def noise(rng, shape=(7, 8, 9)):
    """Return normal noise of a CT's size of values."""
    return rng.normal(100, 30, shape)


def only(shape, *places):
    """Return a mask with voxels at the given places."""
    mask = np.zeros(shape, dtype=bool)
    for place in places:
        mask[place] = True
    return mask


def reasons_by_family(found):
    """Return the set of reasons of each family, with None for features that have a value."""
    answer = {}
    for key in found.values:
        answer.setdefault(key.split("_")[0], set()).add(found.reasons.get(key))
    return answer


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_as_many_features_as_in_pyradiomics(family):
    assert len(feature_names([family])) == COUNTS[family]


def test_the_register_holds_107_features_with_a_meaning_each():
    register = feature_register()
    assert len(register) == 107
    assert all(feature.summary.endswith((".", ")", ":")) for feature in register)


def test_an_ibsi_code_is_given_to_one_feature_only():
    codes = [feature.ibsi for feature in feature_register() if feature.ibsi]
    assert len(codes) == len(set(codes))


def test_every_ibsi_code_is_one_that_ibsi_lists(shared_data):
    text = (shared_data / "ibsi" / "ibsi1_reference_values.csv").read_text(encoding="utf-8")
    assert [f.key for f in feature_register() if f.ibsi and f",{f.ibsi}," not in text] == []


def test_a_region_with_texture_has_all_values_and_no_reason(measure, rng):
    found = measure(noise(rng), bin_width=25)
    assert tuple(found.values) == feature_names(FAMILIES)
    assert found.reasons == {}
    assert all(np.isfinite(value) for value in found.values.values())
    assert found.n_voxels == 7 * 8 * 9
    assert found.n_grey_levels == len(np.unique(np.floor(noise(np.random.default_rng(20)) / 25)))


def test_families_come_in_the_order_asked_for(measure, rng):
    found = measure(noise(rng), families=("ngtdm", "shape"), bin_width=25)
    assert tuple(found.values) == feature_names(["ngtdm", "shape"])


def test_an_empty_region_has_only_reasons(measure, rng):
    found = measure(noise(rng), np.zeros((7, 8, 9), dtype=bool))
    assert found.reasons == dict.fromkeys(feature_names(FAMILIES), "empty")
    assert found.n_voxels == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_voxel_that_is_no_number_takes_all_values_away(measure, rng, value):
    voxels = noise(rng)
    voxels[3, 3, 3] = value
    found = measure(voxels, bin_width=25)
    assert found.reasons == dict.fromkeys(feature_names(FAMILIES), "non_finite_voxels")


def test_a_voxel_that_is_no_number_outside_the_region_changes_nothing(measure, rng):
    voxels, mask = noise(rng), np.zeros((7, 8, 9), dtype=bool)
    mask[1:5, 1:5, 1:5] = True
    wanted = measure(voxels, mask, bin_width=25)
    voxels[3, 3, 7] = np.nan
    assert measure(voxels, mask, bin_width=25) == wanted


def test_one_voxel_keeps_its_intensity_and_its_volume(measure, rng):
    found = measure(noise(rng), only((7, 8, 9), (3, 4, 5)), spacing=(2, 3, 4), bin_width=25)
    assert reasons_by_family(found) == {
        "firstorder": {None, "flat"},
        "shape": {None, "too_small"},
    } | {key: {"too_small"} for key in TEXTURE}
    assert found.values["firstorder_Mean"] == noise(np.random.default_rng(20))[3, 4, 5]
    assert found.values["shape_VoxelVolume"] == 24


def test_a_line_of_voxels_has_texture_but_no_shape_beyond_its_volume(measure, rng):
    mask = np.zeros((7, 8, 9), dtype=bool)
    mask[3, 4, 1:7] = True
    found = measure(noise(rng), mask, bin_width=5)
    expected = {family: {None} for family in FAMILIES} | {"shape": {None, "too_small"}}
    assert reasons_by_family(found) == expected


def test_a_flat_region_has_shape_and_intensity_but_no_texture(measure):
    found = measure(np.full((4, 5, 6), 7), bin_width=25)
    assert reasons_by_family(found) == {
        "firstorder": {None, "flat"},
        "shape": {None},
    } | {key: {"flat"} for key in TEXTURE}
    assert found.n_grey_levels == 1


def test_bins_too_wide_for_the_intensities_leave_no_texture(measure, rng):
    found = measure(noise(rng) / 1000, bin_width=25)
    expected = {"firstorder": {None}, "shape": {None}}
    expected |= {key: {"too_few_grey_levels"} for key in TEXTURE}
    assert reasons_by_family(found) == expected


def test_intensities_closer_than_rounding_can_tell_leave_no_texture(measure):
    voxels = np.full((2, 3, 4), 1e9, dtype=np.float32)
    voxels[0, 0, 0] = np.nextafter(np.float32(1e9), np.float32(2e9))
    found = measure(voxels, bin_width=None, bin_count=64)
    assert found.reasons["glcm_Contrast"] == "too_few_grey_levels"


def test_scattered_voxels_keep_their_columns(measure):
    mask = only((5, 5, 9), (0, 0, 0), (1, 3, 8), (4, 1, 3))
    voxels = np.arange(5 * 5 * 9).reshape(5, 5, 9)
    found = measure(voxels, mask)
    assert set(found.reasons) == {key for key, value in found.values.items() if np.isnan(value)}
    assert {found.reasons[key] for key in feature_names(["glcm"])} == {"no_neighbours"}
    assert found.values["glszm_ZonePercentage"] == 1


def test_three_thousand_grey_levels_are_measured(measure, rng):
    voxels = rng.uniform(0, 30000, (8, 9, 11))
    voxels[0, 0, :2] = 0, 29999
    assert measure(voxels, bin_width=10).reasons == {}


def test_too_many_grey_levels_are_refused_with_a_width_that_works(measure, rng):
    voxels = rng.uniform(0, 30000, (8, 9, 11))
    with pytest.raises(RegionError, match="use bin_width=120") as refusal:
        measure(voxels, bin_width=1)
    assert refusal.value.code == "too_many_grey_levels"
    assert measure(voxels, bin_width=120).reasons == {}


def test_shape_alone_needs_no_grey_levels(measure, rng):
    found = measure(rng.uniform(0, 30000, (4, 4, 4)), families=("shape",), bin_width=0.01)
    assert found.n_grey_levels == 0


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32, bool])
def test_the_stored_type_does_not_matter(measure, rng, dtype):
    voxels = rng.integers(0, 2 if dtype is bool else 250, (5, 6, 7))
    stored = voxels.astype(dtype)
    width = 0.5 if dtype is bool else 7
    wanted = measure(voxels.astype(np.float64), bin_width=width).values
    assert measure(stored, bin_width=width).values == pytest.approx(wanted, rel=1e-9)


def test_the_input_is_left_as_it_was(measure, rng):
    voxels, mask = noise(rng), rng.random((7, 8, 9)) < 0.5
    copies = voxels.copy(), mask.copy()
    measure(voxels, mask, bin_width=25)
    np.testing.assert_array_equal(voxels, copies[0])
    np.testing.assert_array_equal(mask, copies[1])


def test_where_the_region_lies_in_the_image_does_not_matter(measure, rng):
    voxels, mask = noise(rng), rng.random((7, 8, 9)) < 0.5
    wider = np.pad(voxels, 4, constant_values=-1000), np.pad(mask, 4)
    wanted = measure(voxels, mask, bin_width=25)
    assert measure(*wider, bin_width=25) == wanted


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"bin_width": None, "bin_count": None}, "give one of the two"),
        ({"bin_width": 25, "bin_count": 32}, "give one of the two"),
        ({"bin_width": 0}, "positive"),
        ({"bin_width": None, "bin_count": -3}, "positive"),
        ({"families": ("glcm", "dose_volume")}, "dose_volume"),
    ],
)
def test_settings_that_cannot_be_followed_are_refused(measure, rng, given, message):
    with pytest.raises(SettingsError, match=message):
        measure(noise(rng), **given)


def test_a_mask_on_another_grid_is_refused():
    image = Image(voxels=np.zeros((2, 2, 2)), grid=Grid(shape=(2, 2, 2)))
    mask = Mask(voxels=np.ones((2, 2, 2), bool), grid=Grid(shape=(2, 2, 2), origin=(5, 0, 0)))
    with pytest.raises(GeometryError, match="resample the mask"):
        compute_features(image, mask, families=["shape"], bin_width=1, bin_count=None)
