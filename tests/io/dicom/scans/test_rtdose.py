"""A dose grid is an image in Gy, wherever its planes are said to lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.transform import Rotation

from radpred.errors import InputError
from radpred.io import read_image
from radpred.io.dicom.scans.rtdose import read_dose
from tests.io.dicom_files import GRID, numbers, ramp, write_dose, write_series

STORED = ramp().astype(np.uint16)
OFFSETS = 3.0 * np.arange(12)
OBLIQUE = tuple(Rotation.from_euler("xyz", [20, -35, 10], degrees=True).as_matrix().ravel())


def refused(path):
    with pytest.raises(InputError) as caught:
        read_dose(path)
    return caught.value


def assert_placed(image, grid):
    corners = np.array([[0, 0, 0], [11, 9, 8]])
    assert_allclose(image.grid.to_world(corners), grid.to_world(corners), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
def test_a_dose_is_scaled_to_gray(tmp_path, dtype):
    dose = read_dose(write_dose(tmp_path / "d.dcm", STORED.astype(dtype), scaling=0.0025))
    assert_allclose(dose.voxels, 0.0025 * STORED, rtol=1e-7)
    assert dose.steps == ()


@pytest.mark.parametrize("is_absolute", [False, True])
def test_both_conventions_of_offsets_give_the_same_planes(tmp_path, is_absolute):
    assert_placed(read_dose(write_dose(tmp_path / "d.dcm", STORED, is_absolute=is_absolute)), GRID)


def test_planes_of_an_oblique_dose_lie_along_its_normal(tmp_path):
    grid = replace(GRID, direction=OBLIQUE)
    assert_placed(read_dose(write_dose(tmp_path / "d.dcm", STORED, grid=grid)), grid)


@pytest.mark.parametrize("start", [0.0, GRID.origin[2]])
def test_planes_that_run_downwards_are_turned(tmp_path, start):
    tags = {"GridFrameOffsetVector": numbers(start - OFFSETS)}
    dose = read_dose(write_dose(tmp_path / "d.dcm", STORED, tags=tags))
    down = replace(GRID, direction=(1, 0, 0, 0, 1, 0, 0, 0, -1))
    assert_allclose(dose.grid.to_world((0, 0, 0)), down.to_world((11, 0, 0)))
    assert_allclose(dose.voxels, 0.001 * STORED[::-1], rtol=1e-7)


def test_absolute_offsets_of_a_prone_grid_count_along_the_patients_z(tmp_path):
    # Rows run to the right, columns to the back: the normal points to the feet.
    grid = replace(GRID, direction=(-1, 0, 0, 0, 1, 0, 0, 0, -1))
    z = GRID.origin[2]
    tags = {"GridFrameOffsetVector": numbers(z + OFFSETS)}
    dose = read_dose(write_dose(tmp_path / "d.dcm", STORED, grid=grid, tags=tags))
    highest = dose.grid.to_world((0, 0, 0))
    assert highest[2] == pytest.approx(z + 33)
    assert_allclose(dose.voxels[0], 0.001 * STORED[11], rtol=1e-7)


@pytest.mark.parametrize("unit", ["RELATIVE", ""])
def test_a_dose_that_is_not_in_gray_is_refused(tmp_path, unit):
    error = refused(write_dose(tmp_path / "d.dcm", STORED, tags={"DoseUnits": unit}))
    assert error.code == "dose_not_in_gy"
    assert (unit or "missing") in str(error)


@pytest.mark.parametrize("scaling", [None, "", "0"])
def test_a_dose_without_scaling_is_refused(tmp_path, scaling):
    error = refused(write_dose(tmp_path / "d.dcm", STORED, tags={"DoseGridScaling": scaling}))
    assert error.code == "dose_not_in_gy"


def test_the_dose_of_one_beam_is_noted(tmp_path):
    path = write_dose(tmp_path / "d.dcm", STORED, tags={"DoseSummationType": "BEAM"})
    assert read_dose(path).steps == ("DoseSummationType is BEAM",)


def test_a_difference_of_doses_is_no_dose(tmp_path):
    assert refused(write_dose(tmp_path / "d.dcm", STORED, tags={"DoseType": "ERROR"})).code == (
        "not_a_dose"
    )


def test_a_scan_is_no_dose(tmp_path):
    assert refused(write_series(tmp_path, ramp())[0]).code == "not_a_dose"


@pytest.mark.parametrize(
    ("offsets", "code"),
    [
        (OFFSETS[:-1], "position_missing"),
        (OFFSETS + 1, "position_missing"),
        (OFFSETS**1.3, "slices_uneven"),
    ],
)
def test_offsets_that_make_no_grid_are_refused(tmp_path, offsets, code):
    tags = {"GridFrameOffsetVector": numbers(offsets)}
    assert refused(write_dose(tmp_path / "d.dcm", STORED, tags=tags)).code == code


def test_absolute_offsets_of_an_oblique_grid_are_refused(tmp_path):
    grid = replace(GRID, direction=OBLIQUE)
    error = refused(write_dose(tmp_path / "d.dcm", STORED, grid=grid, is_absolute=True))
    assert error.code == "position_missing"


def test_a_truncated_dose_is_refused(tmp_path):
    path = write_dose(tmp_path / "d.dcm", STORED)
    path.write_bytes(path.read_bytes()[:-100])
    assert refused(path).code == "unreadable_file"


def test_a_folder_that_holds_a_dose_alone_is_read_as_one(tmp_path):
    write_dose(tmp_path / "d.dcm", STORED)
    assert_allclose(read_image(tmp_path).voxels, 0.001 * STORED, rtol=1e-7)
