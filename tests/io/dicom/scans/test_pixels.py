"""Stored numbers become intensities: whole where they can be, each slice by its own line."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pydicom
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pydicom.encaps import encapsulate
from pydicom.uid import (
    MPEG2MPML,
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    RLELossless,
)

from radpred.errors import InputError
from radpred.image import Grid
from radpred.io import read_image
from tests.io.dicom_files import MR, put_pixels, ramp, save, write_multiframe, write_series

ONE = Grid(shape=(1, 64, 64), spacing=(3.0, 0.8, 0.7))


def refused(source):
    with pytest.raises(InputError) as caught:
        read_image(source)
    return caught.value


def one(folder, **tags):
    (path,) = write_series(folder, ramp(ONE), grid=ONE, names=["one.dcm"], tags=tags)
    return path


def rewritten(path, syntax, **changes):
    """Write a file anew in another transfer syntax."""
    file = pydicom.dcmread(path)
    for keyword, value in changes.items():
        setattr(file, keyword, value)
    if syntax == RLELossless:
        file.compress(RLELossless)
    file.file_meta.TransferSyntaxUID = syntax
    file.save_as(path, enforce_file_format=True)
    return path


# Types.


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32])
def test_numbers_that_need_no_rescaling_keep_their_type(tmp_path, dtype):
    stored = (ramp() % 120).astype(dtype)
    write_series(tmp_path, stored, modality=MR, rescale=None)
    image = read_image(tmp_path)
    assert image.voxels.dtype == dtype
    assert_array_equal(image.voxels, stored)


def test_hounsfield_units_are_int16_whatever_the_stored_sign(tmp_path):
    stored = ramp().astype(np.uint16)
    write_series(tmp_path, stored, rescale=(1, -1024), tags={"BitsStored": 12, "HighBit": 11})
    image = read_image(tmp_path)
    assert image.voxels.dtype == np.int16
    assert_array_equal(image.voxels, stored.astype(int) - 1024)


def test_whole_numbers_that_int16_cannot_hold_are_int32(tmp_path):
    stored = np.full((12, 10, 9), 60000, dtype=np.uint16)
    stored[0, 0, 0] = 0
    write_series(tmp_path, stored, rescale=(2, -1024))
    image = read_image(tmp_path)
    assert image.voxels.dtype == np.int32
    assert_array_equal(image.voxels, 2 * stored.astype(int) - 1024)


def test_a_fractional_slope_gives_float32(tmp_path):
    write_series(tmp_path, ramp(), rescale=(0.123, -4.5))
    image = read_image(tmp_path)
    assert image.voxels.dtype == np.float32
    assert_allclose(image.voxels, 0.123 * ramp() - 4.5, rtol=1e-7)


def test_numbers_too_fine_for_float32_are_float64(tmp_path):
    stored = ramp().astype(np.int32) + 2**30
    write_series(tmp_path, stored, rescale=(0.5, 0))
    image = read_image(tmp_path)
    assert image.voxels.dtype == np.float64
    assert_array_equal(image.voxels, 0.5 * stored)


def test_each_slice_is_rescaled_by_its_own_line(tmp_path):
    lines = [(0.5 + k, -3 * k) for k in range(12)]
    tags = [{"RescaleSlope": s, "RescaleIntercept": i} for s, i in lines]
    write_series(tmp_path, ramp(), tags=tags.__getitem__)
    expected = [s * plane + i for plane, (s, i) in zip(ramp(), lines, strict=True)]
    assert_allclose(read_image(tmp_path).voxels, expected)


def test_whole_lines_that_differ_stay_whole(tmp_path):
    tags = [{"RescaleSlope": 1 + k % 2, "RescaleIntercept": -100 * k} for k in range(12)]
    write_series(tmp_path, ramp().astype(np.uint16), tags=tags.__getitem__)
    image = read_image(tmp_path)
    k = np.arange(12)[:, None, None]
    assert image.voxels.dtype == np.int16
    assert_array_equal(image.voxels, ramp() * (1 + k % 2) - 100 * k)


def test_slices_of_different_sign_come_together(tmp_path):
    paths = write_series(tmp_path, ramp())
    file = pydicom.dcmread(paths[4])
    put_pixels(file, ramp()[4].astype(np.uint16))
    save(file, paths[4])
    assert_array_equal(read_image(tmp_path).voxels, ramp())


def test_bits_beyond_those_stored_are_cleared_and_noted(tmp_path):
    stored = ramp().astype(np.uint16)
    write_series(tmp_path, stored | 0x4000, tags={"BitsStored": 12, "HighBit": 11})
    image = read_image(tmp_path)
    assert_array_equal(image.voxels, stored)
    assert image.steps[0].startswith("cleared bits beyond BitsStored in 12 slices")


def test_signed_numbers_of_12_bits_keep_their_sign(tmp_path):
    stored = ramp() - 1050
    tags = {"BitsStored": 12, "HighBit": 11}
    write_series(tmp_path, (stored.view(np.uint16) & 0x0FFF).view(np.int16), tags=tags)
    assert_array_equal(read_image(tmp_path).voxels, stored)


def test_numbers_in_the_upper_bits_come_down(tmp_path):
    stored = ramp().astype(np.uint16)
    write_series(tmp_path, stored << 4, tags={"BitsStored": 12, "HighBit": 15})
    assert_array_equal(read_image(tmp_path).voxels, stored)


# Units.


def test_slices_in_several_units_are_refused(tmp_path):
    write_series(tmp_path, ramp(), tags=lambda k: {"RescaleType": "US"} if k == 3 else {})
    error = refused(tmp_path)
    assert error.code == "rescale_differs_units"
    assert "'HU', 'US'" in str(error)


def test_slices_of_which_some_have_no_slope_are_refused(tmp_path):
    write_series(tmp_path, ramp(), tags=lambda k: {"RescaleSlope": None} if k == 3 else {})
    assert refused(tmp_path).code == "rescale_differs_units"


def test_a_ct_without_a_slope_is_noted(tmp_path):
    write_series(tmp_path, ramp(), rescale=None)
    assert read_image(tmp_path).steps == ("no RescaleSlope: stored numbers taken as they are",)


def test_an_mr_without_a_slope_is_nothing_to_note(tmp_path):
    write_series(tmp_path, ramp(), modality=MR, rescale=None)
    assert read_image(tmp_path).steps == ()


def test_a_lookup_table_is_refused(tmp_path):
    write_series(tmp_path, ramp(), tags={"ModalityLUTSequence": [pydicom.Dataset()]})
    assert refused(tmp_path).code == "lookup_table"


def test_dark_for_high_is_noted_and_not_inverted(tmp_path):
    write_series(tmp_path, ramp(), tags={"PhotometricInterpretation": "MONOCHROME1"})
    image = read_image(tmp_path)
    assert_array_equal(image.voxels, ramp())
    assert image.steps == ("MONOCHROME1: values kept as they are, not inverted",)


def test_a_colour_image_is_refused_with_its_channels(tmp_path):
    tags = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"}
    write_series(tmp_path, ramp(), tags=tags)
    error = refused(tmp_path)
    assert error.code == "colour_image"
    assert "3 channels" in str(error)


def test_a_palette_is_a_colour_image(tmp_path):
    write_series(tmp_path, ramp(), tags={"PhotometricInterpretation": "PALETTE COLOR"})
    assert refused(tmp_path).code == "colour_image"


def test_compression_with_loss_is_noted(tmp_path):
    write_series(tmp_path, ramp(), tags={"LossyImageCompression": "01"})
    assert "with loss" in read_image(tmp_path).steps[0]


# Transfer syntaxes.


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, RLELossless]
)
def test_the_transfer_syntax_changes_no_voxel(tmp_path, syntax):
    for path in write_series(tmp_path, ramp()):
        rewritten(path, syntax)
    assert_array_equal(read_image(tmp_path).voxels, ramp())


def test_a_compressed_enhanced_file_is_read_frame_by_frame(tmp_path, rng):
    path = write_multiframe(tmp_path / "e.dcm", ramp(), order=rng.permutation(12))
    assert_array_equal(read_image(rewritten(path, RLELossless)).voxels, ramp())


def test_what_nothing_installed_decodes_is_named_with_its_cure(tmp_path, monkeypatch):
    monkeypatch.setattr(pydicom.pixels.decoders.base.Decoder, "is_available", False)
    for path in write_series(tmp_path, ramp()):
        rewritten(path, JPEGLosslessSV1, PixelData=encapsulate([b"\xff\xd8"]))
    error = refused(tmp_path)
    assert error.code == "compressed_unsupported"
    assert "JPEG Lossless" in str(error)
    assert "pip install pylibjpeg" in str(error)


def test_a_film_is_named_as_what_nobody_decodes(tmp_path):
    for path in write_series(tmp_path, ramp()):
        rewritten(path, MPEG2MPML, PixelData=encapsulate([b"film"]))
    error = refused(tmp_path)
    assert error.code == "compressed_unsupported"
    assert "MPEG2" in str(error)


@pytest.mark.parametrize(
    "frame",
    [
        b"\xff\xd8\xff\xc0\x00\x0b\x08\xea\x60\xea\x60\x01\x01\x11\x00",
        b"\xff\x4f\xff\x51\x00\x29\x00\x00" + 2 * b"\x00\x00\xea\x60" + 8 * b"\x00",
    ],
)
def test_a_compressed_frame_of_another_size_than_its_header_is_not_unpacked(tmp_path, frame):
    path = one(tmp_path)
    syntax = JPEGBaseline8Bit if frame.startswith(b"\xff\xd8") else JPEG2000Lossless
    error = refused(rewritten(path, syntax, PixelData=encapsulate([frame])))
    assert error.code == "unreadable_file"
    assert "frames are of (60000, 60000) pixels, the header says (64, 64)" in str(error)


# Damaged files.

ELSEWHERE = """
import resource, sys
import pydicom, pydicom.pixels
from radpred.errors import InputError
from radpred.io import read_image
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_image(sys.argv[1])
    print("read")
