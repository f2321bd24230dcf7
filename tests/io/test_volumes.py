"""Files come in as they are and go out whole."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.transform import Rotation

from radpred.errors import InputError
from radpred.image import AxisOrder, Grid, Image, Mask
from radpred.io import from_sitk, read_image, read_mask, to_sitk, write_image, write_mask
from radpred.io import volumes as volumes_module

OBLIQUE = tuple(Rotation.from_euler("xyz", [20, -35, 10], degrees=True).as_matrix().ravel())
GRID = Grid(shape=(3, 4, 5), spacing=(5.0, 0.7, 0.9), origin=(-11.0, 7.5, 99.0), direction=OBLIQUE)


def ramp(dtype=np.int16, grid=GRID):
    return Image(voxels=np.arange(np.prod(grid.shape)).reshape(grid.shape).astype(dtype), grid=grid)


@st.composite
def grids(draw):
    lengths = st.floats(0.05, 20.0)
    places = st.floats(-1e4, 1e4)
    angles = [draw(st.floats(-180, 180)) for _ in range(3)]
    return Grid(
        shape=tuple(draw(st.integers(1, 5)) for _ in range(3)),
        spacing=tuple(draw(lengths) for _ in range(3)),
        origin=tuple(draw(places) for _ in range(3)),
        direction=tuple(Rotation.from_euler("xyz", angles, degrees=True).as_matrix().ravel()),
    )


@given(grid=grids())
def test_any_grid_survives_simpleitk_exactly(grid):
    image = ramp(np.float32, grid)
    back = from_sitk(to_sitk(image), name="original")
    assert back.grid == grid
    assert_array_equal(back.voxels, image.voxels)


@given(grid=grids(), data=st.data())
def test_grid_and_simpleitk_agree_where_a_voxel_lies(grid, data):
    z, y, x = (data.draw(st.integers(0, n - 1)) for n in grid.shape)
    there = to_sitk(ramp(np.float32, grid)).TransformIndexToPhysicalPoint((x, y, z))
    assert_allclose(grid.to_world((z, y, x)), there, atol=1e-8)


@given(grid=grids(), data=st.data())
def test_an_axis_order_keeps_every_voxel_where_it_was(grid, data):
    order = AxisOrder.patient(grid)
    voxels = ramp(np.int32, grid).voxels
    turned = order.applied(voxels)
    index = tuple(data.draw(st.integers(0, n - 1)) for n in turned.shape)
    stored = np.argwhere(voxels == turned[index])[0]
    assert_allclose(order.grid(grid).to_world(index), grid.to_world(stored), atol=1e-8)
    assert_array_equal(order.undone(turned), voxels)


@pytest.mark.parametrize("ending", [".nii", ".nii.gz", ".nrrd", ".mha"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_a_written_image_reads_back_with_its_type_and_place(tmp_path, ending, dtype):
    image = ramp(dtype)
    write_image(image, tmp_path / f"image{ending}")
    back = read_image(tmp_path / f"image{ending}")
    assert back.voxels.dtype == dtype
    assert back.name == "original"
    assert_array_equal(back.voxels, image.voxels)
    corners = np.array([[0, 0, 0], [2, 3, 4]])
    assert_allclose(back.grid.to_world(corners), GRID.to_world(corners), atol=1e-4)


@pytest.mark.parametrize("ending", [".nii.gz", ".nrrd"])
def test_a_written_mask_reads_back_without_a_note(tmp_path, ending, rng):
    mask = Mask(voxels=rng.random(GRID.shape) > 0.5, grid=GRID)
    write_mask(mask, tmp_path / f"mask{ending}")
    back = read_mask(tmp_path / f"mask{ending}")
    assert back.voxels.dtype == bool
    assert_array_equal(back.voxels, mask.voxels)
    assert back.steps == ()


def test_a_killed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    write_image(ramp(), tmp_path / "image.nii.gz")
    old = (tmp_path / "image.nii.gz").read_bytes()

    def half(volume, path, compress):
        Path(path).write_bytes(old[:50])
        raise KeyboardInterrupt

    monkeypatch.setattr(volumes_module.sitk, "WriteImage", half)
    with pytest.raises(KeyboardInterrupt):
        write_image(ramp(np.float32), tmp_path / "image.nii.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["image.nii.gz"]
    assert (tmp_path / "image.nii.gz").read_bytes() == old


@pytest.mark.parametrize("ending", [".mhd", ".txt", ""])
def test_an_ending_that_cannot_be_written_whole_is_refused(tmp_path, ending):
    with pytest.raises(InputError, match="rename the file") as caught:
        write_image(ramp(), tmp_path / f"image{ending}")
    assert caught.value.code == "unknown_file_type"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"no-such\.nii") as caught:
        read_image(tmp_path / "no-such.nii")
    assert caught.value.code == "missing_file"


def test_a_folder_is_called_a_folder(tmp_path):
    with pytest.raises(InputError, match="a folder"):
        read_image(tmp_path)


def test_a_file_that_is_no_image_is_called_unreadable(tmp_path):
    (tmp_path / "image.nii.gz").write_bytes(b"not an image")
    with pytest.raises(InputError, match="not readable") as caught:
        read_image(tmp_path / "image.nii.gz")
    assert caught.value.code == "unreadable_file"


@pytest.mark.parametrize("ending", [".nii", ".nii.gz", ".nrrd", ".mha"])
@pytest.mark.parametrize("part", [0.001, 0.02, 0.5, 0.999])
def test_a_truncated_file_is_called_unreadable(tmp_path, rng, ending, part):
    path = tmp_path / f"image{ending}"
    write_image(Image(voxels=rng.normal(size=(20, 20, 20)), grid=Grid(shape=(20, 20, 20))), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(InputError, match="not readable") as caught:
        read_image(path)
    assert caught.value.code == "unreadable_file"


def test_a_gzip_file_of_several_members_is_whole(tmp_path):
    write_image(ramp(), tmp_path / "image.nii")
    raw = (tmp_path / "image.nii").read_bytes()
    (tmp_path / "image.nii.gz").write_bytes(gzip.compress(raw[:400]) + gzip.compress(raw[400:]))
    assert_array_equal(read_image(tmp_path / "image.nii.gz").voxels, ramp().voxels)


def test_a_colour_image_says_how_many_channels(tmp_path):
    colours = sitk.GetImageFromArray(np.zeros((3, 24, 28, 3), np.uint8), isVector=True)
    sitk.WriteImage(colours, str(tmp_path / "colour.nrrd"))
    with pytest.raises(InputError, match="3 channels") as caught:
        read_image(tmp_path / "colour.nrrd")
    assert caught.value.code == "colour_image"


def test_four_axes_are_refused(tmp_path):
    sitk.WriteImage(sitk.Image([6, 5, 4, 2], sitk.sitkFloat32), str(tmp_path / "image.nii"))
    with pytest.raises(InputError, match="4 axes") as caught:
        read_image(tmp_path / "image.nii")
    assert caught.value.code == "not_3d"


def test_a_fourth_axis_of_one_volume_is_no_matter():
    assert from_sitk(sitk.Image([6, 5, 4, 1], sitk.sitkInt16), name="pet").grid.shape == (4, 5, 6)


def test_axes_far_from_right_angles_are_called_sheared(tmp_path):
    write_image(ramp(), tmp_path / "image.nii")
    header = bytearray((tmp_path / "image.nii").read_bytes())
    struct.pack_into("<hh", header, 252, 0, 1)  # no qform, sform in scanner space
    struct.pack_into("<12f", header, 280, -0.9, 0.06, 0, 0, 0, -0.7, 0, 0, 0, 0, 5, 0)
    (tmp_path / "image.nii").write_bytes(header)
    with pytest.raises(InputError, match="right angles") as caught:
        read_image(tmp_path / "image.nii")
    assert caught.value.code == "sheared_axes"
