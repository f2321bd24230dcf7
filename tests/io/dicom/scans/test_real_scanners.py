"""Real scans: as their twins in other formats, and as other readers read them."""

from __future__ import annotations

import shutil

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from numpy.testing import assert_allclose, assert_array_equal
from pydicom.data import get_testdata_file

from radpred.errors import InputError
from radpred.io import from_sitk, read_image

PATIENTS = ["STS_019", "STS_025"]


def by_itk(folder):
    """Return a series as ITK's DICOM reader reads it."""
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return from_sitk(reader.Execute(), name="by ITK")


def assert_same_place(one, other, *, atol):
    corners = np.array([[0, 0, 0], [n - 1 for n in one.shape]])
    assert one.shape == other.shape
    assert_allclose(one.to_world(corners), other.to_world(corners), atol=atol)


@pytest.mark.parametrize("patient", PATIENTS)
@pytest.mark.parametrize("modality", ["CT", "PET", "MR_T1"])
def test_a_series_is_what_itk_reads(shared_data, patient, modality):
    folder = shared_data / "dicom" / patient / modality / "image"
    image, expected = read_image(folder), by_itk(folder)
    assert_same_place(image.grid, expected.grid, atol=1e-6)
    assert_allclose(image.voxels, expected.voxels, rtol=1e-6)


@pytest.mark.parametrize("patient", PATIENTS)
@pytest.mark.parametrize("modality", ["CT", "MR_T1"])
def test_whole_numbers_of_a_real_series_stay_int16(shared_data, patient, modality):
    image = read_image(shared_data / "dicom" / patient / modality / "image")
    assert image.voxels.dtype == np.int16
    assert image.steps == ()


@pytest.mark.parametrize("patient", PATIENTS)
def test_suv_from_dicom_is_that_of_the_published_nifti_crop(shared_data, patient):
    whole = read_image(shared_data / "dicom" / patient / "PET" / "image")
    crop = read_image(shared_data / "sts" / "images" / patient / "PET_image.nii.gz")
    index = np.indices(crop.grid.shape).reshape(3, -1).T
    places = whole.grid.to_index(crop.grid.to_world(index))
    nearest = np.round(places).astype(int)
    assert_allclose(places, nearest, atol=1e-4)
    found = whole.voxels[tuple(nearest.T)]
    assert_allclose(found, crop.voxels.ravel(), rtol=1e-6)
    assert whole.steps == ("SUV by body weight as stored (Units GML, SUVType BW)",)


def test_the_ct_phantom_is_its_nifti_twin(shared_data):
    phantom = shared_data / "ibsi" / "ibsi_1_ct_radiomics_phantom"
    image = read_image(phantom / "dicom" / "image")
    twin = read_image(phantom / "nifti" / "image" / "phantom.nii.gz")
    assert_array_equal(image.voxels, twin.voxels)
    assert_same_place(image.grid, twin.grid, atol=1e-5)
    assert image.voxels.dtype == np.int16
    assert image.steps == ()


# pydicom's own files, each alone in a folder.


def alone(name, folder):
    """Return a copy of one of pydicom's files, away from the others."""
    path = get_testdata_file(name, download=False)
    if path is None:
        pytest.skip(f"needs pydicom's test file {name}")
    return shutil.copy(path, folder / name)


@pytest.mark.parametrize(
    "name",
    [
        *("CT_small.dcm", "MR_small.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm"),
        *("MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "examples_overlay.dcm"),
    ],
)
def test_a_file_of_pydicoms_is_what_itk_reads(tmp_path, name):
    path = alone(name, tmp_path)
    expected = from_sitk(sitk.ReadImage(str(path)), name="by ITK")
    image = read_image(path)
    assert_array_equal(image.voxels, expected.voxels)
    assert_allclose(image.grid.origin, expected.grid.origin, atol=1e-6)
    assert_allclose(image.grid.direction, expected.grid.direction, atol=1e-6)
    assert_allclose(image.grid.spacing[1:], expected.grid.spacing[1:])


def test_a_deflated_file_is_what_pydicom_reads(tmp_path):
    path = alone("image_dfl.dcm", tmp_path)
    assert_array_equal(read_image(path).voxels[0], pydicom.dcmread(path).pixel_array)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("MR_truncated.dcm", "unreadable_file"),
        ("MR_small_padded.dcm", "unreadable_file"),  # a whole row more than Rows says
        ("rtdose.dcm", "dose_not_in_gy"),
        ("rtplan.dcm", "not_a_dicom_image"),
        ("rtstruct.dcm", "not_a_dicom_image"),
        ("test-SR.dcm", "not_a_dicom_image"),
        ("SC_rgb_rle.dcm", "colour_image"),
        ("examples_palette.dcm", "colour_image"),
    ],
)
def test_a_file_of_pydicoms_that_is_no_scan_is_refused(tmp_path, name, code):
    path = alone(name, tmp_path)
    with pytest.raises(InputError) as caught:
        read_image(path)
    assert caught.value.code == code


def test_a_relative_dose_is_read_once_its_unit_says_gray(tmp_path):
    path = alone("rtdose.dcm", tmp_path)
    file = pydicom.dcmread(path)
    file.DoseUnits = "GY"
    file.save_as(path)
    dose = read_image(path)
    assert dose.voxels.shape == (15, 10, 10)
    assert_allclose(dose.voxels, file.pixel_array * float(file.DoseGridScaling))
