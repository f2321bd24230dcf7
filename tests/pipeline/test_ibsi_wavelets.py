"""Features of IBSI 2's wavelets and of the Riesz transform: names, plane and border."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.config import extraction_settings
from radpred.datasets import cuboid, noise_box
from radpred.errors import SettingsError
from radpred.filters import riesz, sampled_laplacian_of_gaussian
from radpred.pipeline.images.responses import response_names, responses
from radpred.pipeline.measuring.extract import column_names, extract_regions

SHAPE = (14, 24, 28)
BOX = (slice(1, 4), slice(2, 6), slice(3, 7))
IN_SPACE = [
    {"kind": "separable_wavelet", "subbands": ["LLH", "HHH"]},
    {"kind": "separable_wavelet", "subbands": ["LLH"], "wavelet": "db3", "pooling": "mean"},
    {"kind": "nonseparable_wavelet", "levels": [1, 2]},
    {"kind": "riesz", "orders": [[1, 0, 0], [0, 2, 0]]},
    {"kind": "riesz", "orders": [[0, 2, 0]], "level": 1, "alignment_mm": 1.5},
    {"kind": "riesz", "orders": [[0, 2, 0]], "sigma_mm": 1.5},
]
IN_SLICES = [
    {"kind": "separable_wavelet", "subbands": ["LH"], "level": 2, "pooling": "max"},
    {"kind": "nonseparable_wavelet", "levels": [1]},
    {"kind": "riesz", "orders": [[0, 2]], "level": 1, "alignment_mm": 1.0},
    {"kind": "riesz", "orders": [[1, 1]], "sigma_mm": 2},
]


def settings_of(filters, **others):
    return extraction_settings({"filters": filters, "minimum_grey_levels": 2, **others})


def test_each_response_has_a_name_of_its_own():
    assert response_names(settings_of(IN_SPACE)) == (
        "wavelet-coif1-LLH-1",
        "wavelet-coif1-HHH-1",
        "wavelet-db3-LLH-1-mean",
        "simoncelli-1",
        "simoncelli-2",
        "riesz-1-0-0",
        "riesz-0-2-0",
        "riesz-0-2-0-aligned-1-5-mm-simoncelli-1",
        "riesz-0-2-0-sampled-log-sigma-1-5-mm-3D",
    )
    assert response_names(settings_of(IN_SLICES, force_2d="z")) == (
        "wavelet-coif1-LH-2-max",
        "simoncelli-1",
        "riesz-0-2-aligned-1-mm-simoncelli-1",
        "riesz-1-1-sampled-log-sigma-2-mm-2D",
    )


@pytest.mark.parametrize("force_2d", [None, "z", "y", "x"])
def test_names_are_known_before_any_image_is_filtered(rng, force_2d):
    image = noise_box(SHAPE, rng=rng)
    settings = settings_of(IN_SLICES if force_2d else IN_SPACE, force_2d=force_2d)
    found = list(responses(image, BOX, settings))
    assert tuple(response.image.name for response in found) == response_names(settings)
    assert {response.image.grid for response in found} == {image.grid.cropped(BOX)}


def test_the_riesz_transform_of_a_laplacian_is_that_of_its_whole_response(rng):
    image = noise_box(SHAPE, rng=rng)
    chosen = {"kind": "riesz", "orders": [[0, 2, 0]], "sigma_mm": 2, "beyond": "mirror"}
    (found,) = responses(image, BOX, settings_of([chosen]))
    laplacian = sampled_laplacian_of_gaussian(image, sigma_mm=2, beyond="mirror")
    expected = riesz(laplacian, order=(0, 2, 0), beyond="mirror", box=BOX)
    np.testing.assert_array_equal(found.image.voxels, expected.voxels)


@pytest.mark.parametrize(
    ("chosen", "force_2d"),
    [
        ({"kind": "separable_wavelet", "subbands": ["LLH"]}, "z"),
        ({"kind": "separable_wavelet", "subbands": ["LH"]}, None),
        ({"kind": "riesz", "orders": [[0, 2, 0]]}, "z"),
        ({"kind": "riesz", "orders": [[0, 2]]}, None),
    ],
)
def test_what_is_not_for_each_axis_is_refused_before_any_image_is_filtered(chosen, force_2d):
    with pytest.raises(SettingsError, match=r"is for . axes, wanted"):
        response_names(settings_of([chosen], force_2d=force_2d))


@pytest.mark.parametrize(
    ("filters", "force_2d", "start", "stop"),
    [
        (IN_SPACE, None, (4, 7, 8), (10, 16, 19)),
        (IN_SLICES, "z", (4, 7, 8), (5, 16, 19)),
    ],
)
def test_every_feature_of_a_response_has_a_value(rng, filters, force_2d, start, stop):
    settings = settings_of(filters, force_2d=force_2d, bin_count=16)
    regions = {"tumour": cuboid(SHAPE, start=start, stop=stop)}
    found = extract_regions(noise_box(SHAPE, rng=rng), regions, settings)
    assert tuple(found.values) == column_names(settings, ["tumour"])
    measured = {name: v for name, v in found.values.items() if "_shape_" not in name}
    assert np.isfinite(list(measured.values())).all()


def test_a_wavelet_longer_than_the_image_says_what_lies_beyond(rng):
    chosen = {"kind": "separable_wavelet", "subbands": ["LLH"], "level": 2, "beyond": "edge"}
    regions = {"tumour": cuboid((10, 24, 28), start=(2, 7, 8), stop=(6, 16, 19))}
    found = extract_regions(noise_box((10, 24, 28), rng=rng), regions, settings_of([chosen]))
    assert any("wavelet-coif1-LLH-2" in n and "border voxels" in n for n in found.notes)


def test_a_voxel_that_is_no_number_leaves_nothing_of_what_sees_the_whole_image(rng):
    image = noise_box(SHAPE, rng=rng)
    image.voxels[13, 23, 27] = np.nan
    regions = {"tumour": cuboid(SHAPE, start=(4, 7, 8), stop=(8, 12, 14))}
    settings = settings_of([{"kind": "nonseparable_wavelet", "levels": [1]}])
    found = extract_regions(image, regions, settings)
    columns = [name for name in found.values if "simoncelli" in name]
    assert np.isnan([found.values[name] for name in columns]).all()
    assert {found.reasons[name] for name in columns} == {"non_finite_voxels"}
