"""Nodules of LIDC-IDRI from outlines: which marks are of one nodule, and what they enclose."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lidc_rows import cube, shared_rows, square, write_database

from radpred.datasets.lidc import nodules_of
from radpred.io.lidc import read_lidc


@pytest.fixture
def nodules(tmp_path):
    """Return a function that rebuilds the nodules of marks on one scan."""

    def rebuilt(*marks, **options):
        path = tmp_path / "made.sqlite"
        path.unlink(missing_ok=True)
        rated = [(1, 4, outlines) for outlines in marks]
        return list(nodules_of(*read_lidc(write_database(path, rated, patients=["P1"])), **options))

    return rebuilt


@pytest.fixture(scope="module")
def real(shared_data):
    """Return the nodules of 60 real scans, and what pylidc says of their marks."""
    known = pd.read_parquet(shared_data / "lidc" / "annotations.parquet")
    found = list(nodules_of(*shared_rows(shared_data / "lidc", n_scans=60)))
    return found, known.set_index("annotation_id")


# --- what an outline encloses -------------------------------------------------------------------


def test_pixels_of_an_outline_are_outside_the_nodule(nodules):
    [nodule] = nodules(cube(10, 20, 4.0, 5))
    [mask] = nodule.masks()
    assert mask.n_voxels == 3 * 5 * 5
    assert mask.volume_mm3 == 75 * 2.0 * 0.5 * 0.5


def test_a_mask_lies_where_its_scan_has_the_outlines(nodules):
    [nodule] = nodules(cube(10, 20, 4.0, 5))
    [mask] = nodule.masks()
    inside = np.argwhere(mask.voxels)
    assert mask.grid.to_world(inside.min(axis=0)).tolist() == [5.0, 10.0, 4.0]
    assert mask.grid.to_world(inside.max(axis=0)).tolist() == [7.0, 12.0, 8.0]


def test_an_outline_that_is_left_out_is_a_hole_with_its_own_pixels(nodules):
    hole = [(0, 4.0, square(14, 24, 2))]
    [nodule] = nodules([*cube(10, 20, 4.0, 10, n_slices=1), *hole])
    [mask] = nodule.masks()
    assert mask.n_voxels == 10 * 10 - 4 * 4


def test_two_outlines_in_a_slice_are_both_of_the_nodule(nodules):
    two = [*cube(10, 20, 4.0, 4, n_slices=1), *cube(18, 20, 4.0, 4, n_slices=1)]
    [nodule] = nodules(two)
    assert nodule.masks()[0].n_voxels == 2 * 16


def test_a_margin_is_added_on_every_side_and_moves_nothing(nodules):
    outlines = cube(10, 20, 4.0, 5)
    [tight], [wide] = nodules(outlines), nodules(outlines, margin_mm=3.0)
    assert np.subtract(wide.grid.shape, tight.grid.shape).tolist() == [4, 12, 12]
    masks = [nodule.masks()[0] for nodule in (tight, wide)]
    corners = [mask.grid.to_world(np.argwhere(mask.voxels)[0]).tolist() for mask in masks]
    assert corners[0] == corners[1]


def test_readers_masks_of_a_nodule_lie_on_one_grid(nodules):
    [nodule] = nodules(cube(10, 20, 4.0, 5), cube(12, 20, 6.0, 7))
    first, second = nodule.masks()
    assert first.grid == second.grid == nodule.grid
    assert [mask.n_voxels for mask in (first, second)] == [75, 147]


# --- which marks are of one nodule --------------------------------------------------------------


def test_marks_that_touch_are_of_one_nodule_and_others_are_not(nodules):
    found = nodules(cube(10, 20, 4.0, 5), cube(40, 20, 4.0, 5), cube(11, 21, 4.0, 5))
    assert [[m.annotation_id for m in n.marks] for n in found] == [[1, 3], [2]]
    assert [n.name for n in found] == ["P1-1", "P1-2"]


def test_marks_are_joined_by_others_between_them(nodules):
    row = [cube(10 + 7 * i, 20, 4.0, 5) for i in range(3)]
    assert [len(n.marks) for n in nodules(*row)] == [3]


def test_neighbours_part_where_more_than_four_would_have_marked_one_nodule(nodules):
    left = [cube(10, 20, 4.0, 5)] * 3
    right = [cube(18, 20, 4.0, 5)] * 3  # outlines 2 pixels apart: within the reach at first
    assert [len(n.marks) for n in nodules(*left, *right)] == [3, 3]


def test_marks_that_cannot_be_parted_stay_together(nodules):
    assert [len(n.marks) for n in nodules(*[cube(10, 20, 4.0, 5)] * 5)] == [5]


def test_a_nodule_is_rated_by_the_median_of_its_readers(tmp_path):
    outlines = cube(10, 20, 4.0, 5)
    marks = [(1, rating, outlines) for rating in (2, 4, 5)]
    path = write_database(tmp_path / "made.sqlite", marks, patients=["P1"])
    [nodule] = nodules_of(*read_lidc(path))
    assert nodule.malignancy == 4
    assert nodule.marks[0].ratings["malignancy"] == 2


# --- real outlines ------------------------------------------------------------------------------


def test_real_marks_are_grouped_as_pylidc_groups_them(real):
    nodules, known = real
    ours = {frozenset(m.annotation_id for m in n.marks) for n in nodules}
    mine = known.loc[[m.annotation_id for n in nodules for m in n.marks]]
    assert ours == {frozenset(g.index) for _, g in mine.groupby(["scan_id", "nodule"])}


def test_real_masks_hold_the_voxels_that_pylidc_counts(real):
    nodules, known = real
    found = {
        mark.annotation_id: mask.n_voxels
        for nodule in nodules
        for mark, mask in zip(nodule.marks, nodule.masks(), strict=True)
    }
    expected = known.loc[list(found), "pylidc_mask_voxels"]
    differ = expected[expected != pd.Series(found)]
    assert len(differ) <= len(found) / 200
