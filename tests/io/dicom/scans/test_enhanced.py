"""Enhanced files: all slices in one."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pydicom.uid import DeflatedExplicitVRLittleEndian

from radpred.image import Grid
from radpred.io import read_image
from radpred.io.dicom.files import HELD_BYTES
from tests.io.dicom_files import GRID, MR, ramp, write_dose, write_multiframe, write_pet
from tests.io.series_places import DIRECTIONS, placed, refused, same_place


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_an_enhanced_file_is_ordered_by_the_positions_of_its_frames(tmp_path, direction, rng):
    grid = placed(direction)
    path = write_multiframe(tmp_path / "e.dcm", ramp(), grid=grid, order=rng.permutation(12))
    image = read_image(path)
    assert same_place(image.grid, grid)
    assert_array_equal(image.voxels, ramp())


def test_an_enhanced_file_may_share_everything_but_the_positions(tmp_path):
    shared = (
        "PlaneOrientationSequence",
        "PixelMeasuresSequence",
        "PixelValueTransformationSequence",
    )
    path = write_multiframe(tmp_path / "e.dcm", ramp(), modality=MR, shared=shared)
    assert_array_equal(read_image(path).voxels, ramp())


def test_an_enhanced_file_may_share_nothing(tmp_path):
    path = write_multiframe(tmp_path / "e.dcm", ramp(), shared=())
    assert same_place(read_image(path).grid, GRID)


def test_an_enhanced_file_scales_each_frame_by_its_own_line(tmp_path):
    path = write_multiframe(tmp_path / "e.dcm", ramp(), rescale=lambda k: (0.5 + k, -k))
    k = np.arange(12)[:, None, None]
    assert_allclose(read_image(path).voxels, ramp() * (0.5 + k) - k)


def test_an_enhanced_file_may_have_more_to_say_than_is_held_in_memory(tmp_path):
    grid = Grid(shape=(800, 4, 4), spacing=(0.5, 0.8, 0.7))
    path = write_multiframe(tmp_path / "e.dcm", ramp(grid), grid=grid, shared=())
    assert path.stat().st_size > 2 * HELD_BYTES
    assert_array_equal(read_image(path).voxels, ramp(grid))
    file = pydicom.dcmread(path)
    file.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    file.save_as(path)
    assert_array_equal(read_image(path).voxels, ramp(grid))


def test_enhanced_files_of_one_series_come_together(tmp_path):
    write_multiframe(tmp_path / "1.dcm", ramp(), order=range(7))
    write_multiframe(tmp_path / "2.dcm", ramp(), order=range(7, 12))
    assert_array_equal(read_image(tmp_path).voxels, ramp())


def test_a_frame_that_is_missing_is_named(tmp_path):
    path = write_multiframe(tmp_path / "e.dcm", ramp(), order=[0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11])
    error = refused(path)
    assert error.code == "slice_missing"
    assert "between e.dcm frame 3 and e.dcm frame 4" in str(error)


def test_a_file_of_frames_that_say_no_place_is_refused(tmp_path):
    path = write_multiframe(
        tmp_path / "e.dcm", ramp(), tags={"PerFrameFunctionalGroupsSequence": None}
    )
    assert refused(path).code == "position_missing"


def test_a_dose_grid_and_a_pet_series_are_read_by_the_same_door(tmp_path):
    dose = read_image(write_dose(tmp_path / "d.dcm", ramp().astype(np.uint16), scaling=0.5))
    write_pet(tmp_path / "pet", ramp())
    assert_array_equal(dose.voxels, ramp() * 0.5)
    assert "SUV" in read_image(tmp_path / "pet").steps[-1]
