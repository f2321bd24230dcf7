"""Diameters: closed forms, and the fast variant."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpred.kernels.diameter import _numba, _numpy, maximum_diameters

VARIANTS = (_numba, _numpy)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_fast_variant_finds_what_the_reference_finds(seed):
    rng = np.random.default_rng(seed)
    mask = rng.random(rng.integers(1, 7, 3)) < rng.uniform(0.05, 1)
    mask.flat[0] = True
    spacing = tuple(rng.uniform(0.3, 4, 3))
    fast, plain = (variant.maximum_diameters(mask, spacing) for variant in VARIANTS)
    assert fast == pytest.approx(plain, rel=1e-12)


@pytest.mark.parametrize("n", [1, 2, 5, 12])
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_cube_is_widest_between_opposite_edges_of_opposite_faces(variant, n):
    *planes, space = variant.maximum_diameters(np.ones((n, n, n), bool), (1.0, 1.0, 1.0))
    assert space == pytest.approx(sqrt(n**2 + 2 * (n - 1) ** 2))
    assert planes == pytest.approx([sqrt(n**2 + (n - 1) ** 2)] * 3)


def test_a_rod_is_as_long_as_its_voxels():
    slice_mm, column_mm, row_mm, space_mm = maximum_diameters(
        np.ones((1, 1, 9), bool), spacing=(1.0, 0.5, 2.0)
    )
    assert (slice_mm, column_mm, space_mm) == (18, 18, 18)
    assert row_mm == 1


def test_far_parts_are_measured_across_the_gap(rng):
    mask = np.zeros((40, 3, 3), bool)
    mask[0, 1, 1] = mask[-1, 1, 1] = True
    assert maximum_diameters(mask, spacing=(1.0, 1.0, 1.0))[3] == pytest.approx(40)


def test_a_porous_region_of_many_voxels_is_measured_in_no_time(rng):
    # 900,000 surface points: all pairs would take hours.
    mask = rng.random((100, 100, 100)) < 0.2
    mask[[0, -1], [0, -1], [0, -1]] = True
    assert maximum_diameters(mask, spacing=(1.0, 1.0, 1.0))[3] == pytest.approx(172, abs=0.8)
