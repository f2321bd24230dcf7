"""From an image and its regions to named values; columns depend on settings alone."""

from __future__ import annotations

from dataclasses import replace

import array_api_strict
import numpy as np
import pytest

from radpred.datasets.phantom import cuboid, noise_box, sphere
from radpred.errors import SettingsError
from radpred.image import Grid, Image, Mask
from radpred.pipeline.measuring.extract import column_names, extract_regions

from .boxes import SHAPE, intensity, settings

# --- columns ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"families": ["firstorder"]},
        {"filters": [{"kind": "wavelet", "level": 2}]},
        {"families": ["shape", "glcm"], "features": {"glcm": ["Idm"], "shape": ["Sphericity"]}},
        {"normalise": True, "bin_width": 0.2, "resample_mm": [2, 2, 2]},
        {"families": ["shape"], "filters": []},
    ],
)
def test_columns_are_those_predicted_without_an_image(image, tumour, core, given):
    wanted = settings(**given)
    found = extract_regions(image, {"tumour": tumour, "core": core}, wanted, modality="pet")
    assert tuple(found.values) == column_names(wanted, ["tumour", "core"], modality="pet")


def test_columns_are_the_same_for_a_region_that_cannot_be_measured(image, tumour):
    nothing = replace(tumour, voxels=np.zeros(SHAPE, dtype=bool))
    full = extract_regions(image, {"tumour": tumour}, settings())
    empty = extract_regions(image, {"tumour": nothing}, settings())
    assert tuple(empty.values) == tuple(full.values)
    assert set(empty.reasons.values()) == {"empty"}


def test_every_missing_value_has_a_reason_and_no_other_has(image, tumour, core):
    voxels = image.voxels.copy()
    voxels[9, 10, 11] = np.nan
    found = extract_regions(
        replace(image, voxels=voxels), {"tumour": tumour, "core": core}, settings()
    )
    missing = {name for name, value in found.values.items() if np.isnan(value)}
    assert missing
    assert missing == set(found.reasons)


def test_shape_is_measured_once_a_region_on_the_original_image(image, tumour):
    names = column_names(settings(), ["tumour"])
    assert {name.split("__")[1].split("_")[0] for name in names if "_shape_" in name} == {
        "original"
    }
    only_wavelet = column_names(settings(filters=[{"kind": "wavelet"}]), ["tumour"])
    assert sum("_shape_" in name for name in only_wavelet) == 14


def test_107_features_an_image_and_93_a_response():
    assert len(column_names(settings(filters=[{"kind": "original"}]), ["tumour"])) == 107
    assert len(column_names(settings(), ["tumour"])) == 107 + 10 * 93


def test_a_feature_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(SettingsError, match=r"no glcm_Entropie; glcm has .*glcm_JointEntropy"):
        column_names(settings(features={"glcm": ["Entropie"]}), ["tumour"])


def test_two_filters_of_one_name_are_refused():
    with pytest.raises(SettingsError, match=r"wavelet-HHH, .*twice"):
        column_names(settings(filters=[{"kind": "wavelet"}, {"kind": "wavelet"}]), ["tumour"])


# --- values do not depend on what else is measured ----------------------------------------------


@pytest.mark.parametrize(
    "given", [{}, {"resample_mm": [1.5, 1.5, 1.5]}, {"crop_before_filters": True}]
)
def test_a_region_has_the_same_values_beside_another(image, tumour, core, given):
    alone = extract_regions(image, {"core": core}, settings(**given))
    beside = extract_regions(image, {"tumour": tumour, "core": core}, settings(**given))
    shared = {name: value for name, value in beside.values.items() if name in alone.values}
    assert list(shared) == list(alone.values)
    np.testing.assert_allclose(list(shared.values()), list(alone.values.values()), rtol=1e-5)


def test_values_do_not_depend_on_a_far_part_of_the_image(rng, tumour):
    image = noise_box((60, 60, 60), rng=rng)
    tumour = cuboid((60, 60, 60), start=(6, 7, 8), stop=(14, 16, 19))
    inside = (slice(0, 40),) * 3
    cut = image.grid.cropped(inside)
    wanted = settings(filters=[{"kind": "laplacian_of_gaussian", "sigma_mm": [1.0]}])
    whole = extract_regions(image, {"tumour": tumour}, wanted)
    part = extract_regions(
        replace(image, voxels=image.voxels[inside], grid=cut),
        {"tumour": replace(tumour, voxels=tumour.voxels[inside], grid=cut)},
        wanted,
    )
    np.testing.assert_allclose(list(part.values.values()), list(whole.values.values()), rtol=1e-5)


