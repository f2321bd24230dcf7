"""Slices that do not belong together."""

from __future__ import annotations

import pytest
from numpy.testing import assert_array_equal

from radpred.io import read_image
from tests.io.dicom_files import MR, ramp, write_series
from tests.io.series_places import CORONAL, placed, refused


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
