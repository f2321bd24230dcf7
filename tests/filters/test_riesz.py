"""The Riesz transform turns waves by quarters, weighs them by cosines, and keeps their energy."""

from __future__ import annotations

from itertools import product
from math import sqrt

import numpy as np
import pytest

from radpred.errors import SettingsError
from radpred.filters import nonseparable_wavelet, riesz, riesz_name
from radpred.image import Grid, Image

CUBE = (15, 15, 15)
LATTICE = np.array([3, -2, 6])  # z, y, x: of length 7
SECOND = [order for order in product(range(3), repeat=3) if sum(order) == 2]


def made(voxels, spacing=(1.0, 1.0, 1.0)):
    return Image(voxels=voxels, grid=Grid(shape=voxels.shape, spacing=spacing))


def component(voxels, *order, **options):
    return riesz(made(voxels), order=order, **options).voxels.astype(float)


def noise(rng, shape=CUBE):
    voxels = rng.normal(0, 30, shape)
    return voxels - voxels.mean()


def phase():
    """Return how far an oblique wave has come in each voxel, in radians."""
    z, y, x = np.meshgrid(*map(np.arange, CUBE), indexing="ij")
    return 2 * np.pi * (LATTICE[0] * z + LATTICE[1] * y + LATTICE[2] * x) / 15


@pytest.mark.parametrize(
    ("order", "cosine"), [((1, 0, 0), 6 / 7), ((0, 1, 0), -2 / 7), ((0, 0, 1), 3 / 7)]
)
def test_a_first_derivative_moves_a_wave_by_a_quarter_and_weighs_it_by_the_cosine(order, cosine):
    found = component(np.cos(phase()), *order)
    np.testing.assert_allclose(found, cosine * np.sin(phase()), rtol=0, atol=1e-6)


