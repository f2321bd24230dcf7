"""A series of slices becomes one volume, in the order and at the place its positions say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pydicom
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.uid import DeflatedExplicitVRLittleEndian
from scipy.spatial.transform import Rotation

from radpred.errors import InputError
from radpred.image import Grid
from radpred.io import DicomReading, read_image
from radpred.io.dicom_files import HELD_BYTES
from tests.io.dicom_files import (
    CT,
    GRID,
    MR,
    ramp,
    write_dose,
    write_multiframe,
    write_pet,
    write_series,
)

AXIAL = GRID.direction
SAGITTAL = (0, 0, 1, 1, 0, 0, 0, 1, 0)  # rows run posterior, columns superior, slices left
CORONAL = (1, 0, 0, 0, 0, -1, 0, 1, 0)
OBLIQUE = tuple(Rotation.from_euler("xyz", [20, -35, 10], degrees=True).as_matrix().ravel())
DIRECTIONS = [AXIAL, SAGITTAL, CORONAL, OBLIQUE]
INTERPOLATED = DicomReading(missing_slices="interpolate")


def placed(direction):
    """Return GRID with another orientation; its third axis completes a right-handed set."""
    return replace(GRID, direction=tuple(float(cosine) for cosine in direction))


def refused(source, **wanted):
    """Return the error that reading ends with."""
    with pytest.raises(InputError) as caught:
        read_image(source, wanted=DicomReading(**wanted))
    return caught.value


def same_place(one, other):
    corners = np.array([[0, 0, 0], [1, 2, 3], [n - 1 for n in one.shape]])
    return one.shape == other.shape and np.allclose(
        one.to_world(corners), other.to_world(corners), atol=1e-6
    )


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


# Missing and doubled slices: case 12.


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


# Slices that do not belong together.


def test_a_scout_of_another_orientation_is_set_aside_with_a_note(tmp_path):
    write_series(tmp_path, ramp())
    scout = placed(CORONAL)
    tags = {"SOPInstanceUID": "1.2.3", "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}
    write_series(tmp_path, ramp()[:1, :5], grid=scout, tags=tags, names=["scout.dcm"])
    image = read_image(tmp_path)
    assert_array_equal(image.voxels, ramp())
    assert image.steps == ("set aside 1 of another orientation: scout.dcm",)


def test_two_stacks_of_different_orientations_are_refused(tmp_path):
    write_series(tmp_path / "one", ramp())
    write_series(
        tmp_path / "two", ramp(), grid=placed(CORONAL), tags=lambda k: {"SOPInstanceUID": f"1.{k}"}
    )
    error = refused(tmp_path)
    assert error.code == "slices_not_parallel"
    assert "2 orientations" in str(error)


def test_many_slices_in_one_picture_are_refused(tmp_path):
    write_series(tmp_path, ramp(), modality=MR, tags={"ImageType": ["ORIGINAL", "MOSAIC"]})
    assert refused(tmp_path).code == "mosaic_image"


def test_a_slice_turned_by_a_little_is_refused(tmp_path):
    turned = ["1.0", "0.0", "0.0", "0.0", "0.996195", "0.087156"]
    write_series(
        tmp_path, ramp(), tags=lambda k: {"ImageOrientationPatient": turned} if 2 < k < 6 else {}
    )
    assert refused(tmp_path).code == "slices_not_parallel"


def test_a_tilted_gantry_is_refused(tmp_path):
    tags = {"ImagePositionPatient": None}
    write_series(
        tmp_path,
        ramp(),
        tags=lambda k: tags | {"ImagePositionPatient": ["0", f"{0.5 * k}", f"{3 * k}"]},
    )
    error = refused(tmp_path)
    assert error.code == "sheared_axes"
    assert "tilted gantry" in str(error)


def test_rows_and_columns_that_are_not_at_right_angles_are_refused(tmp_path):
    skewed = ["1.0", "0.0", "0.0", "0.2588", "0.9659", "0.0"]
    write_series(tmp_path, ramp(), tags={"ImageOrientationPatient": skewed})
    assert refused(tmp_path).code == "sheared_axes"


def test_slices_of_another_pixel_spacing_are_refused_by_name(tmp_path):
    write_series(tmp_path, ramp(), tags=lambda k: {"PixelSpacing": [0.8, 0.9]} if k == 7 else {})
    error = refused(tmp_path)
    assert error.code == "slices_differ"
    assert "0.8 x 0.9 mm" in str(error)


def test_slices_of_another_size_are_refused(tmp_path):
    paths = write_series(tmp_path, ramp())
    narrow = write_series(tmp_path / "narrow", ramp()[:, :, :8])
    narrow[7].replace(paths[7])
    for path in narrow[:7] + narrow[8:]:
        path.unlink()
    error = refused(tmp_path)
    assert error.code == "slices_differ"
    assert f"({paths[7].name}: 10 x 8 pixels)" in str(error)


@pytest.mark.parametrize("keyword", ["ImagePositionPatient", "ImageOrientationPatient"])
def test_a_ct_slice_that_lies_nowhere_is_refused(tmp_path, keyword):
    write_series(tmp_path, ramp(), tags={keyword: None})
    error = refused(tmp_path)
    assert error.code == "position_missing"
    assert keyword in str(error)


def test_a_series_without_pixel_spacing_is_refused(tmp_path):
    write_series(tmp_path, ramp(), tags={"PixelSpacing": None})
    assert refused(tmp_path).code == "spacing_missing"


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


# Enhanced files: all slices in one.


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
