"""Right-angle rotations of a separable filter, and their pooled responses."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import ndimage

from radpred.filters._convolve import rotation_invariant
from radpred.filters._rotations import NOTHING, Kernel, distinct_rotations, pooled

SKEW = (1.0, -2.0, 4.0)
LOW, EDGE, SPOT = (1.0, 2.0, 1.0), (-1.0, 0.0, 1.0), (-1.0, 2.0, -1.0)
WHOLE = (slice(0, 9),) * 3


def filters(*taps):
    """Return a filter of taps along z, y and x."""
    return tuple(NOTHING if one is None else Kernel.centred(one) for one in taps)


def as_cube(kernels):
    """Return a filter as its weights, the voxel itself in the middle of 9 x 9 x 9."""
    impulse = np.zeros((9, 9, 9))
    impulse[4, 4, 4] = 1.0
    for axis, kernel in enumerate(kernels):
        line = np.zeros(9)
        start = 4 - kernel.centre
        line[start : start + len(kernel.taps)] = kernel.taps
        impulse = ndimage.convolve1d(impulse, line, axis=axis, mode="constant")
    return impulse


def turned(cube, flat_axis=None):
    """Return what right-angle rotations make of weights, by turning the array."""
    planes = [(0, 1), (0, 2), (1, 2)]
    if flat_axis is not None:
        planes = [tuple(axis for axis in range(3) if axis != flat_axis)]
    found = [cube]
    for one in found:
        for plane in planes:
            new = np.rot90(one, axes=plane)
            if not any(np.array_equal(new, old) for old in found):
                found.append(new)
    return found


@pytest.mark.parametrize(
    "taps",
    [
        (SKEW, (3.0, 1.0, 0.5, 2.0), (5.0, 7.0)),
        (EDGE, LOW, SPOT),
        (EDGE, EDGE, LOW),
        (EDGE, EDGE, EDGE),
        (LOW, LOW, LOW),
        (SKEW, LOW, LOW),
        (SKEW, None, None),
    ],
)
@pytest.mark.parametrize("flat_axis", [None, 0, 1, 2])
def test_the_distinct_rotations_are_those_of_the_weights(taps, flat_axis):
    kernels = filters(*taps)
    expected = turned(as_cube(kernels), flat_axis)
    found = [
        sign * as_cube(rotated)
        for rotated, signs in distinct_rotations(kernels, flat_axis=flat_axis).items()
        for sign in signs
    ]
    assert len(found) == len(expected)
    for one in found:
        assert any(np.array_equal(one, other) for other in expected)


@pytest.mark.parametrize("pooling", ["max", "min", "mean"])
def test_pooled_responses_are_those_of_all_24_rotations(rng, pooling):
    voxels = rng.normal(size=(9, 9, 9))
    kernels = filters(EDGE, SKEW, SPOT)
    responses = [
        ndimage.convolve(voxels, weights, mode="constant") for weights in turned(as_cube(kernels))
    ]
    found = rotation_invariant(
        voxels, kernels, box=WHOLE, beyond="zero", flat_axis=None, pooling=pooling
    )
    assert len(responses) == 24
    expected = getattr(np, pooling)(responses, axis=0)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_a_mirrored_kernel_keeps_its_voxel():
    kernel = Kernel.centred((1.0, 2.0, 3.0, 4.0))
    assert (kernel.centre, kernel.reach) == (2, (1, 2))
    assert (kernel.mirrored.centre, kernel.mirrored.reach) == (1, (2, 1))
    assert kernel.mirrored.mirrored == kernel


def test_the_mean_of_both_signs_is_nothing(rng):
    response = rng.normal(size=(2, 3, 4))
    assert not pooled([(response, (-1, 1))], pooling="mean").any()
    assert np.array_equal(pooled([(response, (-1, 1))], pooling="max"), np.abs(response))


@pytest.mark.parametrize(("pooling", "axis"), list(product(["max", "mean"], range(3))))
def test_a_turned_image_has_a_turned_response(rng, pooling, axis):
    voxels = rng.normal(size=(9, 9, 9))
    plane = tuple(other for other in range(3) if other != axis)
    options = {"box": WHOLE, "beyond": "zero", "flat_axis": None, "pooling": pooling}
    kernels = filters((3.0, 1.0, 0.5, 2.0), SKEW, EDGE)
    found = rotation_invariant(np.rot90(voxels, axes=plane), kernels, **options)
    expected = np.rot90(rotation_invariant(voxels, kernels, **options), axes=plane)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
