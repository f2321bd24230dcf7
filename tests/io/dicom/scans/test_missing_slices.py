"""Slices that are missing, there twice, or at uneven distances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from radpred.image import Grid
from radpred.io import DicomReading, read_image
from tests.io.dicom_files import GRID, ramp, write_series
from tests.io.series_places import refused, same_place

INTERPOLATED = DicomReading(missing_slices="interpolate")


def write_without(folder, index, *, grid=GRID):
    paths = write_series(folder, ramp(grid), grid=grid)
    paths[index].unlink()
    return paths


def test_a_missing_slice_is_refused_and_named(tmp_path):
    paths = write_without(tmp_path, 5)
    error = refused(tmp_path)
    assert error.code == "slice_missing"
    assert "1 of 12 slices" in str(error)
    assert f"at (-30, 12, -86.5) mm, between {paths[4].name} and {paths[6].name}" in str(error)


def test_two_missing_slices_in_a_row_are_two(tmp_path):
    paths = write_without(tmp_path, 5)
    paths[6].unlink()
    assert "2 of 12 slices" in str(refused(tmp_path))


def test_a_missing_slice_is_interpolated_on_request_and_recorded(tmp_path):
    write_without(tmp_path, 5)
    image = read_image(tmp_path, wanted=INTERPOLATED)
    assert same_place(image.grid, GRID)
    assert_array_equal(image.voxels, ramp())
    assert image.voxels.dtype == np.int16
    assert "interpolated 1 of 12 slices" in image.steps[0]


def test_the_volume_of_a_sphere_across_an_interpolated_gap_is_right(tmp_path):
    grid = Grid(shape=(30, 40, 40), spacing=(1.0, 0.8, 0.8), origin=(-15.6, -15.6, -14.5))
    places = grid.to_world(np.stack(np.indices(grid.shape), axis=-1))
    sphere = (100 * (np.linalg.norm(places, axis=-1) <= 10)).astype(np.int16)
    paths = write_series(tmp_path, sphere, grid=grid)
    paths[14].unlink()
    found = read_image(tmp_path, wanted=INTERPOLATED).voxels >= 50
    assert found.sum() * 0.64 == pytest.approx(4 / 3 * np.pi * 1000, rel=0.03)


def test_a_slice_that_is_there_twice_is_refused_and_named(tmp_path):
    paths = write_series(tmp_path, ramp())
    grid = replace(GRID, origin=tuple(GRID.to_world((5, 0, 0))))
    tags = {"SOPInstanceUID": "1.2.3"}
    write_series(tmp_path, ramp()[5:6] + 1, grid=grid, tags=tags, names=["extra.dcm"])
    error = refused(tmp_path)
    assert error.code == "slice_doubled"
    assert paths[5].name in str(error)
    assert "extra.dcm" in str(error)


def test_a_copied_file_is_refused_by_its_uid(tmp_path):
    paths = write_series(tmp_path, ramp())
    (tmp_path / "copy.dcm").write_bytes(paths[3].read_bytes())
    error = refused(tmp_path)
    assert error.code == "slice_doubled"
    assert "remove the copy" in str(error)


def test_a_series_copied_as_a_whole_is_no_dynamic_series(tmp_path):
    write_series(tmp_path / "one", ramp())
    write_series(tmp_path / "two", ramp())
    assert refused(tmp_path).code == "slice_doubled"


def test_uneven_slices_are_refused(tmp_path):
    z = [0.0, 3.0, 6.0, 9.0, 13.3, 16.3, 19.3, 22.3, 25.3, 28.3, 31.3, 34.3]
    write_series(tmp_path, ramp(), tags=lambda k: {"ImagePositionPatient": [0, 0, z[k]]})
    assert refused(tmp_path).code == "slices_uneven"
