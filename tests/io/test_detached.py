"""Headers whose voxels lie in another file: one plain file beside them, of the promised size."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.testing import assert_array_equal

from radpred.errors import InputError
from radpred.io import read_image, read_image_header

SHAPE = (3, 8, 7)
VOXELS = np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)
# The ending that is written, whether packed, and what the voxels' file is called.
FORMS = {
    "mhd": (".mhd", False, "i.raw"),
    "mhd, packed": (".mhd", True, "i.zraw"),
    "nhdr": (".nhdr", False, "i.raw"),
    "nhdr, packed": (".nhdr", True, "i.raw.gz"),
    "hdr": (".hdr", False, "i.img"),
    "img": (".img", False, "i.img"),
    "img, packed": (".img.gz", False, "i.img.gz"),
}


def written(folder: Path, form: str) -> tuple[Path, Path]:
    """Write an image in two files; return the one to name and the one with the voxels."""
    ending, is_packed, voxels = FORMS[form]
    path = folder / f"i{ending}"
    sitk.WriteImage(sitk.GetImageFromArray(VOXELS), str(path), is_packed)
    return path, folder / voxels


def refused(path: Path) -> InputError:
    """Return the error on a file that neither reader takes."""
    with pytest.raises(InputError) as caught:
        read_image_header(path)
    with pytest.raises(InputError) as again:
        read_image(path)
    assert str(again.value) == str(caught.value)
    return caught.value


def swap(path: Path, old: bytes, new: bytes) -> None:
    """Change a piece of a header."""
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


@pytest.mark.parametrize("form", FORMS)
def test_an_image_in_two_files_is_read(tmp_path, form):
    path, _ = written(tmp_path, form)
    assert_array_equal(read_image(path).voxels, VOXELS)


@pytest.mark.parametrize("form", FORMS)
def test_voxels_cut_short_are_refused(tmp_path, form):
    path, voxels = written(tmp_path, form)
    voxels.write_bytes(voxels.read_bytes()[: voxels.stat().st_size // 2])
    with pytest.raises(InputError, match="not readable") as caught:
        read_image(path)
    assert caught.value.code == "unreadable_file"


@pytest.mark.parametrize("form", FORMS)
def test_a_missing_file_of_voxels_is_refused(tmp_path, form):
    path, voxels = written(tmp_path, form)
    if path != voxels:
        voxels.unlink()
        assert refused(path).code == "unreadable_file"


@pytest.mark.parametrize("form", ["mhd", "mhd, packed", "nhdr", "nhdr, packed"])
def test_a_header_that_promises_a_terabyte_is_refused(tmp_path, form):
    path, _ = written(tmp_path, form)
    key = b"DimSize = " if form.startswith("mhd") else b"sizes: "
    swap(path, key + b"7 8 3", key + b"9999 9999 9999")
    assert refused(path).code == "unreadable_file"


@pytest.mark.parametrize("form", ["mhd", "nhdr"])
def test_one_slice_more_than_the_file_holds_is_refused(tmp_path, form):
    path, _ = written(tmp_path, form)
    key = b"DimSize = " if form.startswith("mhd") else b"sizes: "
    swap(path, key + b"7 8 3", key + b"7 8 4")
    assert "promises 448 bytes of voxels, the file of them holds 336" in str(refused(path))


@pytest.mark.parametrize("form", ["hdr", "img", "img, packed"])
def test_a_pair_that_promises_a_terabyte_is_refused(tmp_path, form):
    path, _ = written(tmp_path, form)
    header = tmp_path / ("i.hdr.gz" if form.endswith("packed") else "i.hdr")
    content = bytearray(pair_header(header))
    struct.pack_into("<8h", content, 40, 3, 9999, 9999, 9999, 1, 1, 1, 1)
    put_header(header, bytes(content))
    assert refused(path).code == "unreadable_file"


def pair_header(path: Path) -> bytes:
    """Return the header of a pair, unpacked."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def put_header(path: Path, content: bytes) -> None:
    """Write the header of a pair."""
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def test_a_half_that_is_there_twice_is_refused(tmp_path):
    path, _ = written(tmp_path, "hdr")
    (tmp_path / "i.img.gz").write_bytes(b"")
    assert "found i.hdr, i.img, i.img.gz" in str(refused(path))


def test_a_pair_with_the_header_of_a_single_file_is_refused(tmp_path):
    path, _ = written(tmp_path, "hdr")
    swap(path, b"ni1\0", b"n+1\0")
    assert "follow in the same file" in str(refused(path))


ELSEWHERE = ("../i.raw", "sub/i.raw", "i%d.raw 1 3 1", "LIST", ".", "..", "-", "x" * 300)


@pytest.mark.parametrize("form", ["mhd", "nhdr"])
@pytest.mark.parametrize("name", [*ELSEWHERE, "{folder}/i.raw", "/dev/zero", "sub\\i.raw"])
def test_voxels_elsewhere_than_beside_their_header_are_refused(tmp_path, form, name):
    folder = tmp_path / "here"
    folder.mkdir()
    path, voxels = written(folder, form)
    for other in (tmp_path / "i.raw", folder / "sub" / "i.raw", folder / "LIST", folder / "i1.raw"):
        other.parent.mkdir(exist_ok=True)
        other.write_bytes(voxels.read_bytes())
    swap(path, b"i.raw", name.format(folder=folder).encode())
    assert "which is no file beside it" in str(refused(path))


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_ends_of_lines_hide_no_file_elsewhere(tmp_path, end):
    path, _ = written(tmp_path, "nhdr")
    swap(path, b"i.raw", b"/dev/zero")
    swap(path, b"\n", end)
    assert refused(path).code == "unreadable_file"


@pytest.mark.parametrize("key", [b"Data File: ", b"datafile: ", b"DATA FILE: "])
def test_capitals_hide_no_file_elsewhere(tmp_path, key):
    path, _ = written(tmp_path, "nhdr")
    swap(path, b"data file: i.raw", key + b"../i.raw")
    assert "no file beside it" in str(refused(path))


def test_a_long_header_hides_no_file_elsewhere(tmp_path):
    path, _ = written(tmp_path, "nhdr")
    swap(path, b"data file: ", b"# more\n" * 200_000 + b"data file: ../")
    assert refused(path).code == "unreadable_file"


@pytest.mark.parametrize("line", [b"Comment = ElementDataFile = LOCAL\n", b"ElementDataFile:x\n"])
def test_a_comment_hides_no_file_elsewhere(tmp_path, line):
    path, _ = written(tmp_path, "mhd")
    swap(path, b"ElementDataFile = ", line + b"ElementDataFile = ../")
    assert refused(path).code == "unreadable_file"


def test_packed_voxels_beside_their_header_end_where_they_say(tmp_path):
    path, voxels = written(tmp_path, "mhd, packed")
    voxels.write_bytes(voxels.read_bytes()[:-1] + b"\0")
    with pytest.raises(InputError, match="packed voxels are not whole"):
        read_image(path)


@pytest.mark.parametrize("ending", [".h5", ".mnc", ".spr"])
def test_a_format_whose_voxels_may_lie_anywhere_is_refused(tmp_path, ending):
    path = tmp_path / f"i{ending}"
    if ending == ".spr":
        path.write_text("numDim: 3\ndim: 7 8 3\ndataType: WORD\n", encoding="ascii")
    else:
        sitk.WriteImage(sitk.GetImageFromArray(VOXELS), str(path))
    assert refused(path).code == "unknown_file_type"
