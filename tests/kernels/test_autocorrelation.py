"""Sums over pairs: the fast variant, and lines worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpred.kernels.autocorrelation import PairSums, _fft, _numpy, pair_sums

VARIANTS = (_fft, _numpy)
ONE_MM = (1.0, 1.0, 1.0)


def as_tuple(sums: PairSums) -> tuple[float, float, float]:
    """Return the three sums."""
    return sums.weights, sums.products, sums.square_differences


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_fast_variant_sums_what_the_reference_sums(seed):
    rng = np.random.default_rng(seed)
    mask = rng.random(rng.integers(1, 8, 3)) < rng.uniform(0.1, 1)
    mask.flat[0] = True
    values = np.where(mask, rng.normal(size=mask.shape), 0)
    spacing = tuple(rng.uniform(0.3, 4, 3))
    fast, plain = (as_tuple(each.pair_sums(values, mask, spacing)) for each in VARIANTS)
    assert fast == pytest.approx(plain, rel=1e-11, abs=1e-10)


@pytest.mark.parametrize("variant", VARIANTS)
def test_three_voxels_in_a_row_have_the_sums_worked_by_hand(variant):
    # Pairs at 1, 1 and 2 mm, each counted both ways; products 2, 6 and 3; differences 1, 1, 2.
    line = np.array([[[1.0, 2.0, 3.0]]])
    found = variant.pair_sums(line, np.ones((1, 1, 3), dtype=bool), ONE_MM)
    assert as_tuple(found) == pytest.approx((5, 2 * (2 + 6 + 1.5), 2 * (1 + 1 + 2)))


@pytest.mark.parametrize("variant", VARIANTS)
def test_one_voxel_has_no_pair(variant):
    found = variant.pair_sums(np.full((1, 1, 1), 3.0), np.ones((1, 1, 1), dtype=bool), ONE_MM)
    assert as_tuple(found) == pytest.approx((0, 0, 0), abs=1e-12)


def test_values_outside_the_region_do_not_matter(rng):
    mask = rng.random((4, 5, 6)) < 0.5
    values = rng.normal(size=mask.shape)
    other = np.where(mask, values, np.nan)
    assert pair_sums(values, mask, spacing=ONE_MM) == pair_sums(other, mask, spacing=ONE_MM)


def test_weights_are_per_mm(rng):
    mask, values = rng.random((4, 5, 6)) < 0.5, rng.normal(size=(4, 5, 6))
    small = as_tuple(pair_sums(values, mask, spacing=(1.0, 0.7, 2.0)))
    large = as_tuple(pair_sums(values, mask, spacing=(3.0, 2.1, 6.0)))
    assert small == pytest.approx([3 * value for value in large])


def test_the_pairs_of_a_million_voxels_are_summed_in_no_time(rng):
    # A million voxels have half a billion times a thousand pairs.
    values = rng.normal(size=(100, 100, 100))
    found = pair_sums(values, np.ones(values.shape, dtype=bool), spacing=ONE_MM)
    # Independent values are alike by chance only: pairs differ by twice the variance.
    assert found.square_differences / found.weights == pytest.approx(2, rel=0.01)
