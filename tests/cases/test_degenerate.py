"""Regions too small, too flat, too big, or not of numbers: what users of other tools ran into.

Columns never change, a value is missing exactly where a reason is given, and no constant stands
in for what cannot be measured.
"""

from __future__ import annotations

import re
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import pywt
from scipy import stats

from radpred.config import extraction_settings
from radpred.datasets.phantom import cuboid, noise_box, sphere
from radpred.errors import InputError
from radpred.image import Grid, Image, Mask
from radpred.pipeline.measuring.extract import column_names

from .blocks import FILTERS, SHAPE, TEXTURE, extracted, of_family, reasons, told, with_voxel

# --- for every degenerate region ---------------------------------------------------------------

ONE_VOXEL = cuboid(SHAPE, start=(9, 9, 9), stop=(10, 10, 10))
LINE = cuboid(SHAPE, start=(9, 9, 9), stop=(10, 10, 15))
CUBE = cuboid(SHAPE, start=(9, 9, 9), stop=(11, 11, 11))
EMPTY = cuboid(SHAPE, start=(9, 9, 9), stop=(9, 9, 9))
DEGENERATE = {
    "nothing": lambda image, mask: (image, EMPTY, {}),
    "one voxel": lambda image, mask: (image, ONE_VOXEL, {}),
    "a line": lambda image, mask: (image, LINE, {}),
    "a line, any level": lambda image, mask: (image, LINE, {"minimum_grey_levels": 2}),
    "dim": lambda image, mask: (replace(image, voxels=image.voxels / 100), mask, {}),
    "flat": lambda image, mask: (replace(image, voxels=np.full(SHAPE, 7.0)), mask, {}),
    "bright": lambda image, mask: (replace(image, voxels=image.voxels * 1e7), mask, {}),
    "not a number": lambda image, mask: (with_voxel(image, np.nan), mask, {}),
    "infinite": lambda image, mask: (with_voxel(image, np.inf), mask, {"non_finite": "exclude"}),
    "coarse": lambda image, mask: (image, CUBE, {"resample_mm": [0, 9, 9]}),
    "out of range": lambda image, mask: (image, mask, {"resegment_range": [900, 999]}),
}


@pytest.fixture(params=DEGENERATE)
def degenerate(request, scan, tumour):
    image, mask, given = DEGENERATE[request.param](scan, tumour)
    return extracted(image, mask, filters=FILTERS, **given)


def test_columns_are_those_of_any_region(degenerate):
    expected = column_names(extraction_settings({"filters": FILTERS}), ["tumour"])
    assert tuple(degenerate.values) == expected


def test_a_value_is_missing_exactly_where_a_reason_is_given(degenerate):
    missing = {name for name, value in degenerate.values.items() if np.isnan(value)}
    assert missing
    assert missing == set(degenerate.reasons)


def test_no_value_is_infinite(degenerate):
    assert not np.isinf(list(degenerate.values.values())).any()


def test_numbers_of_voxels_and_grey_levels_are_kept_for_every_image(degenerate):
    images = {name.split("__")[1].split("_")[0] for name in degenerate.values}
    assert {image for _, image in degenerate.sizes} == images
    assert all(levels <= voxels for voxels, levels in degenerate.sizes.values())


# --- 26, 27: few voxels ------------------------------------------------------------------------


def test_one_voxel_has_intensities_and_neither_texture_nor_shape(scan):
    found = extracted(scan, ONE_VOXEL)
    assert of_family(found, "firstorder")["Mean"] == scan.voxels[9, 9, 9]
    assert {why for family in TEXTURE for why in reasons(found, family)} == {"too_small"}
    assert reasons(found, "shape") == {"too_small"}
    assert np.isfinite(list(of_family(found, "shape").values())).sum() == 1
    assert of_family(found, "shape")["VoxelVolume"] == 1.0


def test_a_line_has_intensities_and_no_shape(scan):
    found = extracted(scan, LINE)
    assert of_family(found, "firstorder")["Mean"] == pytest.approx(scan.voxels[9, 9, 9:15].mean())
    assert reasons(found, "shape") == {"too_small"}


def test_a_line_has_texture_where_so_few_grey_levels_are_allowed(scan):
    found = extracted(scan, LINE, minimum_grey_levels=2)
    assert {why for family in TEXTURE for why in reasons(found, family)} == set()
    assert {why for f in TEXTURE for why in reasons(extracted(scan, LINE), f)} == {
        "too_few_grey_levels"
    }


# --- 28: resampling that changes a lesion -------------------------------------------------------