def test_an_image_of_another_library_gives_the_same_values(image, tumour):
    other = replace(image, voxels=array_api_strict.asarray(image.voxels))
    wanted = settings(normalise=True, bin_width=0.2)
    expected = extract_regions(image, {"tumour": tumour}, wanted).values
    found = extract_regions(other, {"tumour": tumour}, wanted).values
    assert found == pytest.approx(expected, rel=1e-6, nan_ok=True)


# --- settings reach what they set ---------------------------------------------------------------


def test_normalised_voxels_have_the_moments_asked_for(image):
    whole = Mask(voxels=np.ones(SHAPE, dtype=bool), grid=image.grid)
    wanted = settings(normalise=True, normalise_scale=7, families=["firstorder"])
    found = intensity(extract_regions(image, {"tumour": whole}, wanted))
    assert found["firstorder_Mean"] == pytest.approx(0, abs=1e-9)
    assert found["firstorder_Variance"] == pytest.approx(49, rel=1e-3)


def test_a_filter_may_have_its_own_bins_and_shift(image, tumour):
    own = {"kind": "wavelet", "bin_count": 4, "voxel_array_shift": 1000}
    both = settings(filters=[{"kind": "original"}, own], families=["firstorder"])
    found = extract_regions(image, {"tumour": tumour}, both)
    plain = extract_regions(
        image, {"tumour": tumour}, settings(bin_count=4, families=["firstorder"])
    )
    name = "tumour__wavelet-LLL_firstorder_"
    assert found.values[name + "Entropy"] == plain.values[name + "Entropy"]
    assert found.values[name + "Energy"] > plain.values[name + "Energy"]
    assert "tumour__original_firstorder_Entropy" not in found.reasons


def test_a_resampled_region_tells_its_volume_before_and_after(rng):
    mask = sphere(6.0, spacing=(2.5, 0.8, 0.8))
    image = Image(voxels=rng.normal(100, 30, mask.grid.shape), grid=mask.grid)
    wanted = settings(resample_mm=[3, 3, 3], families=["shape"])
    found = extract_regions(image, {"tumour": mask}, wanted)
    before, after = found.volumes_mm3["tumour"]
    assert before == mask.volume_mm3
    assert found.values["tumour__original_shape_VoxelVolume"] == pytest.approx(after)
    assert after % 27 == pytest.approx(0)


def test_a_region_that_loses_much_of_its_volume_is_noted(rng):
    grid = Grid(shape=(8, 20, 20), spacing=(2.5, 0.7, 0.7))
    mask = Mask(voxels=np.zeros(grid.shape, dtype=bool), grid=grid)
    mask.voxels[3:5, 9:11, 9:11] = True
    image = Image(voxels=rng.normal(100, 30, grid.shape), grid=grid)
    found = extract_regions(image, {"tumour": mask}, settings(resample_mm=[3, 3, 3]))
    assert any("tumour: 9.8 mm3 became" in note and "3 x 3 x 3" in note for note in found.notes)
    assert tuple(found.values) == column_names(settings(), ["tumour"])


def test_resegmentation_keeps_the_shape_unless_asked_otherwise(image, tumour):
    plain = extract_regions(image, {"tumour": tumour}, settings(families=["shape"]))
    range_of = {"resegment_range": [60, 140], "families": ["shape", "firstorder"]}
    found = extract_regions(image, {"tumour": tumour}, settings(**range_of))
    name = "tumour__original_shape_VoxelVolume"
    assert found.values["tumour__original_firstorder_Minimum"] >= 60
    assert found.values[name] == plain.values[name]
    asked = extract_regions(image, {"tumour": tumour}, settings(**range_of, resegment_shape=True))
    assert asked.values[name] < plain.values[name]


@pytest.mark.parametrize(
    ("given", "reason"),
    [({"minimum_voxels": 793}, "too_small"), ({"minimum_voxels": 792}, None)],
)
def test_a_region_below_the_least_size_has_no_values(image, tumour, given, reason):
    found = extract_regions(image, {"tumour": tumour}, settings(**given))
    assert set(found.reasons.values()) == ({reason} if reason else set())


@pytest.mark.parametrize(("least", "reasons"), [(3, {"too_few_dimensions"}), (2, set())])
def test_a_flat_region_has_no_values_where_three_dimensions_are_asked(image, least, reasons):
    plate = cuboid(SHAPE, start=(9, 7, 8), stop=(10, 16, 19))
    wanted = settings(minimum_dimensions=least, families=["firstorder", "glcm"])
    assert set(extract_regions(image, {"tumour": plate}, wanted).reasons.values()) == reasons
