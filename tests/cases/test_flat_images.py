"""Flat images, in whatever form they are stored."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from dicom_files import write_series
from numpy.testing import assert_array_equal

from radpred.errors import GeometryError
from radpred.io import read_image
from radpred.pipeline.measuring.extract import Extractor

from .blocks import extract, write_picture

FORMS = [(24, 28), (1, 24, 28), (24, 28, 1), (24, 1, 28)]
FLAT = {
    "families": ["shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm", "shape2D"],
    "force_2d": "z",
    "filters": [
        {"kind": "original"},
        {"kind": "wavelet"},
        {"kind": "laplacian_of_gaussian", "sigma_mm": [2.0]},
        {"kind": "local_binary_pattern_2d"},
    ],
    "bin_count": 32,
}


def write_flat(path, voxels, form):
    """Write a slice with pixels of 0.8 mm along rows, 0.7 mm along columns, and 1 mm thick."""
    size = {24: 0.8, 28: 0.7, 1: 1.0}
    image = sitk.GetImageFromArray(voxels.reshape(form))
    image.SetSpacing([size[n] for n in form[::-1]])
    sitk.WriteImage(image, str(path))


@pytest.mark.parametrize("force_2d", ["z", "y", "x"])
@pytest.mark.parametrize("ending", [".nii.gz", ".nrrd"])
def test_a_disc_has_the_same_values_in_whatever_form_it_is_stored(tmp_path, disc, ending, force_2d):
    found = []
    for number, form in enumerate(FORMS):
        paths = tmp_path / f"scan{number}{ending}", tmp_path / f"mask{number}{ending}"
        write_flat(paths[0], disc[0], form)
        write_flat(paths[1], disc[1].astype(np.uint8), form)
        found.append(Extractor({**FLAT, "force_2d": force_2d}).extract(*paths))
    for other in found[1:]:
        pd.testing.assert_series_equal(other, found[0], check_exact=True)
    shape = found[0].filter(like="shape2D")
    assert len(shape) == 9
    assert np.isfinite(shape).all()
    assert shape["tumour__original_shape2D_PixelSurface"] == pytest.approx(disc[1].sum() * 0.56)


def test_a_disc_in_memory_has_the_same_values_in_whatever_form(disc):
    extractor = Extractor(FLAT)
    found = [extractor.extract(disc[0].reshape(f), disc[1].reshape(f)) for f in FORMS]
    for other in found[1:]:
        pd.testing.assert_series_equal(other, found[0], check_exact=True)


@pytest.mark.parametrize("settings", [{}, {"force_2d": "z"}], ids=["3-D", "slice by slice"])
def test_a_flat_image_has_the_columns_of_any_image(disc, scan, tumour, settings):
    flat, solid = extract(*disc, **settings), extract(scan, tumour, **settings)
    assert list(flat.index) == list(solid.index)


def test_a_slice_has_the_texture_of_its_plane_with_and_without_force_2d(disc):
    flat = extract(*disc, bin_count=16).filter(like="glcm")
    forced = extract(*disc, bin_count=16, force_2d="z").filter(like="glcm")
    pd.testing.assert_series_equal(flat, forced)


def test_a_region_of_several_slices_has_no_plane_shape_and_says_why(scan, tumour):
    found = Extractor({"families": ["shape2D"], "force_2d": "z"}).extract(scan, tumour)
    assert set(found.attrs["reasons"].values()) == {"several_slices"}


@pytest.mark.parametrize("ending", [".png", ".tif", ".bmp", ".jpg"])
def test_a_picture_is_one_slice_and_says_that_it_has_no_size(tmp_path, ending):
    grey = np.tile(np.arange(28, dtype=np.uint8), (24, 1))
    sitk.WriteImage(sitk.GetImageFromArray(grey), str(tmp_path / f"scan{ending}"))
    image = read_image(tmp_path / f"scan{ending}", channel=0)
    assert image.grid.shape == (1, 24, 28)
    assert not image.grid.is_placed
    assert "taken as one slice, 1 mm thick" in image.steps[0]
    if ending != ".jpg":
        assert_array_equal(image.voxels[0], grey)


def test_a_picture_is_the_mask_of_a_picture_of_its_shape_only(tmp_path, disc):
    write_picture(tmp_path / "scan.png", disc[0].clip(0, 255).astype(np.uint8))
    write_picture(tmp_path / "mask.png", disc[1] * np.uint8(255))
    write_picture(tmp_path / "cut.png", disc[1][:, :-1] * np.uint8(255))
    found = extract(tmp_path / "scan.png", tmp_path / "mask.png")
    assert found["tumour__original_shape_VoxelVolume"] == disc[1].sum()
    with pytest.raises(GeometryError) as caught:
        extract(tmp_path / "scan.png", tmp_path / "cut.png")
    assert caught.value.code == "shapes_differ"


def test_an_x_ray_in_dicom_is_measured_as_the_same_picture_is(tmp_path, disc):
    pixels = disc[0].clip(0, 255).astype(np.int16)
    flat = dict.fromkeys(("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"))
    write_series(tmp_path / "xray", pixels[None], tags={"Modality": "CR", **flat})
    write_picture(tmp_path / "scan.png", pixels.astype(np.uint8))
    np.save(tmp_path / "mask.npy", disc[1])
    found = extract(tmp_path / "xray", tmp_path / "mask.npy")
    expected = extract(tmp_path / "scan.png", tmp_path / "mask.npy")
    pd.testing.assert_series_equal(found, expected, check_exact=True)