def test_a_lesion_that_becomes_one_voxel_says_what_became_of_its_volume(rng):
    grid = Grid(shape=(8, 20, 20), spacing=(2.5, 0.7, 0.7))
    mask = cuboid(grid.shape, start=(3, 9, 9), stop=(4, 11, 11), spacing=grid.spacing)
    image = Image(voxels=rng.normal(100, 30, grid.shape), grid=grid)
    found = extracted(image, mask, resample_mm=[3, 3, 3])
    # Across the slices, of which the lesion has one, the spacing stays.
    assert found.volumes_mm3["tumour"] == pytest.approx((4 * 0.7 * 0.7 * 2.5, 3 * 3 * 2.5))
    assert found.sizes["tumour", "original"][0] == 1
    assert "4.9 mm3 became 22.5 mm3 (+359%): resampled from 2.5 x 0.7 x 0.7" in told(found)


def test_a_lesion_that_no_new_voxel_meets_has_vanished(scan):
    found = extracted(scan, CUBE, resample_mm=[0, 9, 9])  # centres at 4, 13 and 22
    assert set(found.reasons.values()) == {"vanished"}
    assert found.volumes_mm3["tumour"] == (8.0, 0.0)
    assert "8 mm3 became 0 mm3 (-100%)" in told(found)


def test_a_lesion_without_a_voxel_in_range_has_vanished(scan, tumour):
    found = extracted(scan, tumour, resegment_range=[900, 999])
    assert set(found.reasons.values()) == {"vanished"}


@pytest.mark.parametrize("mask_interpolator", ["nearest", "linear"])
@pytest.mark.parametrize("to_mm", [1, 2, 3, 5])
def test_a_sphere_tells_its_volume_and_a_change_of_more_than_a_tenth(to_mm, mask_interpolator):
    mask = sphere(6.0, spacing=(2.5, 0.8, 0.8))
    image = noise_box(mask.grid.shape, rng=np.random.default_rng(4), spacing=mask.grid.spacing)
    found = extracted(
        replace(image, grid=mask.grid),
        mask,
        resample_mm=[to_mm] * 3,
        mask_interpolator=mask_interpolator,
        families=["shape"],
    )
    before, after = found.volumes_mm3["tumour"]
    assert before == pytest.approx(4 / 3 * np.pi * 6**3, rel=0.05)
    assert after == of_family(found, "shape")["VoxelVolume"]
    assert ("mm3 became" in told(found)) == (abs(after / before - 1) > 0.1)


# --- 29, 30: few grey levels --------------------------------------------------------------------


def test_a_dim_region_has_no_texture_instead_of_constants(scan, tumour):
    found = extracted(replace(scan, voxels=scan.voxels / 100), tumour)
    values = [value for family in TEXTURE for value in of_family(found, family).values()]
    assert len(values) == 75
    assert np.isnan(values).all()
    assert {why for f in TEXTURE for why in reasons(found, f)} == {"too_few_grey_levels"}
    assert found.sizes["tumour", "original"] == (792, 1)


def test_the_bin_width_that_a_note_names_gives_the_texture(scan, tumour):
    dim = replace(scan, voxels=scan.voxels / 100)
    note = re.search(
        r"original \(1; bin_width=([\d.e-]+) gives (\d+)\)", told(extracted(dim, tumour))
    )
    assert note is not None
    found = extracted(dim, tumour, bin_width=float(note[1]))
    assert found.sizes["tumour", "original"] == (792, int(note[2]))
    assert found.reasons == {}


@pytest.mark.parametrize(("floor", "is_measured"), [(8, True), (9, False)])
def test_the_least_number_of_grey_levels_is_a_setting(scan, tumour, floor, is_measured):
    found = extracted(scan, tumour, minimum_grey_levels=floor)
    assert found.sizes["tumour", "original"] == (792, 8)
    assert (found.reasons == {}) == is_measured


def test_a_filter_s_image_has_its_own_number_of_grey_levels_and_needs_two(scan, tumour):
    found = extracted(scan, tumour, filters=FILTERS)
    few = {image for (_, image), (_, levels) in found.sizes.items() if 2 <= levels < 8}
    assert few
    assert found.reasons == {}
    wide = extracted(scan, tumour, filters=FILTERS, bin_width=5000)
    for image in few:
        assert reasons(wide, "glcm", image=image) <= {"too_few_grey_levels"}


