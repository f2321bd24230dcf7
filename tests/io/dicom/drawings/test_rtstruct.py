"""Structures of RTSTRUCT files: which one, on which grid, and what of it counts."""

from __future__ import annotations

import random

import numpy as np
import pytest
from dicom_files import GRID, ramp, write_series
from numpy.testing import assert_array_equal
from scipy.spatial.transform import Rotation
from structure_files import circle, write_structures

from radpred.errors import GeometryError, InputError, RegionError
from radpred.image import Grid, Image, Mask
from radpred.io import place_on, read_mask, write_image
from radpred.io.dicom.drawings.rtstruct import read_structure, structure_names
from radpred.io.dicom.scans.series import DicomReading, read_series

UPRIGHT = Grid(shape=(12, 40, 40), spacing=(3.0, 1.0, 1.0), origin=(-19.6, -20.3, -9.0))
TURN = Rotation.from_euler("x", 20, degrees=True).as_matrix()
OBLIQUE = Grid(
    shape=(20, 60, 64),
    spacing=(3.0, 0.7, 0.7),
    origin=tuple(TURN @ [-22.0, -20.5, -18.0]),
    direction=tuple(TURN.ravel()),
)


def cylinder(radius=9.0, *, n_planes=4, turn=None):
    turn = np.eye(3) if turn is None else turn
    return [circle(radius, centre=(0, 0, 3.0 * k)) @ turn.T for k in range(n_planes)]


@pytest.fixture
def two(tmp_path):
    structures = {"GTV-1": cylinder(), "Lung Left": cylinder(12.0)}
    return write_structures(tmp_path / "rs.dcm", structures)


def test_structures_are_listed_in_the_file_s_order(two):
    assert structure_names(two) == ("GTV-1", "Lung Left")


@pytest.mark.parametrize("wanted", ["Lung Left", " lung  left ", "LUNG LEFT", 2, "2"])
def test_a_structure_is_found_by_name_or_number(two, wanted):
    mask = read_structure(two, grid=UPRIGHT, name_or_number=wanted)
    assert mask.volume_mm3 == pytest.approx(np.pi * 12**2 * 12, rel=0.02)


def test_a_name_of_digits_goes_before_a_number(tmp_path):
    path = write_structures(tmp_path / "rs.dcm", {"2": cylinder(6.0), "other": cylinder(12.0)})
    mask = read_structure(path, grid=UPRIGHT, name_or_number="2")
    assert mask.volume_mm3 == pytest.approx(np.pi * 6**2 * 12, rel=0.03)


def test_an_exact_name_goes_before_one_in_other_capitals(tmp_path):
    path = write_structures(tmp_path / "rs.dcm", {"gtv": cylinder(12.0), "GTV": cylinder(6.0)})
    small = read_structure(path, grid=UPRIGHT, name_or_number="GTV")
    assert small.volume_mm3 == pytest.approx(np.pi * 6**2 * 12, rel=0.03)


@pytest.mark.parametrize("wanted", ["Gtv", "auto"])
def test_several_that_fit_are_listed(tmp_path, wanted):
    path = write_structures(tmp_path / "rs.dcm", {"gtv": cylinder(), "GTV": cylinder(6.0)})
    with pytest.raises(InputError, match=r"2 structures.*'gtv' \(1\), 'GTV' \(2\)") as caught:
        read_structure(path, grid=UPRIGHT, name_or_number=wanted)
    assert caught.value.code == "several_labels"


@pytest.mark.parametrize("wanted", ["GTV-2", 7])
def test_a_structure_that_is_not_there_is_answered_with_those_that_are(two, wanted):
    with pytest.raises(RegionError, match=r"found 'GTV-1' \(1\), 'Lung Left' \(2\)") as caught:
        read_structure(two, grid=UPRIGHT, name_or_number=wanted)
    assert caught.value.code == "structure_missing"


def test_the_only_structure_with_contours_is_taken_and_said(tmp_path):
    path = write_structures(tmp_path / "rs.dcm", {"Lung": [], "GTV": cylinder(), "Heart": []})
    mask = read_structure(path, grid=UPRIGHT)
    assert mask.steps == ("took the only structure that is not empty, 'GTV' (2)",)


