"""IBSI 2's filters in settings: names before images, refusals, and notes on small images."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.config import extraction_settings
from radpred.datasets.phantom import cuboid, noise_box
from radpred.errors import SettingsError
from radpred.image import Mask
from radpred.pipeline.images.responses import response_names, responses
from radpred.pipeline.measuring.extract import column_names, extract_regions
from radpred.table.columns import feature_name

GABOR = {"kind": "gabor", "sigma_mm": 5, "lambda_mm": 2, "gamma": 1.5}
FILTERS = [
    {"kind": "mean", "support_voxels": 15},
    {"kind": "sampled_laplacian_of_gaussian", "sigma_mm": [1.5, 3]},
    {"kind": "laws", "kernels": ["L5S5"], "pooling": "max", "energy_delta_voxels": 7},
    {"kind": "laws", "kernels": ["L5S5", "E3W5"]},
    {**GABOR, "theta_deg": 60},
    {**GABOR, "theta_step_deg": 22.5},
]
NAMES = (
    "mean-15",
    "sampled-log-sigma-1-5-mm-2D",
    "sampled-log-sigma-3-mm-2D",
    "laws-L5S5-max-energy-7",
    "laws-L5S5",
    "laws-E3W5",
    "gabor-sigma-5-lambda-2-gamma-1-5-theta-60",
    "gabor-sigma-5-lambda-2-gamma-1-5-step-22-5-mean",
)


@pytest.mark.parametrize("force_2d", ["z", "y", "x"])
def test_names_are_known_before_any_image_is_filtered(rng, force_2d):
    image = noise_box((6, 7, 8), rng=rng)
    settings = extraction_settings({"filters": FILTERS, "force_2d": force_2d})
    box = (slice(1, 4), slice(2, 6), slice(3, 7))
    found = list(responses(image, box, settings))
    assert tuple(response.image.name for response in found) == response_names(settings) == NAMES
    assert {response.image.grid for response in found} == {image.grid.cropped(box)}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_those_of_columns(name):
    assert feature_name("firstorder", "Mean", image=name, region="tumour").endswith("_Mean")


@pytest.mark.parametrize(
    ("filters", "what"),
    [
        ({"kind": "mean", "support_voxels": 4}, "odd"),
        ({"kind": "laws", "kernels": ["E5L7"]}, "kernels"),
        ({"kind": "laws", "kernels": []}, "kernels"),
        ({"kind": "laws"}, "kernels"),
        ({**GABOR, "theta_step_deg": 50}, "does not divide 360"),
        ({**GABOR, "beyond": "reflect"}, "beyond"),
    ],
)
def test_settings_that_cannot_be_followed_are_refused(filters, what):
    with pytest.raises(SettingsError, match=what):
        extraction_settings({"filters": [filters]})


def test_kernels_without_an_axis_are_refused_before_any_image_is_read():
    settings = extraction_settings({"filters": [{"kind": "laws", "kernels": ["L5S5"]}]})
    with pytest.raises(SettingsError, match="got 2 kernels, wanted 3"):
        response_names(settings)


def test_two_filters_that_differ_in_what_lies_beyond_are_refused():
    filters = [{"kind": "mean", "beyond": beyond} for beyond in ("zero", "mirror")]
    with pytest.raises(SettingsError, match="mean-3 would be made twice"):
        response_names(extraction_settings({"filters": filters}))


@pytest.mark.parametrize(
    ("beyond", "rule"),
    [
        ("zero", "outside of which all was 0"),
        ("edge", "border voxels were repeated"),
        ("periodic", "repeated as a whole"),
        ("mirror", "mirrored"),
    ],
)
@pytest.mark.parametrize(
    "chosen",
    [
        {"kind": "mean", "support_voxels": 5},
        {"kind": "sampled_laplacian_of_gaussian", "sigma_mm": [1.0]},
        {"kind": "laws", "kernels": ["E5L5S5"]},
        {**GABOR, "sigma_mm": 1, "theta_step_deg": 90},
    ],
    ids=lambda chosen: chosen["kind"],
)
def test_a_filter_larger_than_three_slices_keeps_its_columns_and_says_what_lies_beyond(
    rng, chosen, beyond, rule
):
    shape = (3, 24, 28)
    mask = cuboid(shape, start=(0, 7, 8), stop=(3, 16, 19))
    given = {"filters": [{**chosen, "beyond": beyond, "bin_count": 16}]}
    settings = extraction_settings({**given, "families": ["firstorder", "glcm"]})
    found = extract_regions(noise_box(shape, rng=rng), {"tumour": mask}, settings)
    assert tuple(found.values) == column_names(settings, ["tumour"])
    assert np.isfinite(list(found.values.values())).all()
    assert any("larger than the image (3 x 24 x 28 voxels)" in n and rule in n for n in found.notes)


def test_a_filter_in_slices_is_not_larger_than_a_single_one(rng):
    shape = (1, 44, 48)
    mask = cuboid(shape, start=(0, 7, 8), stop=(1, 26, 29))
    given = {"filters": FILTERS, "force_2d": "z", "families": ["firstorder"]}
    settings = extraction_settings({**given, "bin_width": 5})
    found = extract_regions(noise_box(shape, rng=rng), {"tumour": mask}, settings)
    assert not any("larger than the image" in note for note in found.notes)
    assert np.isfinite(list(found.values.values())).all()


@pytest.mark.parametrize("chosen", FILTERS[:1] + FILTERS[-2:], ids=lambda chosen: chosen["kind"])
def test_a_voxel_that_is_no_number_far_from_the_region_changes_nothing(rng, chosen):
    shape = (24, 34, 38)
    image, mask = noise_box(shape, rng=rng), cuboid(shape, start=(4, 5, 6), stop=(8, 9, 12))
    small = {**chosen, **({"sigma_mm": 1} if "sigma_mm" in chosen else {}), "bin_width": 1}
    settings = extraction_settings({"filters": [small], "families": ["firstorder", "glcm"]})
    before = extract_regions(image, {"tumour": mask}, settings).values
    image.voxels[23, 33, 37] = np.nan
    assert extract_regions(image, {"tumour": mask}, settings).values == pytest.approx(before)


COMPACT = [
    {"kind": "original"},
    {"kind": "mean", "support_voxels": 5},
    {"kind": "sampled_laplacian_of_gaussian", "sigma_mm": [1.5]},
    {"kind": "laws", "kernels": ["L5E5E5"], "pooling": "max", "energy_delta_voxels": 3},
    {"kind": "separable_wavelet", "wavelet": "db3", "subbands": ["LLH"], "level": 2},
]


@pytest.mark.parametrize("place", [(0, 0, 0), (12, 14, 16)])
def test_what_is_resampled_around_a_region_gives_the_values_of_the_whole_image(rng, place):
    image = noise_box((40, 44, 48), rng=rng)
    voxels = np.zeros(image.grid.shape, dtype=bool)
    voxels[tuple(slice(at, at + 8) for at in place)] = True
    region = {"tumour": Mask(voxels=voxels, grid=image.grid)}
    settings = {
        "convention": "ibsi",
        "resample_mm": [0.8, 0.9, 1.1],
        "bin_count": 16,
        "families": ["firstorder", "localIntensity", "glcm"],
    }
    around = extraction_settings({**settings, "filters": COMPACT})
    # What asks for the largest magnitude needs the whole image.
    whole = extraction_settings({**settings, "filters": [*COMPACT, {"kind": "square"}]})
    found, expected = (extract_regions(image, region, s).values for s in (around, whole))
    assert found == pytest.approx({name: expected[name] for name in found}, rel=1e-6)