def test_a_flat_region_has_exact_intensities_and_no_texture(tumour):
    image = Image(voxels=np.full(SHAPE, 7.0), grid=tumour.grid)
    found = extracted(image, tumour)
    exact = {"Mean": 7, "Median": 7, "Minimum": 7, "Maximum": 7, "Range": 0, "Variance": 0}
    assert {name: of_family(found, "firstorder")[name] for name in exact} == exact
    assert {why for f in (*TEXTURE, "firstorder") for why in reasons(found, f)} == {"flat"}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_filters_make_of_a_flat_scan_is_flat_and_not_their_rounding(tumour, dtype):
    image = Image(voxels=np.full(SHAPE, 7.3, dtype=dtype), grid=tumour.grid)
    found = extracted(image, tumour, filters=FILTERS)
    assert set(found.reasons.values()) == {"flat"}
    for name in ("log-sigma-3-0-mm-3D", "wavelet-LLL"):
        assert of_family(found, "firstorder", image=name)["Variance"] == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("wavelet", ["coif1", "sym8"])
def test_a_wavelet_across_a_single_slice_finds_nothing_and_not_its_rounding(rng, wavelet, dtype):
    image = noise_box((1, 24, 28), rng=rng)
    mask = cuboid((1, 24, 28), start=(0, 7, 8), stop=(1, 16, 19))
    image = replace(image, voxels=image.voxels.astype(dtype))
    filters = [{"kind": "wavelet", "wavelet": wavelet}]
    found = extracted(image, mask, filters=filters, bin_count=16)
    for across in ("LLH", "LHH", "HLH", "HHH"):  # the last letter is z
        assert reasons(found, "glcm", image=f"wavelet-{across}") == {"flat"}
    assert len({name.split("__")[1].split("_")[0] for name in found.reasons}) == 4


# --- 31, 32: too much to make -------------------------------------------------------------------


def test_thousands_of_grey_levels_are_told_with_a_width_that_makes_fewer(tumour):
    rng = np.random.default_rng(2)
    image = Image(voxels=rng.uniform(0, 30000, SHAPE), grid=tumour.grid)
    found = extracted(image, tumour, bin_width=10)
    assert found.reasons == {}
    note = re.search(r"original \((\d+); bin_width=([\d.]+) gives 256\)", told(found))
    assert note is not None
    assert int(note[1]) == pytest.approx(3000, rel=0.01)
    fewer = extracted(image, tumour, bin_width=float(note[2]))
    assert 128 < fewer.sizes["tumour", "original"][1] <= 256


def test_so_many_grey_levels_that_matrices_would_not_fit_are_refused_before_any_is_made(tumour):
    rng = np.random.default_rng(2)
    image = Image(voxels=rng.uniform(0, 1e9, SHAPE), grid=tumour.grid)
    extracted(image, tumour)  # what is made once
    tracemalloc.start()
    try:
        found = extracted(image, tumour, bin_width=10)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1e6
    assert {why for f in TEXTURE for why in reasons(found, f)} == {"too_many_grey_levels"}
    assert re.search(r"need 9\.9\d*e\+07 grey levels .* use bin_width=4e\+06", told(found))


def test_intensities_that_need_no_grey_levels_are_measured_however_many_there_are(scan, tumour):
    found = extracted(replace(scan, voxels=scan.voxels * 1e7), tumour)
    missing = {name for name, value in of_family(found, "firstorder").items() if np.isnan(value)}
    assert missing == {"Entropy", "Uniformity"}


def test_more_grey_levels_than_texture_is_measured_of_are_refused_by_name():
    grid = Grid(shape=(16, 16, 16))
    image = Image(voxels=np.arange(4096.0).reshape(grid.shape), grid=grid)
    found = extracted(image, Mask(voxels=np.ones(grid.shape, bool), grid=grid), bin_width=1)
    assert reasons(found, "glcm") == {"too_many_grey_levels"}
    assert "4096 grey levels need 13 matrices of 134 MB" in told(found)
    assert of_family(found, "firstorder")["Entropy"] == 12


def test_a_slip_of_the_unit_is_refused_with_both_spacings_before_anything_is_made():
    grid = Grid(shape=(217, 217, 217))
    image = Image(voxels=np.broadcast_to(np.float32(1), grid.shape), grid=grid)
    mask = Mask(voxels=np.ones(grid.shape, dtype=bool), grid=grid)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"1 x 1 x 1 to 0\.1 x 0\.1 x 0\.1 mm") as caught:
            extracted(image, mask, resample_mm=[0.1] * 3)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.code == "grid_too_large"
    assert "1.02e+10 voxels" in str(caught.value)
    assert peak < 217**3 * 4


