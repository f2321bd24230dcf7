"""A header says of a file what reading it would, but for its voxels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from scipy.spatial.transform import Rotation

from radpred.errors import GeometryError, InputError
from radpred.image import Grid, Image, Mask
from radpred.io import (
    place_on,
    read_image,
    read_image_header,
    read_labels,
    read_mask_header,
    refuse_apart,
    write_image,
)

OBLIQUE = tuple(Rotation.from_euler("xyz", [20, -35, 10], degrees=True).as_matrix().ravel())
GRID = Grid(shape=(3, 4, 5), spacing=(5.0, 0.7, 0.9), origin=(-11.0, 7.5, 99.0), direction=OBLIQUE)


def ramp(grid=GRID):
    voxels = np.arange(np.prod(grid.shape)).reshape(grid.shape).astype(np.int16)
    return Image(voxels=voxels, grid=grid)


def written(path, kind):
    """Write a volume of a kind; return its file."""
    if kind == "picture":
        sitk.WriteImage(sitk.GetImageFromArray(np.eye(6, 8, dtype=np.uint8)), str(path / "a.png"))
        return path / "a.png"
    if kind == "two_axes":
        sitk.WriteImage(sitk.GetImageFromArray(np.eye(6, 8, dtype=np.float32)), str(path / "a.mha"))
        return path / "a.mha"
    if kind == "four_axes":
        volume = sitk.JoinSeries([sitk.GetImageFromArray(np.ones((3, 4, 5), np.float32))])
        sitk.WriteImage(volume, str(path / "a.nii.gz"))
        return path / "a.nii.gz"
    if kind == "array":
        np.savez(path / "a.npz", image=np.ones((3, 4, 5)), spacing=[2.0, 1.0, 1.0])
        return path / "a.npz"
    if kind == "flat":
        write_image(ramp(replace(GRID, shape=(6, 1, 5))), path / "a.nrrd")
        return path / "a.nrrd"
    write_image(ramp(), path / f"a{kind}")
    return path / f"a{kind}"


@pytest.mark.parametrize(
    "kind",
    [".nii", ".nii.gz", ".nrrd", ".mha", "picture", "two_axes", "four_axes", "array", "flat"],
)
def test_a_header_gives_the_grid_that_reading_gives(kind, tmp_path):
    path = written(tmp_path, kind)
    image, header = read_image(path), read_image_header(path)
    assert (header.grid, header.grid.is_placed) == (image.grid, image.grid.is_placed)


@pytest.mark.parametrize("kind", [".nii.gz", ".nrrd", "flat"])
def test_a_mask_s_header_gives_the_grid_of_its_labels(kind, tmp_path):
    path = written(tmp_path, kind)
    assert read_mask_header(path).grid == read_labels(path).grid


def test_a_header_is_read_without_a_voxel(tmp_path, monkeypatch):
    path = written(tmp_path, ".nii.gz")

    def refuse(*_):
        raise AssertionError

    monkeypatch.setattr(sitk, "ReadImage", refuse)
    assert read_image_header(path).grid.shape == GRID.shape


def damaged(path, kind):
    """Write a file that cannot be read as a volume; return it."""
    if kind == "missing":
        return path / "nowhere.nii"
    if kind == "short":
        whole = written(path, ".nii").read_bytes()
        (path / "short.nii").write_bytes(whole[:-7])
        return path / "short.nii"
    if kind == "text":
        (path / "text.nii.gz").write_bytes(b"not an image")
        return path / "text.nii.gz"
    shape = {"colour": (4, 5, 3), "complex": (2, 4, 5), "series": (2, 3, 4, 5)}[kind]
    voxels = np.ones(shape, dtype=np.complex64 if kind == "complex" else np.uint8)
    volume = sitk.GetImageFromArray(voxels, isVector=kind == "colour")
    sitk.WriteImage(volume, str(path / "a.mha"))
    return path / "a.mha"


@pytest.mark.parametrize("kind", ["missing", "short", "text", "colour", "complex", "series"])
def test_a_header_tells_what_is_wrong_as_reading_does(kind, tmp_path):
    path = damaged(tmp_path, kind)
    with pytest.raises(InputError) as of_reading:
        read_image(path)
    with pytest.raises(InputError) as of_header:
        read_image_header(path)
    assert of_header.value.code == of_reading.value.code
    assert str(of_header.value) == str(of_reading.value)


def test_a_chosen_channel_of_a_colour_image_is_no_error(tmp_path):
    path = damaged(tmp_path, "colour")
    assert read_image_header(path, channel=2).grid == read_image(path, channel=2).grid


def test_the_grid_of_a_dicom_series_is_read_without_its_pixels(shared_data, monkeypatch):
    source = shared_data / "dicom" / "STS_019" / "CT" / "image"
    image = read_image(source)
    monkeypatch.setattr("radpred.io.dicom.scans.series.read_voxels", None)
    assert read_image_header(source).grid == image.grid


MOVES = {
    "nowhere": {},
    "a hair": {"origin": (0.001, 0, 0)},
    "less than half a voxel": {"origin": (0.4, 0, 0)},
    "more than half a voxel": {"origin": (0.6, 0, 0)},
    "30 mm": {"origin": (30.0, 0, 0)},
    "a crop": {"shape": (4, 5, 6), "origin": (2.0, 2.0, 2.0)},
    "a crop that ends outside": {"shape": (4, 5, 6), "origin": (7.0, 2.0, 2.0)},
    "a crop beside the image": {"shape": (4, 5, 6), "origin": (60.0, 2.0, 2.0)},
    "a crop just beside the image": {"shape": (4, 5, 6), "origin": (10.0, 2.0, 2.0)},
    "another step": {"shape": (4, 5, 6), "spacing": (2.0, 2.0, 2.0)},
    "another step beside": {"shape": (4, 5, 6), "spacing": (2.0, 2.0, 2.0), "origin": (0, -80, 0)},
    "without a place": {"is_placed": False},
    "without a place, another shape": {"is_placed": False, "shape": (4, 5, 6)},
}


@pytest.mark.filterwarnings("ignore::radpred.errors.RadpredWarning")
@pytest.mark.parametrize("move", MOVES)
def test_grids_tell_of_a_full_mask_what_placing_it_tells(move):
    grid = Grid(shape=(8, 9, 10))
    own = replace(grid, **MOVES[move])
    mask = Mask(voxels=np.ones(own.shape, dtype=bool), grid=own, name="mask")
    codes = []
    for attempt in (lambda: place_on(mask, grid), lambda: refuse_apart(own, grid)):
        try:
            attempt()
            codes.append("")
        except GeometryError as error:
            codes.append((error.code, str(error)))
    assert codes[0] == codes[1]
