"""Samples around voxels are SciPy's, to the last bit, whatever part of an image is read."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from radpred.kernels.shifted_samples import _cupy, _numba, _numpy, samples_window, shifted_samples

BOXES = {
    (9, 10, 11): (slice(0, 9), slice(0, 10), slice(0, 11)),
    (1, 2, 3): (slice(0, 1), slice(0, 2), slice(1, 3)),
    (140, 20, 150): (slice(68, 70), slice(8, 12), slice(70, 81)),
    (6, 120, 9): (slice(0, 2), slice(110, 120), slice(3, 4)),
}


def by_scipy(voxels, shifts, box):
    """Return the samples by one call on the whole image."""
    places = np.meshgrid(*(np.arange(part.start, part.stop) for part in box), indexing="ij")
    points = np.stack(
        [place[..., None] + shift for place, shift in zip(places, shifts.T, strict=True)]
    )
    return ndimage.map_coordinates(voxels, points, output=np.float64, order=3)


@pytest.mark.parametrize("variant", [_numba, _numpy])
@pytest.mark.parametrize("kind", ["noise", "few levels", "whole", "single"])
@pytest.mark.parametrize("shape", BOXES)
def test_every_variant_has_the_bits_of_scipy(rng, shape, kind, variant):
    voxels = rng.normal(-300, 200, shape)
    voxels = {
        "noise": voxels,
        "few levels": np.round(voxels / 100),
        "whole": voxels.astype(np.int16),
        "single": voxels.astype(np.float32),
    }[kind]
    shifts = np.concatenate([rng.normal(0, 1.5, (9, 3)), np.eye(3), -2 * np.eye(3)])
    box = BOXES[shape]
    found = variant.sampler(voxels, shifts, box)(slice(0, box[0].stop - box[0].start))
    np.testing.assert_array_equal(found, by_scipy(voxels, shifts, box))


@pytest.mark.parametrize("shape", BOXES)
def test_the_variant_of_a_device_has_the_samples_of_scipy(rng, shape, device):
    voxels, box = rng.normal(-300, 200, shape), BOXES[shape]
    shifts = np.concatenate([rng.normal(0, 1.5, (9, 3)), np.eye(3), -2 * np.eye(3)])
    found = _cupy.sampler(device.put(voxels), shifts, box)(slice(0, box[0].stop - box[0].start))
    np.testing.assert_allclose(found.get(), by_scipy(voxels, shifts, box), rtol=0, atol=1e-9)


def test_runs_of_slices_make_up_the_box(rng):
    voxels = rng.normal(size=(12, 120, 130))
    shifts = rng.normal(size=(20, 3))
    box = (slice(2, 11), slice(3, 118), slice(0, 130))
    runs = list(shifted_samples(voxels, shifts, box=box))
    assert len(runs) > 1
    assert [index for run, _ in runs for index in range(run.start, run.stop)] == list(range(9))
    np.testing.assert_array_equal(
        np.concatenate([samples for _, samples in runs]), by_scipy(voxels, shifts, box)
    )


def test_nothing_outside_of_the_window_is_read(rng):
    voxels = rng.normal(size=(130, 4, 140))
    shifts, box = rng.normal(size=(5, 3)), (slice(60, 62), slice(0, 4), slice(65, 70))
    window = samples_window(voxels, shifts, box=box)
    elsewhere = np.full_like(voxels, np.nan)
    elsewhere[window] = voxels[window]
    ((_, found),) = shifted_samples(elsewhere, shifts, box=box)
    ((_, expected),) = shifted_samples(voxels, shifts, box=box)
    np.testing.assert_array_equal(found, expected)
    assert np.isnan(elsewhere).any()


def test_a_shift_that_is_whole_but_for_rounding_is_whole(rng):
    voxels = rng.normal(size=(4, 5, 6))
    box = (slice(0, 4), slice(0, 5), slice(0, 6))
    almost = np.array([[0.0, 1.0 - 1e-15, -1e-16]])
    ((_, found),) = shifted_samples(voxels, almost, box=box)
    ((_, expected),) = shifted_samples(voxels, np.round(almost), box=box)
    np.testing.assert_array_equal(found, expected)