def test_the_padding_counts_where_a_grid_is_too_large():
    grid = Grid(shape=(217, 217, 217))
    image = Image(voxels=np.broadcast_to(np.float32(1), grid.shape), grid=grid)
    mask = cuboid(grid.shape, start=(100, 100, 100), stop=(120, 120, 120))
    with pytest.raises(InputError, match=r"make 1\.26e\+08 voxels"):  # 20 mm and 300 voxels, cubed
        extracted(image, mask, resample_mm=[0.1] * 3, padding_voxels=150)


# --- 33, 34: large images, porous regions -------------------------------------------------------


def test_a_wavelet_of_the_region_s_surroundings_is_that_of_the_whole_scan(rng):
    mask = sphere(15.0, spacing=(2.0, 1.0, 1.0), margin_mm=25.0)
    grid = replace(mask.grid, shape=tuple(n + n % 2 for n in mask.grid.shape))
    inside = np.zeros(grid.shape, dtype=bool)
    inside[tuple(slice(n) for n in mask.grid.shape)] = mask.voxels
    image = Image(voxels=rng.normal(100, 30, grid.shape), grid=grid)
    region = Mask(voxels=inside, grid=grid)
    found = extracted(image, region, filters=[{"kind": "wavelet"}], minimum_grey_levels=2)
    bands = pywt.swtn(image.voxels, "coif1", level=1, axes=(2, 1, 0))[0]
    for letters, name in (("daa", "wavelet-HLL"), ("add", "wavelet-LHH"), ("aaa", "wavelet-LLL")):
        whole = extracted(replace(image, voxels=bands[letters]), region, minimum_grey_levels=2)
        for family in ("firstorder", *TEXTURE):
            expected = of_family(whole, family)
            assert of_family(found, family, image=name) == pytest.approx(expected, rel=1e-6)


def test_memory_of_a_wavelet_is_bounded_by_the_region_s_surroundings():
    grid = Grid(shape=(256, 512, 512))
    inside = np.zeros(grid.shape, dtype=bool)
    inside[100:131, 200:231, 300:331] = sphere(15.0, margin_mm=0.0).voxels
    rng = np.random.default_rng(1)
    image = Image(voxels=np.zeros(grid.shape, dtype=np.float32), grid=grid)
    image.voxels[90:141, 190:241, 290:341] = rng.normal(0, 100, (51, 51, 51))
    tracemalloc.start()
    try:
        extracted(image, Mask(voxels=inside, grid=grid), filters=[{"kind": "wavelet"}])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 8 * 41**3 + 20e6  # the float64 surroundings, and texture's counts


def test_the_shape_of_a_porous_region_is_measured(rng):
    grid = Grid(shape=(160, 160, 160))
    mask = Mask(voxels=rng.random(grid.shape) < 0.2, grid=grid)
    image = Image(voxels=np.zeros(grid.shape, dtype=np.uint8), grid=grid)
    found = extracted(image, mask, families=["shape"])
    assert found.reasons == {}
    assert of_family(found, "shape")["Maximum3DDiameter"] == pytest.approx(160 * 3**0.5, rel=0.02)


# --- 36, 37: filters and conventions -------------------------------------------------------------


KINDS = (
    *("original", "laplacian_of_gaussian", "wavelet", "square", "square_root", "logarithm"),
    *("exponential", "gradient", "local_binary_pattern_2d", "local_binary_pattern_3d"),
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_filter_on_three_slices_has_all_its_columns_and_values(rng, kind):
    image = noise_box((3, 24, 28), rng=rng)
    mask = cuboid(image.grid.shape, start=(0, 7, 8), stop=(3, 16, 19))
    given = {"filters": [{"kind": kind}], "bin_count": 32}
    found = extracted(image, mask, **given)
    assert tuple(found.values) == column_names(extraction_settings(given), ["tumour"])
    assert found.reasons == {}


def test_a_filter_larger_than_the_scan_says_by_which_rule_it_was_padded(rng):
    image = noise_box((3, 24, 28), rng=rng)
    mask = cuboid(image.grid.shape, start=(0, 7, 8), stop=(3, 16, 19))
    found = extracted(image, mask, filters=FILTERS, bin_count=32)
    padded = r"log-sigma-3-0-mm-3D: .* larger than the image \(3 x 24 x 28 voxels\), whose border"
    assert re.search(padded, told(found))
    assert re.search(r"wavelet: .*, which was repeated as a whole", told(found))


def test_kurtosis_is_pyradiomics_which_is_the_excess_and_three(scan, tumour):
    found = extracted(scan, tumour, families=["firstorder"])
    excess = stats.kurtosis(scan.voxels[tumour.voxels].astype(float))
    assert of_family(found, "firstorder")["Kurtosis"] == pytest.approx(excess + 3)
