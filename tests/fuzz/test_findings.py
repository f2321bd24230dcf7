"""What hunts have found, one handmade file a fact: each was a crash, a hang or a bare traceback."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from formats import GRID

from radpred.config import extraction_settings, read_study
from radpred.errors import InputError, SettingsError
from radpred.image import Image
from radpred.io import read_image, read_image_header, write_image

META = {
    "ObjectType": "Image",
    "NDims": "3",
    "BinaryData": "True",
    "CompressedData": "False",
    "TransformMatrix": "1 0 0 0 1 0 0 0 1",
    "Offset": "0 0 0",
    "ElementSpacing": "1 1 1",
    "DimSize": "2 2 2",
    "ElementType": "MET_UCHAR",
    "ElementDataFile": "LOCAL",
}
NRRD = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 2 2 2\nencoding: raw\n"
NPY = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 2), }"


def refused(path, code="unreadable_file", readers=(read_image_header, read_image)):
    """Check that readers refuse a file for one reason; return their words."""
    for read in readers:
        with pytest.raises(InputError) as caught:
            read(path)
        assert caught.value.code == code
    return str(caught.value)


def meta(folder, *, voxels=bytes(8), **changed):
    """Write a MetaImage file with some lines changed."""
    lines = [f"{key} = {value}\n" for key, value in {**META, **changed}.items()]
    path = folder / "i.mha"
    path.write_bytes("".join(lines).encode("latin-1") + voxels)
    return path


def nrrd(folder, header=NRRD):
    """Write an NRRD file."""
    path = folder / "i.nrrd"
    path.write_bytes(header.encode() + b"\n" + bytes(8))
    return path


def nifti(folder, *, kind=np.float32, name="i.nii", at=0, put=b""):
    """Write a NIfTI file with some bytes of its header changed."""
    path = folder / name
    write_image(Image(voxels=np.ones(GRID.shape, kind), grid=GRID), path)
    packed = name.endswith(".gz")
    content = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    content = content[:at] + put + content[at + len(put) :]
    path.write_bytes(gzip.compress(content) if packed else content)
    return path


def npy(header=NPY, voxels=bytes(32)):
    """Return a NumPy file with any header."""
    head = header.encode("latin-1") + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + voxels


def npz(folder, member, **options):
    """Write an archive of one array."""
    path = folder / "i.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("image.npy", member, **options)
    return path


def test_handmade_files_are_read_as_long_as_nothing_is_wrong(tmp_path):
    (tmp_path / "i.npy").write_bytes(npy())
    made = (meta(tmp_path), nrrd(tmp_path), nifti(tmp_path), npz(tmp_path, npy()))
    for path in (*made, tmp_path / "i.npy"):
        assert read_image(path).voxels.size


# ITK


def test_packed_voxels_that_end_too_early_do_not_hang_itk(tmp_path):
    packed = zlib.compress(bytes(8))
    path = meta(tmp_path, CompressedData="True", voxels=packed[:-5])
    assert "packed voxels are not whole" in refused(path, readers=[read_image])


def test_packed_voxels_of_another_length_than_told_do_not_hang_itk(tmp_path):
    told = {"CompressedData": "True", "CompressedDataSize": "99"}
    path = meta(tmp_path, voxels=zlib.compress(bytes(8)), **told)
    assert "not whole" in refused(path, readers=[read_image])


def test_packed_voxels_without_end_are_not_unpacked(tmp_path):
    path = meta(tmp_path, CompressedData="True", voxels=zlib.compress(bytes(10_000_000)))
    assert "not whole" in refused(path, readers=[read_image])


@pytest.mark.parametrize("number", ["1e30", "nan", "x"])
def test_axes_of_huge_length_do_not_hang_itk(tmp_path, number):
    path = meta(tmp_path, TransformMatrix=f"{number} 0 0 0 1 0 0 0 1")
    assert "not readable" in refused(path)


@pytest.mark.parametrize("n", ["-1", "0", "10", "99999999999", "3 3", ""])
def test_a_number_of_axes_that_cannot_be_does_not_crash_itk(tmp_path, n):
    refused(meta(tmp_path, NDims=n))


@pytest.mark.parametrize("size", ["2 2", "2 2 -2", "2 2 x", "2 2 2 2"])
def test_a_size_that_is_none_does_not_crash_itk(tmp_path, size):
    refused(meta(tmp_path, DimSize=size))


def test_a_line_without_end_does_not_crash_itk(tmp_path):
    refused(meta(tmp_path, ElementType="x" * 5000))
    assert "too long" in refused(nrrd(tmp_path, NRRD + f"space: {'x' * 5000}\n"))


def test_a_line_without_end_that_looks_like_free_text_does_not_crash_itk(tmp_path):
    assert "too long" in refused(nrrd(tmp_path, NRRD + f"space: {'x' * 5000}:=\n"))


def test_letters_of_no_alphabet_do_not_crash_itk(tmp_path):
    refused(meta(tmp_path, ElementType="MET_\xff\x01"))


@pytest.mark.parametrize("name", ["i%03d.raw 1 9 1", "LIST", "/dev/zero", "../x.raw"])
def test_patterns_lists_and_paths_in_the_place_of_voxels_are_not_followed(tmp_path, name):
    assert "no file beside it" in refused(meta(tmp_path, ElementDataFile=name))
    assert "no file beside it" in refused(nrrd(tmp_path, f"{NRRD}data file: {name}\n"))


@pytest.mark.parametrize("size", ["99999 99999 99999", "2 2 999999999"])
def test_a_header_that_promises_terabytes_takes_no_memory(tmp_path, size):
    assert "promises" in refused(meta(tmp_path, DimSize=size))
    assert "promises" in refused(nrrd(tmp_path, NRRD.replace("2 2 2", size)))


def test_an_axis_without_voxels_is_refused(tmp_path):
    assert "no voxels" in refused(meta(tmp_path, DimSize="2 0 2"))


@pytest.mark.parametrize("name", ["i.nii", "i.nii.gz"])
def test_a_nifti_header_that_promises_more_than_there_is_takes_no_memory(tmp_path, name):
    axes = struct.pack("<8h", 3, 9999, 9999, 999, 1, 1, 1, 1)
    assert "wanted" in refused(nifti(tmp_path, name=name, at=40, put=axes))


def test_a_packed_nifti_file_whose_last_word_lies_takes_no_memory(tmp_path):
    path = nifti(tmp_path, name="i.nii.gz", at=40, put=struct.pack("<4h", 3, 9999, 9999, 999))
    said = (352 + 9999 * 9999 * 999 * 4) % 2**32
    path.write_bytes(path.read_bytes()[:-4] + struct.pack("<I", said))
    assert "not readable" in refused(path)


def test_voxels_that_begin_beyond_the_end_take_no_memory(tmp_path):
    path = nifti(tmp_path, at=108, put=struct.pack("<f", 1e15))
    assert "wanted" in refused(path)


def test_axes_off_right_angles_in_a_header_of_another_size_are_no_traceback(tmp_path):
    path = nifti(tmp_path, name="i.nii.gz", at=252, put=struct.pack("<2h", 0, 1))
    content = bytearray(gzip.decompress(path.read_bytes()))
    struct.pack_into("<12f", content, 280, *(9, 9, 0, 0, 9, 9, 0, 0, 0, 0, 1, 0))
    struct.pack_into("<i", content, 0, 0)
    path.write_bytes(gzip.compress(content))
    refused(path)


# NumPy


@pytest.mark.parametrize(
    "header",
    [
        NPY.replace("(2, 2, 2)", "(99999, 99999, 99999)"),
        NPY.replace("(2, 2, 2)", "(2, 2, -2)"),
        NPY.replace("(2, 2, 2)", "(2, 2, 1e5)"),
        NPY.replace("<f4", "<f999999999999999999999"),
        NPY.replace("<f4", "|O"),
        NPY.replace("'descr'", "'other'"),
        NPY.replace("}", ""),
        "(" * 3000,
        "\0",
        "'''",
    ],
)
def test_a_header_of_numpy_s_that_is_none_is_refused(tmp_path, header):
    (tmp_path / "i.npy").write_bytes(npy(header))
    refused(tmp_path / "i.npy")
    refused(npz(tmp_path, npy(header)))


def test_an_archive_packed_in_a_way_that_nobody_knows_is_refused(tmp_path):
    path = npz(tmp_path, npy())
    content = path.read_bytes()
    place = content.index(b"PK\x01\x02")
    path.write_bytes(content[: place + 10] + b"\x63\0" + content[place + 12 :])
    refused(path)


def test_an_archive_that_asks_for_a_password_is_refused(tmp_path):
    path = npz(tmp_path, npy())
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    content[6] |= 1
    path.write_bytes(content)
    refused(path)


def test_an_archive_cut_short_is_refused(tmp_path):
    path = npz(tmp_path, npy())
    path.write_bytes(path.read_bytes()[:-30])
    refused(path)


def test_an_array_of_texts_is_no_image(tmp_path):
    held = io.BytesIO()
    np.save(held, np.array(["a", "b"]))
    refused(npz(tmp_path, held.getvalue()), code="not_scalar")


# YAML

DEEP = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize("read", [read_study, extraction_settings])
@pytest.mark.parametrize(
    "content",
    [
        DEEP,
        "name: &b [*b]\n",
        "name: &b {c: *b}\n",
        "name: " + "[" * 3000,
        "- " * 3000 + "x\n",
        "name: 2024-13-45\n",
        f"name: {'9' * 5000}\n",
        "name: " + "x" * 2_000_000,
        "? [name]\n: 1\n",
        "name: !!python/object/apply:os.system [id]\n",
        "3: x\n",
        "null: x\n",
        "setting: {}\nnull: {}\n",
        "setting: {}\nfeatureClass: {glcm: 3}\n",
        "setting: {}\nimageType: [Original]\n",
        "name: \0\n",
        "[1, 2]\n",
    ],
)
def test_settings_that_are_none_are_refused(tmp_path, read, content):
    path = tmp_path / "s.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError):
        read(path)


def test_a_file_of_settings_in_another_alphabet_is_refused(tmp_path):
    (tmp_path / "s.yaml").write_bytes("näme: x".encode("latin-1"))
    with pytest.raises(SettingsError, match="UTF-8"):
        read_study(tmp_path / "s.yaml")
