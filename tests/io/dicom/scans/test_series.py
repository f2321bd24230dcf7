"""A series of slices becomes one volume, in the order and at the place its positions say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pydicom
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement

from radpred.io import read_image
from tests.io.dicom_files import CT, GRID, MR, ramp, write_series
from tests.io.series_places import DIRECTIONS, placed, refused, same_place


@pytest.mark.parametrize("modality", [CT, MR])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_series_of_any_orientation_lies_where_its_slices_say(tmp_path, direction, modality):
    grid = placed(direction)
    write_series(tmp_path, ramp(), grid=grid, modality=modality)
    image = read_image(tmp_path)
    assert same_place(image.grid, grid)
    assert_array_equal(image.voxels, ramp())
    assert image.steps == ()


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_reversed_instance_numbers_and_shuffled_names_change_nothing(tmp_path, direction):
    grid = placed(direction)
    write_series(tmp_path, ramp(), grid=grid, tags=lambda k: {"InstanceNumber": 99 - k})
    means = read_image(tmp_path).voxels.mean(axis=(1, 2))
    assert_allclose(np.diff(means), 10)


def test_slices_stored_from_head_to_foot_run_along_the_normal(tmp_path):
    upside_down = replace(GRID, direction=(1, 0, 0, 0, 1, 0, 0, 0, -1))
    write_series(tmp_path, ramp(), grid=upside_down)
    image = read_image(tmp_path)
    assert np.linalg.det(np.reshape(image.grid.direction, (3, 3))) > 0
    assert_allclose(image.grid.to_world((11, 0, 0)), upside_down.to_world((0, 0, 0)))
    assert_array_equal(image.voxels, ramp()[::-1])


def test_any_one_file_stands_for_its_series(tmp_path):
    paths = write_series(tmp_path, ramp())
    write_series(tmp_path, ramp() + 1, series="another")
    assert_array_equal(read_image(paths[4]).voxels, ramp())


def test_a_folder_of_several_series_lists_them(tmp_path):
    write_series(tmp_path, ramp(), tags={"SeriesDescription": "thin slices"})
    write_series(tmp_path, ramp(), series="another")
    error = refused(tmp_path)
    assert error.code == "dicom_several_series"
    assert "thin slices" in str(error)
    assert "folder#UID" in str(error)


def test_a_series_is_named_by_its_uid(tmp_path):
    write_series(tmp_path / "one", ramp())
    write_series(
        tmp_path / "two", ramp() + 1, series="another", tags={"SeriesInstanceUID": "1.2.3"}
    )
    assert_array_equal(read_image(f"{tmp_path}#1.2.3").voxels, ramp() + 1)


def test_a_uid_that_is_not_there_is_refused(tmp_path):
    write_series(tmp_path, ramp())
    assert refused(f"{tmp_path}#1.2.4").code == "dicom_no_image"


def test_a_folder_without_dicom_is_called_so(tmp_path):
    (tmp_path / "notes.txt").write_text("none")
    error = refused(tmp_path)
    assert error.code == "dicom_no_image"
    assert "no DICOM file" in str(error)


def test_a_structure_set_beside_the_series_is_no_second_image(tmp_path):
    paths = write_series(tmp_path, ramp())
    write_series(tmp_path, ramp()[:1], series="rs", tags={"Modality": "RTSTRUCT", "Rows": None})
    assert_array_equal(read_image(paths[0].parent).voxels, ramp())


def test_a_structure_set_is_no_image(tmp_path):
    (path,) = write_series(tmp_path, ramp()[:1], tags={"Modality": "RTSTRUCT"})
    error = refused(path)
    assert error.code == "not_a_dicom_image"
    assert "give it as mask" in str(error)


# Spacing comes from positions: case 20.


@pytest.mark.parametrize("keyword", ["SliceThickness", "SpacingBetweenSlices"])
@pytest.mark.parametrize("told", ["", "NA", None])
def test_a_spacing_tag_that_is_no_number_does_not_matter(tmp_path, keyword, told):
    write_series(tmp_path, ramp())
    for path in tmp_path.iterdir():
        told_by(path, keyword, told)
    image = read_image(tmp_path)
    assert image.grid.spacing == (3.0, 0.8, 0.7)
    assert image.steps == ()


def told_by(path, keyword, text):
    """Write a tag of a file anew, be it no number."""
    file = pydicom.dcmread(path)
    if keyword in file:
        delattr(file, keyword)
    if text is not None:
        element = DataElement(tag_for_keyword(keyword), "LO", text)
        element.VR = "DS"
        file.add(element)
    with pydicom.config.disable_value_validation():
        file.save_as(path)


def test_a_spacing_tag_that_is_twice_the_truth_is_noted_and_does_not_matter(tmp_path):
    write_series(tmp_path, ramp(), tags={"SliceThickness": "6.0", "SpacingBetweenSlices": "6.0"})
    image = read_image(tmp_path)
    assert image.grid.spacing == (3.0, 0.8, 0.7)
    assert image.steps == (
        "SliceThickness is 6 mm, slices lie 3 mm apart: the positions count",
        "SpacingBetweenSlices is 6 mm, slices lie 3 mm apart: the positions count",
    )


def test_positions_rounded_in_the_header_count_as_even(tmp_path):
    grid = replace(GRID, shape=(40, 10, 9), spacing=(0.625, 0.8, 0.7))
    z = [f"{round(-20 + 0.625 * k, 1)}" for k in range(40)]
    write_series(
        tmp_path, ramp(grid), grid=grid, tags=lambda k: {"ImagePositionPatient": ["0", "0", z[k]]}
    )
    image = read_image(tmp_path)
    assert image.grid.spacing[0] == pytest.approx(0.625, rel=0.005)
    assert_array_equal(image.voxels, ramp(grid))
    assert "header rounding" in image.steps[-1]


# One slice, and flat pictures.


def test_one_slice_is_as_thick_as_its_tag_says(tmp_path):
    write_series(tmp_path, ramp()[:1])
    image = read_image(tmp_path)
    assert image.grid.spacing == (3.0, 0.8, 0.7)
    assert image.steps == ("one slice: SliceThickness, 3 mm, taken as its extent",)


def test_one_slice_of_no_known_thickness_is_refused(tmp_path):
    write_series(tmp_path, ramp()[:1], tags={"SliceThickness": None})
    assert refused(tmp_path).code == "spacing_missing"


def test_an_x_ray_is_a_flat_picture_that_lies_nowhere(tmp_path):
    flat = {"Modality": "MG", "ImagePositionPatient": None, "ImageOrientationPatient": None}
    flat |= {"PixelSpacing": None, "ImagerPixelSpacing": [0.1, 0.2]}
    first, _ = write_series(tmp_path, ramp()[:2], tags=flat)
    image = read_image(first)
    assert_array_equal(image.voxels, ramp()[:1])
    assert image.grid.spacing == (1.0, 0.1, 0.2)
    assert not image.grid.is_placed
