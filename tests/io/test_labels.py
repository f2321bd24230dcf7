"""One label of a label image: found, named, or refused with a reason."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK
from numpy.testing import assert_array_equal

from radpred.datasets.phantom import cuboid, noise_box
from radpred.errors import InputError, RegionError
from radpred.image import Grid, Image
from radpred.io import mask_of_label, read_mask, to_sitk, write_image

P0 = cuboid((20, 24, 28), start=(6, 7, 8), stop=(14, 16, 19))


def labels(values, grid=P0.grid):
    return Image(voxels=np.asarray(values), grid=grid, name="labels.nii")


@pytest.mark.parametrize(
    ("dtype", "value"), [(np.uint8, 255), (np.int16, 2), (np.float32, 1 / 255), (np.float64, -1)]
)
def test_the_only_foreground_value_is_taken_and_recorded(tmp_path, dtype, value):
    write_image(labels((P0.voxels * value).astype(dtype)), tmp_path / "mask.nii.gz")
    mask = read_mask(tmp_path / "mask.nii.gz")
    assert_array_equal(mask.voxels, P0.voxels)
    assert mask.steps == (f"took the only foreground value, {np.dtype(dtype).type(value):.6g}",)


def test_the_value_one_needs_no_note():
    assert mask_of_label(labels(P0.voxels.astype(np.uint8))).steps == ()


def test_a_mask_of_ones_is_the_whole_volume():
    assert mask_of_label(labels(np.ones(P0.grid.shape, np.uint8))).voxels.all()


def test_several_labels_are_listed_with_their_voxels():
    values = P0.voxels.astype(np.int16)
    values[0, 0, :3] = 4
    with pytest.raises(InputError, match=r"1 \(792 voxels\), 4 \(3 voxels\).*mask_label") as caught:
        mask_of_label(labels(values))
    assert caught.value.code == "several_labels"


def test_a_named_label_is_taken_alone():
    values = P0.voxels.astype(np.int16)
    values[0, 0, :3] = 4
    assert mask_of_label(labels(values), label=4).n_voxels == 3


def test_a_named_label_that_is_absent_gets_the_list_of_those_present():
    with pytest.raises(RegionError, match=r"label 7 is not there, found 1 \(792") as caught:
        mask_of_label(labels(P0.voxels.astype(np.uint8)), label=7)
    assert caught.value.code == "label_missing"


def test_a_named_label_is_found_in_a_map_of_a_hundred_organs(rng):
    organs = rng.integers(0, 118, P0.grid.shape).astype(np.uint8)
    assert mask_of_label(labels(organs), label=117).n_voxels == (organs == 117).sum()


def test_an_empty_mask_is_a_region_error():
    with pytest.raises(RegionError) as caught:
        mask_of_label(labels(np.zeros(P0.grid.shape, np.uint8)))
    assert caught.value.code == "empty_mask"


@pytest.mark.parametrize("label", ["auto", 1])
@pytest.mark.parametrize("is_masked", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.int16])
def test_an_image_in_the_place_of_a_mask_is_recognised(rng, label, is_masked, dtype):
    noise = noise_box(P0.grid.shape, rng=rng, sd=300.0).voxels
    values = np.where(P0.voxels, noise, 0) if is_masked else noise
    with pytest.raises(InputError, match="looks like an image") as caught:
        mask_of_label(labels(values.astype(dtype)), label=label)
    assert caught.value.code == "mask_is_image"


def test_a_probability_map_is_not_taken_for_a_mask(rng):
    with pytest.raises(InputError, match="looks like an image"):
        mask_of_label(labels(np.where(P0.voxels, 0.5, 0.25)))


def test_nan_in_a_mask_is_refused():
    values = P0.voxels.astype(np.float32)
    values[0, 0, 0] = np.nan
    with pytest.raises(InputError) as caught:
        mask_of_label(labels(values))
    assert caught.value.code == "non_finite_mask"


def test_every_message_ends_with_what_to_do():
    one = Grid(shape=(1, 1, 2))
    for values in ([[[0, 0]]], [[[1, 2]]], [[[0.5, 0.25]]], [[[np.inf, 1]]]):
        with pytest.raises(InputError) as caught:
            mask_of_label(labels(values, one))
        came, _, todo = str(caught.value).rpartition("; ")
        assert came
        assert todo


@pytest.fixture
def two_channels(tmp_path):
    """Return a file with P0's region in its second channel, and another in its first."""
    inside = to_sitk(P0)
    path = tmp_path / "segments.nrrd"
    SimpleITK.WriteImage(SimpleITK.Compose(1 - inside, inside), str(path))
    return path


def test_a_channel_of_a_mask_is_read(two_channels):
    assert (read_mask(two_channels, channel=1).voxels == P0.voxels).all()
    assert (read_mask(two_channels).voxels != P0.voxels).all()


def test_a_channel_that_is_not_there_is_named(two_channels):
    with pytest.raises(InputError, match="2 channels, from 0, wanted number 2") as caught:
        read_mask(two_channels, channel=2)
    assert caught.value.code == "channel_missing"
