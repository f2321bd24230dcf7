"""The maximal correlation equals the one by a whole decomposition, of few levels and of many."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from radpred.kernels.maximal_correlation import _numba, _numpy, maximal_correlation


def by_definition(p):
    """Return the root of the second largest eigenvalue of Haralick's Q."""
    level = p.sum(axis=0)
    q = np.einsum("ik,jk->ij", p, p / level) / level[:, None]
    return np.sqrt(np.sort(np.linalg.eigvals(q).real)[-2])


def pairs(rng, n_levels, spread):
    """Return a symmetric distribution of pairs whose levels differ by about ``spread``."""
    low = np.concatenate([np.arange(n_levels), rng.integers(0, n_levels, 40 * n_levels)])
    high = np.clip(low + np.rint(rng.normal(scale=spread, size=low.size)), 0, n_levels - 1)
    p = np.zeros((n_levels, n_levels))
    np.add.at(p, (low, high.astype(int)), 1)
    return (p + p.T) / (p + p.T).sum()


def coefficient(p):
    """Return radpred's answer for one dense distribution."""
    low, high = np.nonzero(np.triu(p))
    level = p.sum(axis=0)[None]
    return maximal_correlation(np.zeros(low.size, dtype=int), low, high, p[low, high], level)[0]


@pytest.mark.parametrize(
    ("n_levels", "spread"), [(2, 1), (40, 8), (150, 2), (150, 40), (400, 60), (1100, 300)]
)
def test_it_equals_the_second_eigenvalue_by_definition(rng, n_levels, spread):
    p = pairs(rng, n_levels, spread)
    assert coefficient(p) == pytest.approx(by_definition(p), rel=1e-7)


@pytest.mark.parametrize("n_levels", [6, 200])
def test_levels_in_two_parts_that_never_meet_are_fully_correlated(rng, n_levels):
    half = pairs(rng, n_levels // 2, n_levels / 8) / 2
    none = np.zeros_like(half)
    assert coefficient(np.block([[half, none], [none, half]])) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("n_levels", [6, 200])
def test_independent_levels_are_not_correlated(rng, n_levels):
    level = rng.random(n_levels)
    level /= level.sum()
    assert coefficient(np.outer(level, level)) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("seed", [2484, 7355])
def test_an_eigenvalue_of_the_other_sign_that_shows_late_is_waited_for(seed):
    rng = np.random.default_rng(seed)
    n_levels = int(rng.integers(150, 400))
    p = np.zeros((n_levels, n_levels))
    np.add.at(p, tuple(rng.integers(0, n_levels, (2, 40 * n_levels))), 1)
    p = (p + p.T) / (p + p.T).sum()
    assert coefficient(p) == pytest.approx(by_definition(p), rel=1e-7)


def test_a_level_absent_in_a_direction_changes_nothing(rng):
    p = pairs(rng, 150, 20)
    wider = np.zeros((153, 153))
    wider[1:151, 1:151] = p
    assert coefficient(wider) == pytest.approx(coefficient(p), rel=1e-7)


def test_more_matrices_than_fit_side_by_side_are_all_solved(rng):
    tables = np.array([pairs(rng, 12, 3) for _ in range(300)])
    row, low, high = np.nonzero(np.triu(tables))
    found = maximal_correlation(row, low, high, tables[row, low, high], tables.sum(axis=1))
    assert_allclose(found, [by_definition(p) for p in tables], rtol=1e-7)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_fast_variant_finds_what_the_reference_finds(seed):
    rng = np.random.default_rng(seed)
    n_levels, n_rows = int(rng.integers(1, 30)), 20
    tables = rng.integers(0, 3, (n_rows, n_levels, n_levels))
    tables *= rng.random(tables.shape) < rng.random((n_rows, 1, 1))  # many parts, absent levels
    tables[:, 0, 0] += 1
    tables = (tables + tables.transpose(0, 2, 1)) / 1.0
    tables /= tables.sum(axis=(1, 2), keepdims=True)
    row, low, high = np.nonzero(np.triu(tables))
    first = np.append(np.flatnonzero(np.diff(row, prepend=-1)), row.size)
    given_to_both = (first, low, high, tables[row, low, high], tables.sum(axis=1))
    plain = _numpy.maximal_correlation(*given_to_both)
    assert_allclose(_numba.maximal_correlation(*given_to_both), plain, atol=1e-11)
