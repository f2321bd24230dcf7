"""Convolution: the fast variant and the plain one agree to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpred.kernels.convolution import _numba, _numpy, convolve


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_fast_variant_has_the_bits_of_the_reference(axis, dtype, seed):
    rng = np.random.default_rng(seed)
    shape = rng.integers(1, 9, 3)
    n_filters, n_taps = rng.integers(1, 4), rng.integers(1, 7)
    shape[axis] += n_taps - 1
    data = np.round(rng.normal(0, 300, shape), 1).astype(dtype)
    filters = tuple(map(tuple, rng.normal(size=(n_filters, n_taps)).tolist()))
    found = _numba.convolve(data, filters, axis=axis)
    expected = _numpy.convolve(data, filters, axis=axis)
    assert len(found) == n_filters
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype == dtype
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_each_line_is_convolved_as_numpy_convolves_one(rng, axis):
    data, taps = rng.normal(size=(6, 7, 8)), (0.5, -1.0, 2.0, 0.25)
    (found,) = convolve(data, (taps,), axis=axis)
    expected = np.apply_along_axis(np.convolve, axis, data, taps, mode="valid")
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_what_is_not_finite_stays_where_the_filter_meets_it():
    line = np.array([[[1.0, np.inf, -np.inf, 1.0, 1.0, 1.0]]])
    (found,) = convolve(line, ((1.0, 1.0),), axis=2)
    np.testing.assert_array_equal(found, [[[np.inf, np.nan, -np.inf, 2.0, 2.0]]])


def test_a_view_is_convolved_like_its_copy(rng):
    data = rng.normal(size=(9, 8, 7))
    view = data.transpose(2, 0, 1)[:, ::2]
    for axis in range(3):
        np.testing.assert_array_equal(
            convolve(view, ((1.0, -2.0),), axis=axis),
            convolve(view.copy(), ((1.0, -2.0),), axis=axis),
        )
