"""The wavelet bands are PyWavelets' stationary ones, on the image that repeats without end."""

from __future__ import annotations

import tracemalloc

import array_api_strict
import numpy as np
import pytest
import pywt

from radpred.backends import to_host
from radpred.filters import wavelet_bands, wavelet_names
from radpred.image import Grid, Image


def by_pywt(voxels, *, wavelet="coif1", level=1, start_level=0, axes=(2, 1, 0)):
    """Return the bands of a whole image, made level by level with PyWavelets."""
    data = np.pad(voxels, [(0, size % 2) for size in voxels.shape], mode="wrap")
    cut = tuple(slice(0, size) for size in voxels.shape)
    bands = {}
    for number in range(1 - start_level, level + 1):
        found = pywt.swtn(data, wavelet, level=1, axes=axes)[0]
        data = found["a" * len(axes)]
        if number >= 1:
            prefix = f"wavelet{number}" if number > 1 else "wavelet"
            for letters, band in found.items():
                bands[f"{prefix}-{letters.replace('a', 'L').replace('d', 'H')}"] = band[cut]
            if number < level:
                del bands[f"{prefix}-{'L' * len(axes)}"]
    return bands


def made(voxels):
    return Image(voxels=voxels, grid=Grid(shape=voxels.shape))


def ours(voxels, **options):
    return {band.name: band.voxels for band in wavelet_bands(made(voxels), **options)}


def assert_same_bands(found, expected, box=..., *, atol):
    assert set(found) == set(expected)
    for name, band in expected.items():
        np.testing.assert_allclose(found[name], band[box], rtol=0, atol=atol, err_msg=name)


@pytest.mark.parametrize("wavelet", ["haar", "coif1", "db4", "sym5", "bior2.2", "rbio3.9", "dmey"])
@pytest.mark.parametrize("shape", [(8, 10, 12), (7, 9, 13), (3, 4, 5)])
def test_the_bands_are_those_of_pywavelets(rng, wavelet, shape):
    voxels = rng.normal(100, 30, shape)
    expected = by_pywt(voxels, wavelet=wavelet)
    assert_same_bands(ours(voxels, wavelet=wavelet), expected, atol=1e-11)


@pytest.mark.parametrize("wavelet", pywt.wavelist(kind="discrete"))
def test_every_discrete_wavelet_gives_the_bands_of_pywavelets(rng, wavelet):
    voxels = rng.normal(100, 30, (5, 6, 7))
    expected = by_pywt(voxels, wavelet=wavelet)
    scale = max(np.abs(band).max() for band in expected.values())
    assert_same_bands(ours(voxels, wavelet=wavelet), expected, atol=1e-13 * scale)