def test_an_empty_structure_is_empty_and_the_others_are_read(tmp_path):
    path = write_structures(tmp_path / "rs.dcm", {"GTV": cylinder(), "Heart": []})
    assert read_structure(path, grid=UPRIGHT, name_or_number="GTV").n_voxels
    with pytest.raises(RegionError, match=r"'Heart'.*declared and empty") as caught:
        read_structure(path, grid=UPRIGHT, name_or_number="Heart")
    assert caught.value.code == "structure_empty"


def test_contours_of_one_or_two_points_are_skipped_and_counted(tmp_path):
    short = [circle(9, centre=(0, 0, 3))[:2], circle(9, centre=(0, 0, 6))[:1]]
    path = write_structures(tmp_path / "rs.dcm", {"GTV": [*cylinder(n_planes=8), *short]})
    mask = read_structure(path, grid=UPRIGHT)
    assert mask.steps == ("2 contour(s) of fewer than three points skipped",)
    whole = write_structures(tmp_path / "whole.dcm", {"GTV": cylinder(n_planes=8)})
    assert_array_equal(mask.voxels, read_structure(whole, grid=UPRIGHT).voxels)


def test_points_and_open_lines_are_set_aside_by_name(tmp_path):
    kinds = ["POINT", "OPEN_PLANAR", "OPEN_PLANAR"]
    path = write_structures(
        tmp_path / "rs.dcm",
        {"GTV": [*cylinder(), *cylinder(n_planes=3)]},
        kind=lambda i: "CLOSED_PLANAR" if i < 4 else kinds[i - 4],
    )
    assert read_structure(path, grid=UPRIGHT).steps == (
        "contours that are not closed and planar set aside: 2 OPEN_PLANAR, 1 POINT",
    )


def test_a_structure_of_points_alone_is_empty(tmp_path):
    path = write_structures(tmp_path / "rs.dcm", {"Isocentre": cylinder()}, kind="POINT")
    with pytest.raises(RegionError, match="4 POINT") as caught:
        read_structure(path, grid=UPRIGHT)
    assert caught.value.code == "structure_empty"


def test_contours_on_an_oblique_image_keep_volume_and_place(tmp_path):
    path = write_structures(tmp_path / "rs.dcm", {"GTV": cylinder(15.0, n_planes=6, turn=TURN)})
    mask = read_structure(path, grid=OBLIQUE)
    centroid = OBLIQUE.to_world(np.argwhere(mask.voxels).mean(axis=0))
    assert mask.volume_mm3 == pytest.approx(np.pi * 15**2 * 18, rel=0.02)
    assert np.abs(centroid - TURN @ [0, 0, 7.5]).max() < 0.2
    assert mask.steps == ()


def test_oblique_contours_fit_an_upright_nifti_half_a_voxel_off(tmp_path):
    grid = Grid(shape=(40, 40, 40), spacing=(1.3,) * 3, origin=(-25.35, -25.35, -18.85))
    path = write_structures(tmp_path / "rs.dcm", {"GTV": cylinder(15.0, n_planes=6, turn=TURN)})
    mask = read_structure(path, grid=grid)
    centroid = grid.to_world(np.argwhere(mask.voxels).mean(axis=0))
    assert mask.volume_mm3 == pytest.approx(np.pi * 15**2 * 18, rel=0.02)
    assert np.abs(centroid - TURN @ [0, 0, 7.5]).max() < 0.2


def test_a_nifti_image_takes_a_structure(tmp_path, two):
    write_image(Image(voxels=np.zeros(UPRIGHT.shape, np.int16), grid=UPRIGHT), tmp_path / "a.nii")
    mask = read_mask(two, label="GTV-1", on=UPRIGHT, image_source=tmp_path / "a.nii")
    assert isinstance(mask, Mask)
    assert mask.grid == UPRIGHT


def test_contours_without_an_image_ask_for_one(two):
    with pytest.raises(InputError, match="no grid of their own") as caught:
        read_mask(two, label="GTV-1")
    assert caught.value.code == "grid_missing"


def test_all_structures_may_be_taken_together(two):
    mask = read_mask(two, label="all", on=UPRIGHT)
    larger = read_mask(two, label="Lung Left", on=UPRIGHT)
    assert_array_equal(mask.voxels, larger.voxels)
    assert mask.steps == ("took 2 structures together",)


