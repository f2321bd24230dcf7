"""A picture of maps shows the slice where the region is largest, each map in its place."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.config import extraction_settings
from radpred.datasets.phantom import noise_box
from radpred.image import Grid, Mask
from radpred.pipeline.measuring.maps import feature_maps
from radpred.report.maps import maps_figure, maps_picture

SHAPE = (8, 40, 50)


@pytest.fixture(scope="module")
def maps():
    """Return two maps of a region that is largest in its third slice."""
    inside = np.zeros(SHAPE, dtype=bool)
    inside[2:6, 15:20, 22:27] = True
    inside[4, 12:24, 20:30] = True
    region = Mask(voxels=inside, grid=Grid(shape=SHAPE))
    settings = extraction_settings(
        {"families": ["firstorder", "glcm"], "features": {"firstorder": ["Mean"],
         "glcm": ["JointEntropy"]}}
    )  # fmt: skip
    image = noise_box(SHAPE, rng=np.random.default_rng(1))
    return list(feature_maps(image, region, settings))


def titles(figure):
    """Return what is written above and below pictures."""
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_maps_are_named_in_words_with_their_unit_and_by_their_file(maps):
    written = titles(maps_figure(maps))
    assert {"Mean intensity", "Joint entropy, bits"} < set(written)
    assert "original_glcm_JointEntropy" in written


def test_the_slice_is_the_one_on_which_the_region_is_largest(maps):
    assert "slice 5 of 8 along z" in titles(maps_figure(maps))


def test_a_map_lies_over_the_scan_where_it_was_measured(maps):
    figure = maps_figure(maps)
    scan, mean = figure.axes[0].images[0], figure.axes[1].images[1]
    rows, columns = np.nonzero(~mean.get_array().mask)
    inside = maps[0].scan.voxels[4, 12:24, 20:30]
    np.testing.assert_array_equal(
        scan.get_array()[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1], inside
    )
    wanted = maps[0].scan.voxels[4, 12:14, 20:22].mean()  # alone in its corner of the region
    assert mean.get_array()[rows.min(), columns.min()] == pytest.approx(wanted, rel=1e-6)


def test_missing_values_are_counted_in_the_title(maps):
    maps[1].reasons["flat"] = 12
    try:
        assert "original_glcm_JointEntropy (12 missing)" in titles(maps_figure(maps))
    finally:
        maps[1].reasons.clear()


def test_a_picture_is_a_png(maps):
    assert maps_picture(maps, caption="a caption").startswith(b"\x89PNG")
