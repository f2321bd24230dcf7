"""Images of several channels, of which one is measured."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from numpy.testing import assert_allclose

from radpred.errors import InputError
from radpred.io import read_image

from .blocks import extract, write_picture


@pytest.fixture
def coloured(tmp_path, disc):
    """Return a colour picture of a slice and its mask, with the three channels."""
    channels = np.stack([disc[0] * factor for factor in (1.0, 0.5, 0.25)], axis=-1)
    channels = channels.clip(0, 255).astype(np.uint8)
    sitk.WriteImage(sitk.GetImageFromArray(channels, isVector=True), str(tmp_path / "scan.png"))
    write_picture(tmp_path / "mask.png", disc[1].astype(np.uint8))
    return tmp_path / "scan.png", tmp_path / "mask.png", channels


def test_a_colour_image_is_refused_with_its_number_of_channels(coloured):
    with pytest.raises(InputError, match=r"3 channels.*image_channel: 0 to 2 or lum") as caught:
        extract(*coloured[:2])
    assert caught.value.code == "colour_image"


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_channel_of_a_colour_image_is_measured_as_a_grey_image_is(coloured, channel):
    scan, mask, channels = coloured
    chosen = extract(scan, mask, image_channel=channel)
    write_picture(scan.with_name("grey.png"), channels[..., channel])
    grey = extract(scan.with_name("grey.png"), mask)
    pd.testing.assert_series_equal(chosen, grey, check_exact=True)


def test_luminance_weighs_the_colours_as_the_eye_does(coloured):
    scan, _, channels = coloured
    red, green, blue = np.moveaxis(channels.astype(float), -1, 0)
    expected = 0.299 * red + 0.587 * green + 0.114 * blue
    assert_allclose(read_image(scan, channel="luminance").voxels[0], expected)


def test_a_channel_that_is_not_there_is_refused(coloured):
    with pytest.raises(InputError, match="3 channels, from 0, wanted number 3") as caught:
        read_image(coloured[0], channel=3)
    assert caught.value.code == "channel_missing"


def test_a_grey_image_is_measured_whatever_channel_is_asked_for(p0_files, scan, tumour):
    found = extract(*p0_files, image_channel="luminance")
    pd.testing.assert_series_equal(found, extract(scan, tumour))
