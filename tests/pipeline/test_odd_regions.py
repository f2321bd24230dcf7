"""Regions and images that others met: tiny, flat, of too many grey levels, not finite."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from radpred.datasets.phantom import cuboid, noise_box, sphere
from radpred.errors import GeometryError
from radpred.image import Grid, Image, Mask
from radpred.pipeline.measuring.extract import extract_regions

from .boxes import SHAPE, settings


def test_one_voxel_has_intensities_and_reasons_for_the_rest(image):
    found = extract_regions(
        image, {"tumour": cuboid(SHAPE, start=(9, 9, 9), stop=(10, 10, 10))}, settings()
    )
    assert found.values["tumour__original_firstorder_Mean"] == image.voxels[9, 9, 9]
    assert found.reasons["tumour__original_glcm_Idm"] == "too_small"
    assert found.reasons["tumour__original_shape_Sphericity"] == "too_small"


def test_voxels_in_one_line_have_texture(image):
    line = cuboid(SHAPE, start=(9, 9, 9), stop=(10, 10, 15))
    found = extract_regions(image, {"tumour": line}, settings(bin_width=10))
    assert np.isfinite(found.values["tumour__original_glcm_Idm"])


def test_few_grey_levels_are_said(image, tumour):
    dim = replace(image, voxels=image.voxels / 100)
    found = extract_regions(dim, {"tumour": tumour}, settings(bin_width=0.5))
    assert any("few grey levels" in note and "bin_width=" in note for note in found.notes)


def test_one_grey_level_gives_no_texture_and_no_constants(image, tumour):
    dim = replace(image, voxels=image.voxels / 100)
    found = extract_regions(dim, {"tumour": tumour}, settings(filters=[{"kind": "original"}]))
    assert found.reasons["tumour__original_glcm_Idm"] == "too_few_grey_levels"
    assert np.isfinite(found.values["tumour__original_firstorder_Mean"])


def test_a_flat_region_has_exact_intensities_and_no_texture(tumour):
    flat = Image(voxels=np.full(SHAPE, 7.0), grid=tumour.grid)
    found = extract_regions(flat, {"tumour": tumour}, settings(filters=[{"kind": "original"}]))
    assert found.values["tumour__original_firstorder_Mean"] == 7.0
    assert found.reasons["tumour__original_glszm_ZoneEntropy"] == "flat"


def test_thousands_of_grey_levels_finish_or_are_refused_soon(rng, tumour):
    image = noise_box(SHAPE, rng=rng, mean=15000, sd=5000)
    wanted = settings(bin_width=10, filters=[{"kind": "original"}])
    started = time.perf_counter()
    found = extract_regions(image, {"tumour": tumour}, wanted)
    assert time.perf_counter() - started < 30
    assert np.isfinite(found.values["tumour__original_firstorder_Mean"])


def test_too_many_grey_levels_on_one_image_leave_the_others(rng, tumour):
    image = noise_box(SHAPE, rng=rng, mean=1e6, sd=3e5)
    found = extract_regions(
        image, {"tumour": tumour}, settings(bin_width=10, families=["shape", "glcm"])
    )
    assert found.reasons["tumour__original_glcm_Idm"] == "too_many_grey_levels"
    assert np.isfinite(found.values["tumour__original_shape_Sphericity"])
    assert any("use bin_width=" in note for note in found.notes)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_voxel_that_is_no_number_inside_the_region_is_a_reason(image, tumour, value):
    voxels = image.voxels.copy()
    voxels[9, 10, 11] = value
    found = extract_regions(replace(image, voxels=voxels), {"tumour": tumour}, settings())
    assert found.reasons["tumour__original_firstorder_Mean"] == "non_finite_voxels"
    assert np.isfinite(found.values["tumour__original_shape_Sphericity"])


def test_a_voxel_that_is_no_number_outside_changes_nothing_on_the_original(image, tumour):
    voxels = image.voxels.copy()
    voxels[0, 0, 0] = np.nan
    wanted = settings(filters=[{"kind": "original"}])
    expected = extract_regions(image, {"tumour": tumour}, wanted).values
    assert extract_regions(replace(image, voxels=voxels), {"tumour": tumour}, wanted).values == (
        expected
    )


def test_a_filter_larger_than_the_image_still_has_all_its_columns(rng):
    shape = (3, 24, 28)
    image = noise_box(shape, rng=rng)
    mask = cuboid(shape, start=(0, 7, 8), stop=(3, 16, 19))
    wanted = settings(filters=[{"kind": "laplacian_of_gaussian", "sigma_mm": [3.0]}])
    found = extract_regions(image, {"tumour": mask}, wanted)
    assert len(found.values) == 14 + 93
    assert found.reasons == {}
    assert any("larger than the image (3 x 24 x 28 voxels)" in note for note in found.notes)


def test_a_region_on_another_grid_is_refused(image, tumour):
    moved = replace(tumour, grid=replace(tumour.grid, origin=(5.0, 0.0, 0.0)))
    with pytest.raises(GeometryError, match="resample the mask"):
        extract_regions(image, {"tumour": moved}, settings())


def test_memory_of_filters_is_bounded_by_the_region():
    grid = Grid(shape=(256, 512, 512))
    voxels = np.zeros(grid.shape, dtype=bool)
    voxels[100:131, 200:231, 300:331] = sphere(15.0, margin_mm=0.0).voxels
    image = Image(voxels=np.zeros(grid.shape, dtype=np.float32), grid=grid)
    wanted = settings(families=["firstorder"])
    tracemalloc.start()
    try:
        extract_regions(image, {"tumour": Mask(voxels=voxels, grid=grid)}, wanted)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    support = 31 + 2 * 12 * 2.5
    assert peak < 4 * 8 * support**3
