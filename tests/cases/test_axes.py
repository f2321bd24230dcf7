"""Files whose headers are off: axes that lean, forms that contradict each other."""

from __future__ import annotations

import struct

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from numpy.testing import assert_allclose, assert_array_equal

from radpred.errors import GeometryError
from radpred.io import read_image
from radpred.stages.commands.features import of_cases

from .blocks import extract, numbers, write_cases

QFORM_CODE, SFORM_CODE, SFORM = 252, 254, 280  # where they stand in the header


def with_sform(path, change, *, qform=0, sform=1):
    """Change the sform (3 x 4, RAS) of a file, and the codes of both forms."""
    content = bytearray(path.read_bytes())
    rows = np.reshape(struct.unpack_from("<12f", content, SFORM), (3, 4)).copy()
    struct.pack_into("<2h", content, QFORM_CODE, qform, sform)
    struct.pack_into("<12f", content, SFORM, *change(rows).ravel())
    path.write_bytes(content)


def sheared_by(slope):
    """Return a change that leans z towards x."""

    def change(rows):
        rows[0, 2] = slope
        return rows

    return change


def flipped(rows):
    """Return the form with x running the other way, about the middle of 28 voxels."""
    rows[0] = [-rows[0, 0], 0, 0, rows[0, 3] + 27 * rows[0, 0]]
    return rows


@pytest.mark.parametrize("slope", [1e-4, 1e-3], ids=["1e-4", "1e-3"])
def test_axes_a_little_off_right_angles_are_mended_and_it_is_noted(p0_files, scan, tumour, slope):
    for path in p0_files:
        with_sform(path, sheared_by(slope))
    image = read_image(p0_files[0])
    axes = np.reshape(image.grid.direction, (3, 3))
    assert_allclose(axes.T @ axes, np.eye(3), atol=1e-12)
    assert image.steps == (
        f"axes brought to right angles: they were {np.degrees(slope):.2g} degrees off",
    )
    assert_array_equal(image.voxels, scan.voxels)
    pd.testing.assert_series_equal(
        numbers(extract(*p0_files)), numbers(extract(scan, tumour)), rtol=1e-6
    )


def test_the_middle_of_a_volume_stays_where_it_was_when_its_axes_are_mended(p0_files):
    with_sform(p0_files[0], sheared_by(1e-3))
    mended = read_image(p0_files[0]).grid
    middle = mended.to_world((np.array(mended.shape) - 1) / 2)
    assert_allclose(middle, [13.5 - 1e-3 * 9.5, 11.5, 9.5], atol=1e-5)


@pytest.mark.parametrize("qform", [0, 1])
def test_axes_five_degrees_off_right_angles_are_refused(p0_files, qform):
    with_sform(p0_files[0], sheared_by(np.tan(np.radians(5))), qform=qform)
    with pytest.raises(GeometryError, match="5 degrees off right angles") as caught:
        read_image(p0_files[0])
    assert caught.value.code == "sheared_axes"


@pytest.mark.parametrize(("sform", "used"), [(1, "sform"), (2, "qform")])
def test_forms_that_differ_by_a_flip_are_told_with_the_one_that_was_used(p0_files, sform, used):
    with_sform(p0_files[0], flipped, qform=1, sform=sform)
    image = read_image(p0_files[0])
    assert image.steps == (
        "sform_qform_differ: sform and qform of the header lie up to 27 voxels apart; "
        f"the {used} was used",
    )
    assert (image.grid.direction[0] < 0) == (used == "sform")


def test_a_difference_of_forms_is_a_note_on_the_case(p0_files, tmp_path):
    with_sform(p0_files[0], flipped, qform=1, sform=2)
    write_cases(tmp_path, {"image": "scan.nii", "mask": "mask.nii"})
    [verdict] = of_cases(tmp_path / "cases.csv").verdicts.to_dict("records")
    assert verdict["status"] == "noted"
    assert "sform_qform_differ" in verdict["came"]


def test_a_sheared_sform_of_another_space_than_the_scanner_s_leaves_the_qform(p0_files):
    with_sform(p0_files[0], sheared_by(np.tan(np.radians(5))), qform=1, sform=4)
    assert "the qform was used" in read_image(p0_files[0]).steps[0]


@pytest.mark.parametrize("ending", [".nrrd", ".mha"])
def test_axes_of_other_formats_are_mended_too(scan, tmp_path, ending):
    leaning = sitk.GetImageFromArray(scan.voxels)
    leaning.SetDirection((1, 0, 1e-3, 0, 1, 0, 0, 0, 1))
    sitk.WriteImage(leaning, str(tmp_path / f"scan{ending}"))
    assert "right angles" in read_image(tmp_path / f"scan{ending}").steps[0]