@pytest.mark.parametrize("wavelet", ["haar", "db3", "bior3.7", "rbio1.5", "dmey"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
def test_away_from_the_border_any_wavelet_has_the_bits_of_pywavelets(rng, dtype, wavelet):
    voxels = rng.normal(100, 40, (70, 72, 74)).clip(0, 250).astype(dtype)
    inside = (slice(34, 36), slice(33, 38), slice(32, 40))
    expected = by_pywt(voxels, wavelet=wavelet)
    for name, band in ours(voxels, wavelet=wavelet, box=inside).items():
        np.testing.assert_array_equal(band, expected[name][inside])


@pytest.mark.parametrize(("flat_axis", "axes"), [(0, (2, 1)), (1, (2, 0)), (2, (1, 0))])
@pytest.mark.parametrize(("level", "start_level"), [(1, 0), (2, 1)])
def test_slices_have_the_bands_of_pywavelets_in_two_directions(
    rng, flat_axis, axes, level, start_level
):
    voxels = rng.normal(100, 30, (7, 9, 12))
    given = {"wavelet": "db2", "level": level, "start_level": start_level}
    expected = by_pywt(voxels, axes=axes, **given)
    assert_same_bands(ours(voxels, flat_axis=flat_axis, **given), expected, atol=1e-10)
    box = (slice(2, 4), slice(0, 3), slice(5, 6))
    found = ours(voxels, flat_axis=flat_axis, box=box, **given)
    assert_same_bands(found, expected, box, atol=1e-10)


def test_a_slice_alone_spoils_itself_alone(rng):
    voxels = rng.normal(100, 30, (3, 12, 12))
    voxels[0, 5, 5] = np.nan
    for band in ours(voxels, flat_axis=0).values():
        assert np.isnan(band[0]).any()
        assert np.isfinite(band[1:]).all()


def test_a_voxel_that_is_not_finite_spoils_no_more_than_the_filter_is_long(rng):
    voxels = rng.normal(100, 30, (20, 20, 20))
    voxels[10, 10, 10] = np.nan
    for band in ours(voxels).values():
        spoilt = np.isnan(band)
        assert spoilt.any()
        assert np.isfinite(np.delete(band.ravel(), np.flatnonzero(spoilt))).all()
        assert all(np.ptp(places) < 6 for places in np.nonzero(spoilt))


@pytest.mark.parametrize(("level", "start_level"), [(2, 0), (1, 1), (3, 1)])
def test_levels_are_those_of_pywavelets_one_after_the_other(rng, level, start_level):
    voxels = rng.normal(100, 30, (9, 12, 11))
    expected = by_pywt(voxels, level=level, start_level=start_level)
    found = ours(voxels, level=level, start_level=start_level)
    assert_same_bands(found, expected, atol=1e-10)


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize(
    "box",
    [
        (slice(10, 20), slice(12, 13), slice(14, 22)),
        (slice(0, 4), slice(20, 29), slice(30, 35)),
        (slice(0, 31), slice(1, 29), slice(0, 1)),
    ],
)
def test_the_bands_in_a_box_are_those_of_the_whole_image(rng, box, level):
    voxels = rng.integers(-1000, 400, (31, 29, 35), dtype=np.int16)
    expected = by_pywt(voxels, level=level)
    assert_same_bands(ours(voxels, level=level, box=box), expected, box, atol=1e-10)


def test_away_from_the_border_a_band_has_the_bits_of_pywavelets(rng):
    voxels = np.round(rng.normal(0, 300, (24, 26, 28)))
    voxels[8:16, 8:18, 8:20] = 7.0  # flat: a rounding error's sign would decide a grey level
    inside = (slice(6, 18),) * 3
    expected = by_pywt(voxels)
    for name, band in ours(voxels, box=inside).items():
        np.testing.assert_array_equal(band, expected[name][inside])


def test_single_precision_stays_single_with_the_bits_of_pywavelets(rng):
    voxels = rng.normal(100, 30, (24, 26, 28)).astype(np.float32)
    inside = (slice(6, 18),) * 3
    expected = by_pywt(voxels)
    for name, band in ours(voxels, box=inside).items():
        assert band.dtype == np.float32
        np.testing.assert_array_equal(band, expected[name][inside])


def test_the_first_letter_of_a_band_is_the_filter_along_x():
    voxels = np.zeros((8, 8, 8))
    voxels[:, :, ::2] = 1.0  # changes along x alone
    found = ours(voxels, wavelet="haar")
    is_moved = {name for name, band in found.items() if np.abs(band).max() > 1e-9}
    assert is_moved == {"wavelet-HLL", "wavelet-LLL"}


def test_bands_come_in_the_order_and_spelling_of_pyradiomics(rng):
    details = ["LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH"]
    expected = [f"wavelet-{band}" for band in details]
    expected += [f"wavelet2-{band}" for band in [*details, "LLL"]]
    assert list(ours(rng.normal(size=(4, 4, 4)), level=2)) == expected
    assert list(wavelet_names(level=2)) == expected


def test_bands_of_slices_have_two_letters_in_the_order_of_pyradiomics(rng):
    expected = ["wavelet-LH", "wavelet-HL", "wavelet-HH"]
    expected += ["wavelet2-LH", "wavelet2-HL", "wavelet2-HH", "wavelet2-LL"]
    assert list(ours(rng.normal(size=(4, 4, 4)), level=2, flat_axis=0)) == expected
    assert list(wavelet_names(level=2, flat_axis=0)) == expected


def test_an_array_of_another_library_stays_in_it(rng):
    voxels = rng.integers(-900, 300, (9, 10, 11), dtype=np.int16)
    box = (slice(0, 3), slice(4, 6), slice(9, 11))
    found = ours(array_api_strict.asarray(voxels), box=box)
    assert all(isinstance(band, type(array_api_strict.zeros(1))) for band in found.values())
    found = {name: to_host(band) for name, band in found.items()}
    assert_same_bands(found, by_pywt(voxels), box, atol=1e-11)


def test_memory_is_bounded_by_the_box_and_not_by_the_image():
    image = made(np.zeros((256, 512, 512), dtype=np.float32))
    box = (slice(100, 131), slice(200, 231), slice(300, 331))
    tracemalloc.start()
    try:
        for band in wavelet_bands(image, box=box):
            assert band.voxels.shape == (31, 31, 31)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * 36**3 * 8