def test_a_mixed_second_derivative_is_weighed_by_both_cosines_and_the_root_of_two():
    expected = -sqrt(2) * (6 / 7) * (-2 / 7) * np.cos(phase())
    np.testing.assert_allclose(component(np.cos(phase()), 1, 1, 0), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_the_squares_of_all_components_of_an_order_add_up_to_those_of_the_image(rng, degree):
    voxels = noise(rng)
    orders = [order for order in product(range(degree + 1), repeat=3) if sum(order) == degree]
    energies = [(component(voxels, *order) ** 2).sum() for order in orders]
    assert sum(energies) == pytest.approx((voxels**2).sum(), rel=1e-5)


def test_second_derivatives_along_the_axes_add_up_to_minus_the_image(rng):
    voxels = noise(rng, (12, 13, 14))
    total = component(voxels, 2, 0, 0) + component(voxels, 0, 2, 0) + component(voxels, 0, 0, 2)
    np.testing.assert_allclose(total, -voxels, rtol=0, atol=1e-4)


@pytest.mark.parametrize("shape", [(12, 13, 14), CUBE])
@pytest.mark.parametrize("order", [(1, 0, 0), (0, 2, 0), (1, 1, 1)])
def test_a_constant_has_no_response(order, shape):
    assert np.abs(component(np.full(shape, -1024.0), *order)).max() < 1e-9


def test_a_derivative_turns_with_the_image(rng):
    voxels = noise(rng, (11, 12, 13))
    found = component(np.rot90(voxels, axes=(1, 2)), 0, 2, 0)
    expected = np.rot90(component(voxels, 2, 0, 0), axes=(1, 2))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("alignment_mm", [None, 1.0])
def test_the_response_moves_with_an_image_that_repeats(rng, alignment_mm):
    voxels, options = noise(rng), {"alignment_mm": alignment_mm, "level": 1}
    moved = np.roll(voxels, (2, -3, 4), axis=(0, 1, 2))
    expected = np.roll(component(voxels, 0, 2, 0, **options), (2, -3, 4), axis=(0, 1, 2))
    np.testing.assert_allclose(component(moved, 0, 2, 0, **options), expected, rtol=0, atol=1e-3)


def test_the_transform_of_a_band_is_that_of_the_wavelet_s_response(rng):
    image = made(noise(rng))
    band = nonseparable_wavelet(image, level=1)
    found = riesz(image, order=(1, 1, 0), level=1).voxels
    np.testing.assert_allclose(found, riesz(band, order=(1, 1, 0)).voxels, rtol=0, atol=1e-4)


def test_slices_are_transformed_one_by_one_with_two_numbers(rng):
    voxels = noise(rng, (3, 15, 15))
    together = component(voxels, 0, 2, flat_axis=0)
    for slice_, found in zip(voxels, together, strict=True):
        alone = np.repeat(slice_[None], 4, axis=0)  # does not change across slices
        np.testing.assert_allclose(found, component(alone, 0, 2, 0)[1], rtol=0, atol=1e-4)


@pytest.mark.parametrize("alignment_mm", [None, 1.0])
@pytest.mark.parametrize("level", [None, 2])
@pytest.mark.parametrize("beyond", ["zero", "edge", "periodic", "mirror"])
def test_the_response_in_a_box_is_that_of_the_whole_image(rng, beyond, level, alignment_mm):
    image = made(rng.integers(-1000, 400, (13, 14, 15), dtype=np.int16))
    box = (slice(10, 13), slice(5, 6), slice(2, 12))
    options = {"level": level, "alignment_mm": alignment_mm, "beyond": beyond}
    part = riesz(image, order=(1, 1, 0), box=box, **options)
    whole = riesz(image, order=(1, 1, 0), **options).voxels
    np.testing.assert_allclose(part.voxels, whole[box], rtol=0, atol=1e-3)
    assert part.grid == image.grid.cropped(box)


@pytest.mark.parametrize(("order", "factor"), [((2, 0, 0), -1.0), ((0, 2, 0), 0.0)])
def test_an_oblique_wave_is_aligned_with_itself(order, factor):
    found = component(np.cos(phase()), *order, alignment_mm=1.0)
    np.testing.assert_allclose(found, factor * np.cos(phase()), rtol=0, atol=1e-6)


def test_an_aligned_wave_of_a_slice_is_aligned_with_itself():
    y, x = np.meshgrid(np.arange(15), np.arange(15), indexing="ij")
    voxels = np.cos(2 * np.pi * (3 * y - 4 * x) / 15)[None]
    found = component(voxels, 2, 0, alignment_mm=1.0, flat_axis=0)
    np.testing.assert_allclose(found, -voxels, rtol=0, atol=1e-6)


def test_aligned_first_derivatives_are_not_negative(rng):
    for order in [(1, 0, 0), (0, 1, 0), (0, 0, 1)]:
        assert component(noise(rng), *order, alignment_mm=0.8).min() > -1e-6


def test_the_squares_of_aligned_components_are_those_of_the_others_in_each_voxel(rng):
    voxels = noise(rng)
    aligned, others = (
        sum(component(voxels, *order, alignment_mm=width) ** 2 for order in SECOND)
        for width in (1.2, None)
    )
    np.testing.assert_allclose(aligned, others, rtol=1e-4)


@pytest.mark.parametrize("order", [(1, 0, 0), (0, 2, 0), (1, 1, 0)])
def test_the_aligned_response_turns_with_the_image(rng, order):
    voxels, options = noise(rng, (11, 12, 13)), {"alignment_mm": 1.0}
    found = component(np.rot90(voxels, axes=(0, 2)), *order, **options)
    expected = np.rot90(component(voxels, *order, **options), axes=(0, 2))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-3)


def test_the_window_is_as_wide_in_mm_whatever_the_voxels(rng):
    voxels = noise(rng)
    fine = riesz(made(voxels), order=(2, 0, 0), alignment_mm=1.5).voxels
    coarse = riesz(made(voxels, (2.0, 2.0, 2.0)), order=(2, 0, 0), alignment_mm=3.0).voxels
    np.testing.assert_array_equal(fine, coarse)


def test_a_voxel_that_is_not_finite_spoils_the_image(rng):
    voxels = noise(rng)
    voxels[0, 0, 0] = np.nan
    assert np.isnan(component(voxels, 2, 0, 0, alignment_mm=1.0)).all()


@pytest.mark.parametrize("options", [{}, {"level": 1}, {"alignment_mm": 1.0}])
def test_an_array_on_a_card_stays_there(rng, device, options):
    voxels = rng.integers(-900, 300, (9, 10, 11), dtype=np.int16)
    found = riesz(made(device.put(voxels)), order=(1, 1, 0), **options).voxels
    assert device.down == []
    np.testing.assert_allclose(found.get(), component(voxels, 1, 1, 0, **options), atol=1e-3)


def test_the_name_says_what_was_done(rng):
    image = made(noise(rng))
    found = riesz(image, order=(0, 2, 0), level=1, alignment_mm=1.0)
    assert found.name == riesz_name((0, 2, 0), level=1, alignment_mm=1.0)
    assert found.name == "riesz-0-2-0-aligned-1-mm-simoncelli-1"


def test_an_order_without_a_number_for_each_axis_is_refused(rng):
    with pytest.raises(SettingsError, match="is for 3 axes, wanted 2"):
        component(noise(rng), 0, 2, 0, flat_axis=0)
