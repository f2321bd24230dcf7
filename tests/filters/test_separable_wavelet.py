"""IBSI 2's separable wavelets are PyWavelets' undecimated ones, with any rule for the border."""

from __future__ import annotations

from itertools import product

import array_api_strict
import numpy as np
import pytest
import pywt

from radpred.backends import to_host
from radpred.errors import SettingsError
from radpred.filters import WaveletBand, separable_wavelet
from radpred.image import Grid, Image

RULES = {"zero": "constant", "edge": "edge", "periodic": "wrap", "mirror": "symmetric"}
BOXES = [
    (slice(4, 9), slice(5, 6), slice(6, 12)),
    (slice(0, 3), slice(9, 14), slice(0, 16)),
]


def made(voxels):
    return Image(voxels=voxels, grid=Grid(shape=voxels.shape))


def band(wavelet, letters, level=1):
    return WaveletBand(wavelet=wavelet, letters=letters, level=level)


def response(voxels, wavelet, letters, level=1, **options):
    return separable_wavelet(made(voxels), band=band(wavelet, letters, level), **options).voxels


def turned(voxels):
    """Return an image turned by a right angle about z, then about x."""
    return np.rot90(np.rot90(voxels, axes=(1, 2)), axes=(0, 1))


@pytest.mark.parametrize("wavelet", ["haar", "db2", "db3", "coif1", "bior2.2", "rbio3.9", "dmey"])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_sub_bands_of_an_image_that_repeats_are_those_of_pywavelets(rng, wavelet, level):
    voxels = rng.normal(100, 30, (8, 16, 24))
    bands = pywt.swtn(voxels, wavelet, level=level, axes=(2, 1, 0))[0]
    for letters, expected in bands.items():
        named = letters.replace("a", "L").replace("d", "H")
        found = response(voxels, wavelet, named, level, beyond="periodic")
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-7 * np.abs(expected).max())


@pytest.mark.parametrize(("flat_axis", "axes"), [(0, (2, 1)), (1, (2, 0)), (2, (1, 0))])
def test_slices_have_the_sub_bands_of_pywavelets_in_two_directions(rng, flat_axis, axes):
    voxels = rng.normal(100, 30, (8, 12, 16))
    bands = pywt.swtn(voxels, "db3", level=2, axes=axes)[0]
    for letters, expected in bands.items():
        named = letters.replace("a", "L").replace("d", "H")
        found = response(voxels, "db3", named, 2, beyond="periodic", flat_axis=flat_axis)
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-7 * np.abs(expected).max())


def test_the_first_letter_is_the_filter_along_x():
    voxels = np.zeros((8, 8, 8))
    voxels[:, :, ::2] = 1.0  # changes along x alone
    assert np.abs(response(voxels, "haar", "HLL", beyond="periodic")).min() > 0.5
    assert np.abs(response(voxels, "haar", "LLH", beyond="periodic")).max() < 1e-6


@pytest.mark.parametrize("beyond", RULES)
@pytest.mark.parametrize("level", [1, 2])
def test_an_image_is_filtered_as_if_it_went_on_by_its_rule(rng, beyond, level):
    voxels = rng.normal(100, 30, (12, 14, 16))
    chosen = ("db2", "HLH", level)
    padded = np.pad(voxels, 12, mode=RULES[beyond])
    expected = response(padded, *chosen, beyond="zero")[12:-12, 12:-12, 12:-12]
    np.testing.assert_allclose(response(voxels, *chosen, beyond=beyond), expected, atol=1e-4)


@pytest.mark.parametrize("beyond", RULES)
@pytest.mark.parametrize("pooling", [None, "mean", "max"])
@pytest.mark.parametrize("box", BOXES)
def test_the_response_in_a_box_is_that_of_the_whole_image(rng, box, pooling, beyond):
    image = made(rng.integers(-1000, 400, (12, 14, 16), dtype=np.int16))
    options = {"band": band("coif1", "LHL", 2), "pooling": pooling, "beyond": beyond}
    whole = separable_wavelet(image, **options)
    part = separable_wavelet(image, box=box, **options)
    np.testing.assert_allclose(part.voxels, whole.voxels[box], rtol=0, atol=1e-3)
    assert part.grid == image.grid.cropped(box)


