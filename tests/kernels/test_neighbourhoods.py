"""Texture around each of many voxels: the fast variant and the plain one agree."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from radpred.kernels.neighbourhoods import _numba, _numpy, count_neighbourhoods
from radpred.kernels.texture_sweep import EVERYWHERE, Walk, neighbour_offsets
from tests.conftest import ROOT

AROUND = neighbour_offsets()
SLICES = neighbour_offsets(flat_axis=1)
WALKS = {
    "touching": (EVERYWHERE, None),
    "merged": (Walk(offsets=AROUND, lines=AROUND, is_merged=True), None),
    "ordered": (Walk(offsets=AROUND, lines=AROUND, is_ordered=True), None),
    "slices": (Walk(offsets=SLICES, lines=SLICES, cutoff=1.0), 1),
    "far": (Walk(offsets=neighbour_offsets([1, 2]), lines=AROUND, cutoff=3.0), None),
}


def ordered(rows):
    """Return rows in an order of their own."""
    return rows[np.lexsort(rows.T[::-1])]


@pytest.mark.parametrize("radius", [1, 2])
@pytest.mark.parametrize("walk", WALKS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_fast_variant_counts_what_the_reference_counts(walk, radius, seed):
    rng = np.random.default_rng(seed)
    chosen, flat_axis = WALKS[walk]
    n_levels = int(rng.choice([1, 3, 8, 60]))
    levels = rng.integers(0, n_levels + 1, rng.integers(1, 7, 3)).astype(np.int16)
    levels *= rng.random(levels.shape) < rng.choice([0.1, 0.4, 1.0])
    grey_levels = np.sort(rng.choice(90, n_levels, replace=False)) + 1.0
    centres = np.argwhere(levels > 0)[:20]
    fast, plain = (
        variant.count_neighbourhoods(
            levels, grey_levels, centres, radius=radius, walk=chosen, flat_axis=flat_axis
        )
        for variant in (_numba, _numpy)
    )
    for name in ("pairs", "runs", "zones", "dependences"):
        assert_array_equal(ordered(getattr(fast, name)), ordered(getattr(plain, name)))
    assert_array_equal(fast.level_voxels, plain.level_voxels)
    assert_allclose(fast.level_differences, plain.level_differences, atol=1e-12)


@pytest.mark.parametrize("walk", WALKS)
def test_a_cube_of_many_levels_fits_into_the_room_for_it(walk):
    # Python says where an index leaves an array; compiled loops do not.
    code = (
        "import numpy as np\n"
        "from tests.kernels.test_neighbourhoods import WALKS, count_neighbourhoods\n"
        f"walk, flat_axis = WALKS[{walk!r}]\n"
        "for levels in (np.arange(1, 126), np.ones(125)):\n"
        "    count_neighbourhoods(\n"
        "        levels.reshape(5, 5, 5), np.arange(1.0, 126), np.array([[2, 2, 2]]),\n"
        "        radius=2, walk=walk, flat_axis=flat_axis,\n"
        "    )\n"
    )
    alone = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    subprocess.run([sys.executable, "-c", code], env=alone, cwd=ROOT, check=True)


def test_what_is_not_asked_for_is_not_counted(rng):
    levels = rng.integers(1, 4, (4, 4, 4)).astype(np.int16)
    found = count_neighbourhoods(
        levels, np.arange(1.0, 4), np.array([[1, 1, 1]]), radius=1, walk=EVERYWHERE, what=["pairs"]
    )
    assert len(found.pairs) and not len(found.runs) and not len(found.zones)
