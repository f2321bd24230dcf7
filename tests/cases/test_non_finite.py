"""Voxels that are no numbers: refused or left out, and named (case 39)."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from .blocks import FILTERS, TEXTURE, extracted, of_family, reasons, told, with_voxel


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("given", [{}, {"resample_mm": [1.5] * 3}, {"normalise": True}])
def test_a_voxel_that_is_no_number_leaves_shape_only_and_is_named(scan, tumour, value, given):
    image = with_voxel(with_voxel(scan, value), value, place=(10, 8, 9))
    found = extracted(image, tumour, filters=FILTERS, **given)
    assert set(found.reasons.values()) == {"non_finite_voxels"}
    assert {k for k, v in found.values.items() if np.isfinite(v)} == {
        name for name in found.values if "_shape_" in name
    }
    assert "2 of 792 voxels are not finite, the first at (9, 10, 11)" in told(found)


def test_no_interpolation_loses_a_voxel_that_is_no_number(scan, tumour):
    image = with_voxel(scan, np.nan)
    found = extracted(image, tumour, resample_mm=[3, 3, 3], interpolator="nearest")
    assert set(found.reasons.values()) == {"non_finite_voxels"}


def test_a_range_of_intensities_decides_nothing_about_a_voxel_that_is_no_number(scan, tumour):
    image = with_voxel(scan, np.nan)
    found = extracted(image, tumour, resegment_range=[-3, 3], resegment_mode="sigma")
    assert set(found.reasons.values()) == {"non_finite_voxels"}


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(
    "given", [{}, {"normalise": True, "bin_width": 0.1}, {"resegment_range": [-1e3, 1e3]}]
)
def test_excluded_voxels_leave_the_intensities_of_the_others(scan, tumour, value, given):
    image = with_voxel(scan, value)
    rest = replace(tumour, voxels=tumour.voxels & np.isfinite(image.voxels))
    found = extracted(image, tumour, non_finite="exclude", **given)
    expected = extracted(image, rest, **given)
    for family in ("firstorder", *TEXTURE):
        assert of_family(found, family) == of_family(expected, family)
    assert of_family(found, "shape") == of_family(extracted(scan, tumour), "shape")
    assert found.sizes["tumour", "original"][0] == 791
    assert "they are left out" in told(found)


def test_a_filter_that_reaches_an_excluded_voxel_is_named_and_has_no_values(scan, tumour):
    found = extracted(with_voxel(scan, np.nan), tumour, filters=FILTERS, non_finite="exclude")
    assert {name.split("__")[1].split("_")[0] for name in found.reasons} == {
        image for _, image in found.sizes
    } - {"original"}
    assert re.search(r"not finite everywhere: log-sigma-1-0-mm-3D, .*wavelet-LLL", told(found))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_interpolation_bridges_excluded_voxels_with_the_nearest_and_leaves_them_out(
    scan, tumour, value
):
    found = extracted(
        with_voxel(scan, value), tumour, non_finite="exclude", resample_mm=[0.5] * 3, bin_width=10
    )
    filled = with_voxel(scan, scan.voxels[9, 10, 10])
    whole = extracted(filled, tumour, resample_mm=[0.5] * 3, bin_width=10)
    assert found.reasons == {}
    assert found.sizes["tumour", "original"][0] == whole.sizes["tumour", "original"][0] - 2**3
    assert of_family(found, "shape") == of_family(whole, "shape")
    means = [of_family(each, "firstorder")["Mean"] for each in (found, whole)]
    assert means[0] == pytest.approx(means[1], rel=1e-3)


def test_a_region_of_excluded_voxels_alone_has_no_values(scan, tumour):
    image = replace(scan, voxels=np.where(tumour.voxels, np.nan, scan.voxels))
    found = extracted(image, tumour, non_finite="exclude")
    assert set(found.reasons.values()) == {"non_finite_voxels"}
    assert len(found.reasons) == len(found.values)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_voxel_that_is_no_number_outside_the_region_changes_nothing(scan, tumour, value):
    found = extracted(with_voxel(scan, value, place=(0, 0, 0)), tumour)
    assert found.values == extracted(scan, tumour).values
    assert found.notes == ()


def test_a_spline_that_meets_a_voxel_that_is_no_number_is_said(scan, tumour):
    image = with_voxel(scan, np.nan, place=(0, 0, 0))
    refused = extracted(image, tumour, resample_mm=[1.5] * 3, bin_width=10)
    assert reasons(refused, "firstorder") == {"non_finite_voxels"}
    assert "not finite after resampling" in told(refused)
    found = extracted(image, tumour, resample_mm=[1.5] * 3, bin_width=10, non_finite="exclude")
    assert found.reasons == {}
    expected = extracted(scan, tumour, resample_mm=[1.5] * 3, bin_width=10)
    assert of_family(found, "firstorder") == pytest.approx(
        of_family(expected, "firstorder"), rel=1e-3
    )