except InputError as error:
    print(error.code)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def read_elsewhere(source):
    """Return how reading in another process ended, and by how many bytes it grew."""
    command = [sys.executable, "-c", ELSEWHERE, str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    ending, grown = done.stdout.split()
    return ending, int(grown) * (1 if sys.platform == "darwin" else 1024)


@pytest.mark.parametrize("part", [0.0, 0.005, 0.02, 0.1, 0.5, 0.999])
def test_a_truncated_file_is_called_unreadable(tmp_path, part):
    path = one(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    assert refused(path).code in ("unreadable_file", "not_a_dicom_image")


def test_a_truncated_file_spoils_the_folder_of_its_series(tmp_path):
    path = write_series(tmp_path, ramp())[4]
    path.write_bytes(path.read_bytes()[:-20])
    error = refused(tmp_path)
    assert error.code == "unreadable_file"
    assert path.name in str(error)


@pytest.mark.parametrize("content", [b"", b"not an image", b"\0" * 128 + b"DICM"])
def test_an_empty_or_foreign_file_with_the_ending_of_dicom_spoils_the_folder(tmp_path, content):
    write_series(tmp_path, ramp())
    (tmp_path / "broken.dcm").write_bytes(content)
    error = refused(tmp_path)
    assert error.code == "unreadable_file"
    assert "broken.dcm" in str(error)


def test_a_damaged_file_beside_a_named_series_is_noted(tmp_path):
    path = write_series(tmp_path, ramp())[0]
    (tmp_path / "broken.dcm").write_bytes(b"")
    (note,) = read_image(path).steps
    assert "broken.dcm" in note


@pytest.mark.parametrize("content", [b"", b"not an image", b"\0" * 128 + b"DICM"])
def test_a_file_that_is_no_dicom_is_called_unreadable(tmp_path, content):
    (tmp_path / "broken.dcm").write_bytes(content)
    assert refused(tmp_path / "broken.dcm").code in ("unreadable_file", "not_a_dicom_image")


@pytest.mark.parametrize("tags", [{"Rows": 63}, {"Columns": 65}, {"Rows": 0}, {"Rows": 65535}])
def test_a_size_that_the_pixels_do_not_have_is_refused(tmp_path, tags):
    assert refused(one(tmp_path, **tags)).code == "unreadable_file"


def test_a_byte_or_two_of_padding_is_no_matter(tmp_path):
    path = one(tmp_path)
    file = pydicom.dcmread(path)
    file.PixelData += b"\0\0"
    file.save_as(path)
    assert_array_equal(read_image(path).voxels, ramp(ONE))


@pytest.mark.parametrize(
    "tags", [{"BitsAllocated": 12}, {"BitsStored": 17}, {"HighBit": 3}, {"BitsAllocated": 64}]
)
def test_bits_that_cannot_be_are_refused(tmp_path, tags):
    assert refused(one(tmp_path, **tags)).code == "unreadable_file"


def test_a_file_without_pixels_is_refused(tmp_path):
    error = refused(one(tmp_path, PixelData=None))
    assert error.code == "unreadable_file"
    assert "PixelData" in str(error)


def test_rle_that_ends_too_early_is_called_unreadable(tmp_path):
    path = rewritten(one(tmp_path), RLELossless)
    file = pydicom.dcmread(path)
    file.PixelData = encapsulate([b"\1\0\0\0\x40\0\0\0" + b"\0" * 56 + b"\5\5"])
    file.save_as(path)
    assert refused(path).code == "unreadable_file"


@pytest.mark.skipif(sys.platform == "win32", reason="limits are of Unix")
@pytest.mark.parametrize("is_compressed", [False, True])
def test_huge_declared_sizes_take_no_memory(tmp_path, is_compressed):
    path = one(tmp_path)
    if is_compressed:
        rewritten(path, RLELossless)
    file = pydicom.dcmread(path)
    file.Rows = file.Columns = 65535
    file.save_as(path)
    found, grown = read_elsewhere(path)
    assert found == "unreadable_file"
    assert grown < 30e6


def test_a_deflated_file_that_unpacks_without_end_is_refused(tmp_path):
    path = one(tmp_path, ImageComments="0" * 10)
    file = pydicom.dcmread(path)
    file.add_new(0x00091010, "OB", b"\0" * (1 << 23))
    file.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    file.save_as(path, enforce_file_format=True)
    error = refused(path)
    assert error.code == "unreadable_file"
    assert "unpacks to more" in str(error)


@pytest.mark.parametrize("seed", range(40))
def test_a_file_with_bytes_changed_at_random_is_read_or_refused(tmp_path, seed):
    rng = np.random.default_rng(seed)
    path = one(tmp_path) if seed % 2 else write_multiframe(tmp_path / "e.dcm", ramp())
    content = bytearray(path.read_bytes())
    for place in rng.integers(0, min(len(content), 3000), size=6):
        content[place] = rng.integers(256)
    path.write_bytes(content)
    try:
        read_image(path)
    except InputError as error:
        assert error.code != "bad_input"


@pytest.mark.skipif(sys.platform == "win32", reason="limits are of Unix")
def test_a_series_takes_little_more_memory_than_its_voxels(tmp_path):
    grid = Grid(shape=(60, 256, 256), spacing=(1.0, 0.7, 0.7))
    write_series(tmp_path, ramp(grid).astype(np.uint16), grid=grid, rescale=(1, -1024))
    found, grown = read_elsewhere(tmp_path)
    assert found == "read"
    assert grown < 2.5 * 60 * 256 * 256 * 2 + 20e6