@pytest.mark.parametrize("beyond", RULES)
@pytest.mark.parametrize("pooling", ["mean", "max", "min"])
def test_the_pooled_response_turns_with_the_image(rng, pooling, beyond):
    voxels = rng.normal(100, 30, (9, 10, 11))
    options = {"pooling": pooling, "beyond": beyond}
    found = response(turned(voxels), "db2", "LLH", 2, **options)
    expected = turned(response(voxels, "db2", "LLH", 2, **options))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


def test_the_pooled_response_of_a_slice_turns_with_it(rng):
    voxels = rng.normal(100, 30, (3, 10, 11))
    options = {"pooling": "mean", "flat_axis": 0}
    found = response(np.rot90(voxels, axes=(1, 2)), "db3", "LH", **options)
    expected = np.rot90(response(voxels, "db3", "LH", **options), axes=(1, 2))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


def test_the_response_moves_with_an_image_that_repeats(rng):
    voxels = rng.normal(100, 30, (9, 10, 11))
    found = response(
        np.roll(voxels, (2, -3, 4), axis=(0, 1, 2)), "db3", "LHH", 2, beyond="periodic"
    )
    still = response(voxels, "db3", "LHH", 2, beyond="periodic")
    expected = np.roll(still, (2, -3, 4), axis=(0, 1, 2))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("wavelet", ["haar", "db4", "sym5", "coif2"])
def test_the_sub_bands_of_an_orthogonal_wavelet_share_the_energy_of_an_image(rng, wavelet):
    voxels = rng.normal(0, 30, (9, 10, 11))
    energies = [
        (response(voxels, wavelet, x + y + z, beyond="periodic") ** 2).sum()
        for x, y, z in product("LH", repeat=3)
    ]
    # A filter of an undecimated transform has twice the energy that it would keep.
    assert np.sum(energies, dtype=float) / 8 == pytest.approx((voxels**2).sum(), rel=1e-5)


def test_a_constant_has_no_response_but_that_of_low_pass_filters():
    voxels = np.full((6, 7, 8), -1024.0)
    assert np.abs(response(voxels, "db3", "LLH", 2)).max() < 1e-6
    low = response(voxels, "db3", "LLL", 2)
    np.testing.assert_allclose(low, -1024.0 * 8.0, rtol=1e-6)


def test_the_reach_is_how_far_a_voxel_is_seen():
    before, after = band("db3", "HL", 2).reach
    impulse = np.zeros((1, 1, 61))
    impulse[0, 0, 30] = 1.0
    found = response(impulse, "db3", "HL", 2, beyond="zero", flat_axis=0)
    seen = np.flatnonzero(found[0, 0])
    # A response sees ``after`` voxels behind it: so the impulse shows that far before itself.
    assert (30 - seen.min(), seen.max() - 30) == (after, before)


def test_an_array_of_another_library_stays_in_it(rng):
    voxels = rng.integers(-900, 300, (9, 10, 11), dtype=np.int16)
    chosen = ("db2", "LHL", 2)
    found = response(array_api_strict.asarray(voxels), *chosen, pooling="mean")
    assert isinstance(found, type(array_api_strict.zeros(1)))
    expected = response(voxels, *chosen, pooling="mean")
    np.testing.assert_allclose(to_host(found), expected, rtol=0, atol=1e-3)


@pytest.mark.parametrize("pooling", [None, "max"])
def test_an_array_on_a_card_stays_there(rng, device, pooling):
    voxels = rng.integers(-900, 300, (9, 10, 11), dtype=np.int16)
    chosen = ("db3", "LHL", 2)
    found = response(device.put(voxels), *chosen, pooling=pooling)
    assert device.down == []
    expected = response(voxels, *chosen, pooling=pooling)
    np.testing.assert_allclose(found.get(), expected, rtol=0, atol=1e-3)


def test_the_name_says_what_was_done(rng):
    image = made(rng.normal(size=(8, 8, 8)))
    assert separable_wavelet(image, band=band("db2", "LLH")).name == "wavelet-db2-LLH-1"
    found = separable_wavelet(image, band=band("bior2.2", "LLH", 2), pooling="max")
    assert found.name == "wavelet-bior2.2-LLH-2-max"


def test_a_sub_band_without_a_letter_for_each_axis_is_refused():
    with pytest.raises(SettingsError, match="is for 2 axes, wanted 3"):
        response(np.zeros((4, 4, 4)), "haar", "LH")
