"""Maps over a slice: as many pictures as maps and one, in colours that mean what the bar says."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.report.figures.maps import MapSlice, map_sheet

SCAN = np.arange(600.0).reshape(20, 30)
REGION = np.zeros((20, 30), dtype=bool)
REGION[5:15, 8:20] = True


def shown(values, what="Contrast"):
    """Return a map that has values inside the region."""
    return MapSlice(
        what=what, detail="original_glcm_Contrast", values=np.where(REGION, values, np.nan)
    )


def images(figure):
    """Return the images of each pair of axes that has any."""
    return [axes.images for axes in figure.axes if axes.images]


def texts(figure):
    """Return all that is written."""
    return [t.get_text() for axes in figure.axes for t in axes.texts] + [
        t.get_text() for t in figure.texts
    ]


@pytest.mark.parametrize("n_maps", [1, 2, 3, 5])
def test_the_scan_is_drawn_alone_and_under_each_map(n_maps):
    drawn = images(map_sheet(SCAN, REGION, [shown(SCAN)] * n_maps, pixel_mm=(1.0, 1.0)))
    assert [len(each) for each in drawn] == [1] + [2] * n_maps


def test_a_map_is_transparent_where_it_has_no_value():
    figure = map_sheet(SCAN, REGION, [shown(SCAN)], pixel_mm=(1.0, 1.0))
    assert (images(figure)[1][1].get_array().mask == ~REGION).all()


def test_colours_run_from_the_2nd_to_the_98th_percentile_and_the_bar_says_so():
    figure = map_sheet(SCAN, REGION, [shown(SCAN)], pixel_mm=(1.0, 1.0))
    low, high = np.percentile(SCAN[REGION], [2, 98])
    assert images(figure)[1][1].get_clim() == (low, high)
    labels = [label.get_text() for label in figure.axes[-1].get_xticklabels()]
    assert labels == [f"{low:.0f}", f"{(low + high) / 2:.0f}", f"{high:.0f}"]


def test_a_map_of_one_value_and_one_without_any_are_drawn():
    flat, empty = shown(np.full(SCAN.shape, 3.0)), shown(np.full(SCAN.shape, np.nan))
    figure = map_sheet(SCAN, REGION, [flat, empty], pixel_mm=(1.0, 1.0))
    assert "no value on this slice" in texts(figure)


def test_the_ruler_is_a_round_part_of_the_width():
    assert "5 mm" in texts(map_sheet(SCAN, REGION, [shown(SCAN)], pixel_mm=(1.0, 0.7)))


def test_a_pixel_keeps_its_shape():
    figure = map_sheet(SCAN, REGION, [shown(SCAN)], pixel_mm=(2.0, 1.0))
    box = figure.axes[0].get_window_extent()
    assert box.height / box.width == pytest.approx(2.0 * 20 / 30)
