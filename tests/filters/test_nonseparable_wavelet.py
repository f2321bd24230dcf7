"""Bands of Simoncelli's wavelet let two octaves pass, and part an image's energy."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from radpred.filters import nonseparable_wavelet, nonseparable_wavelet_name
from radpred.image import Grid, Image

RULES = {"zero": "constant", "edge": "edge", "mirror": "symmetric"}
ODD = (33, 33, 33)


def made(voxels):
    return Image(voxels=voxels, grid=Grid(shape=voxels.shape))


def response(voxels, **options):
    return nonseparable_wavelet(made(voxels), **options).voxels.astype(float)


def by_definition(voxels, level):
    """Return the response of a whole image by IBSI 2's formula, on the grid of its maps."""
    sizes = voxels.shape
    lines = [np.fft.ifftshift(np.linspace(-1, 1, n)) if n > 1 else np.zeros(1) for n in sizes]
    z, y, x = np.meshgrid(*lines, indexing="ij")
    frequency, highest = np.sqrt(z**2 + y**2 + x**2), 2.0 ** (1 - level)
    is_inside = (frequency > highest / 4) & (frequency <= highest)
    gain = np.zeros(voxels.shape)
    gain[is_inside] = np.cos(np.pi / 2 * np.log2(2 * frequency[is_inside] / highest))
    return np.fft.ifftn(np.fft.fftn(voxels) * gain).real


def wave(frequency, *, direction=(0, 0, 1)):
    """Return a wave whose frequency, along an axis of 33 voxels, is a part of the highest."""
    z, y, x = np.meshgrid(*map(np.arange, ODD), indexing="ij")
    along = direction[0] * z + direction[1] * y + direction[2] * x
    return np.cos(2 * np.pi * round(16 * frequency) * along / 33 + 0.3)


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("shape", [(16, 18, 20), (9, 11, 13), (8, 9, 31), (1, 7, 12), (2, 2, 2)])
def test_the_response_is_that_of_the_definition(rng, shape, level):
    voxels = rng.normal(100, 30, shape)
    found, expected = response(voxels, level=level), by_definition(voxels, level)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("direction", [(0, 0, 1), (0, 1, 0), (1, 0, 0)])
def test_a_wave_in_the_middle_of_a_band_passes_unchanged(level, direction):
    voxels = wave(0.5**level, direction=direction)
    np.testing.assert_allclose(response(voxels, level=level), voxels, rtol=0, atol=1e-6)


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("octaves", [-1, 1])
def test_a_wave_an_octave_off_the_middle_does_not_pass(level, octaves):
    voxels = wave(0.5**level * 2.0**octaves)
    assert np.abs(response(voxels, level=level)).max() < 1e-6


def test_the_bands_part_the_energy_of_waves_between_their_outer_middles(rng):
    voxels = response(rng.normal(0, 30, ODD), level=2)  # waves from 1/8 to 1/2
    energies = [(response(voxels, level=level) ** 2).sum() for level in (1, 2, 3)]
    assert sum(energies) == pytest.approx((voxels**2).sum(), rel=1e-5)


@pytest.mark.parametrize("shape", [(20, 21, 22), (16, 16, 16)])
def test_the_bands_have_no_more_energy_than_the_image(rng, shape):
    voxels = rng.normal(0, 30, shape)
    energies = [(response(voxels, level=level) ** 2).sum() for level in range(1, 6)]
    assert sum(energies) <= (voxels**2).sum()


def test_a_constant_has_no_response():
    assert np.abs(response(np.full((30, 31, 32), -1024.0), level=2)).max() < 1e-9


@pytest.mark.parametrize("level", [1, 2, 3])
def test_the_response_of_an_image_of_odd_lengths_turns_with_it(rng, level):
    voxels = rng.normal(100, 30, (11, 13, 15))
    found = response(np.rot90(voxels, axes=(1, 2)), level=level)
    expected = np.rot90(response(voxels, level=level), axes=(1, 2))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("shape", [(11, 13, 15), (12, 14, 16)])
def test_the_response_moves_with_an_image_that_repeats(rng, shape):
    voxels = rng.normal(100, 30, shape)
    moved = np.roll(voxels, (2, -3, 4), axis=(0, 1, 2))
    expected = np.roll(response(voxels, level=2), (2, -3, 4), axis=(0, 1, 2))
    np.testing.assert_allclose(response(moved, level=2), expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("beyond", RULES)
def test_by_other_rules_the_image_is_made_twice_as_long(rng, beyond):
    voxels = rng.normal(100, 30, (9, 10, 12))
    padded = np.pad(voxels, [(4, 5), (5, 5), (6, 6)], mode=RULES[beyond])
    expected = response(padded, level=2)[4:13, 5:15, 6:18]
    np.testing.assert_allclose(response(voxels, level=2, beyond=beyond), expected, atol=1e-4)


@pytest.mark.parametrize("beyond", ["periodic", *RULES])
@pytest.mark.parametrize("flat_axis", [None, 0, 2])
def test_the_response_in_a_box_is_that_of_the_whole_image(rng, flat_axis, beyond):
    image = made(rng.integers(-1000, 400, (18, 17, 35), dtype=np.int16))
    box = (slice(16, 18), slice(5, 6), slice(6, 12))
    options = {"level": 2, "beyond": beyond, "flat_axis": flat_axis}
    part = nonseparable_wavelet(image, box=box, **options)
    whole = nonseparable_wavelet(image, **options).voxels
    np.testing.assert_allclose(part.voxels, whole[box], rtol=0, atol=1e-3)
    assert part.grid == image.grid.cropped(box)


@pytest.mark.parametrize("flat_axis", [0, 1, 2])
def test_a_slice_is_filtered_as_an_image_of_its_own(rng, flat_axis):
    voxels = rng.normal(100, 30, (12, 13, 14))
    found = np.moveaxis(response(voxels, level=2, flat_axis=flat_axis), flat_axis, 0)
    for slice_, expected in zip(np.moveaxis(voxels, flat_axis, 0), found, strict=True):
        np.testing.assert_allclose(by_definition(slice_[None], 2)[0], expected, atol=1e-4)


def test_a_voxel_that_is_not_finite_spoils_the_image_without_a_warning(rng):
    voxels = rng.normal(100, 30, (8, 9, 10))
    voxels[0, 0, 0] = np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not np.isfinite(response(voxels, level=1)).any()


@pytest.mark.parametrize("beyond", ["periodic", *RULES])
def test_an_array_on_a_card_stays_there(rng, device, beyond):
    voxels = rng.integers(-900, 300, (9, 10, 11), dtype=np.int16)
    found = nonseparable_wavelet(made(device.put(voxels)), level=2, beyond=beyond).voxels
    assert device.down == []
    expected = response(voxels, level=2, beyond=beyond)
    np.testing.assert_allclose(found.get(), expected, rtol=0, atol=1e-3)


def test_the_name_is_the_level():
    found = nonseparable_wavelet(made(np.zeros((4, 4, 4))), level=3)
    assert found.name == nonseparable_wavelet_name(3) == "simoncelli-3"