@pytest.fixture
def series(tmp_path):
    write_series(tmp_path / "ct", ramp(GRID), grid=GRID)
    return tmp_path / "ct"


def inside_grid():
    x, y, z = GRID.to_world((6, 5, 4))
    return [circle(2.5, centre=(x, y, z + 3.0 * k)) for k in (-1, 0, 1)]


def test_a_structure_in_the_image_s_frame_of_reference_is_taken(tmp_path, series):
    path = write_structures(tmp_path / "rs.dcm", {"GTV": inside_grid()})
    assert read_structure(path, grid=GRID, image_source=series).steps == ()


def test_a_structure_in_another_frame_of_reference_is_refused(tmp_path, series):
    path = write_structures(tmp_path / "rs.dcm", {"GTV": inside_grid()}, frame="b", series="b")
    with pytest.raises(GeometryError, match="positions cannot be compared") as caught:
        read_structure(path, grid=GRID, image_source=series)
    assert caught.value.code == "frame_of_reference_differs"


def test_a_structure_drawn_on_the_series_may_stand_in_another_frame(tmp_path, series):
    path = write_structures(tmp_path / "rs.dcm", {"GTV": inside_grid()}, frame="b")
    mask = read_structure(path, grid=GRID, image_source=series)
    assert mask.steps == (
        "its frame of reference is not the image's, but it was drawn on this series",
    )


def test_the_ibsi_lung_s_structure_is_its_nifti_mask_to_the_voxel(shared_data):
    folder = shared_data / "ibsi" / "ibsi_1_ct_radiomics_phantom"
    expected = read_mask(folder / "nifti" / "mask" / "mask.nii.gz")
    mask = read_mask(
        folder / "dicom" / "mask", on=expected.grid, image_source=folder / "dicom" / "image"
    )
    assert_array_equal(mask.voxels, expected.voxels)


@pytest.mark.parametrize(("patient", "n_voxels"), [("STS_019", 239), ("STS_025", 606)])
def test_structures_on_pet_are_the_masks_made_from_them(shared_data, patient, n_voxels):
    folder = shared_data / "dicom" / patient / "PET"
    image = read_series(folder / "image", wanted=DicomReading(pet="stored"))
    mask = read_mask(folder / "mask", on=image.grid, image_source=folder / "image")
    expected = read_mask(shared_data / "sts" / "images" / patient / "PET_mask.nii.gz")
    assert mask.n_voxels == n_voxels
    assert_array_equal(place_on(mask, expected.grid).voxels, expected.voxels)


def test_a_structure_on_mr_is_the_mask_made_from_it_in_blocks_of_four(shared_data):
    folder = shared_data / "dicom" / "STS_025" / "MR_T1"
    image = read_series(folder / "image")
    mask = read_mask(folder / "mask", on=image.grid, image_source=folder / "image")
    expected = read_mask(shared_data / "sts" / "images" / "STS_025" / "MR_T1_mask.nii.gz")
    assert_array_equal(place_on(mask, expected.grid).voxels, expected.voxels)


@pytest.mark.parametrize("cut", [0, 1, 140, 400, 1000, -3])
def test_a_file_cut_short_is_unreadable_or_something_less(two, cut):
    two.write_bytes(two.read_bytes()[:cut])
    try:
        read_structure(two, grid=UPRIGHT, name_or_number="GTV-1")
    except InputError as error:
        assert str(two) in str(error)


@pytest.mark.filterwarnings("ignore::radpred.errors.RadpredWarning")
def test_damaged_files_give_a_mask_or_an_input_error(two):
    whole, chance = two.read_bytes(), random.Random(3)
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(chance.choice([1, 3, 20])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        two.write_bytes(content)
        try:
            read_structure(two, grid=UPRIGHT, name_or_number=1)
        except InputError:
            continue


def test_a_coordinate_that_is_no_number_is_unreadable(tmp_path):
    path = write_structures(tmp_path / "rs.dcm", {"GTV": [circle(9, n=5)]})
    content = path.read_bytes()
    path.write_bytes(content.replace(b"9.0\\0.0", b"nan\\0.0", 1))
    with pytest.raises(InputError, match="not readable") as caught:
        read_structure(path, grid=UPRIGHT)
    assert caught.value.code == "unreadable_file"
