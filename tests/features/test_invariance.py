"""What holds for any region: turning, mirroring and shifting change nothing."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpred.features import FAMILIES

TEXTURE = ("glcm", "glrlm", "glszm", "gldm", "ngtdm")
PLANES = ("Slice", "Column", "Row")  # PyRadiomics' words for one z, one y, one x
# The mesh of touching corners is PyRadiomics': it depends on how the array is stored.
OF_THE_MESH = {f"shape_{n}" for n in ("MeshVolume", "SurfaceArea", "SurfaceVolumeRatio")}
OF_THE_MESH |= {"shape_Sphericity"}
SPACING = (2.0, 0.7, 1.1)

seeds = st.integers(0, 2**32 - 1)
turns = st.permutations((0, 1, 2))
mirrors = st.tuples(st.booleans(), st.booleans(), st.booleans())


def made(seed):
    """Return a small image and a porous region in it."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(2, 8, 3))
    mask = rng.random(shape) < rng.uniform(0.4, 1)
    mask[0, 0, :2] = True
    return rng.normal(100, 40, shape), mask


def turned(array, axes, mirror):
    """Return the array with its axes in another order, some of them reversed."""
    chosen = [axis for axis, is_reversed in enumerate(mirror) if is_reversed]
    return np.flip(np.transpose(array, axes), chosen)


def assert_same(found, wanted, *, but=frozenset()):
    """Check that all values but some are the same, NaN included."""
    for key, value in wanted.values.items():
        if key not in but:
            assert found.values[key] == pytest.approx(value, rel=1e-7, abs=1e-9, nan_ok=True), key


@settings(max_examples=40, deadline=None)
@given(seed=seeds, axes=turns, mirror=mirrors)
def test_turning_and_mirroring_change_no_value(measure, seed, axes, mirror):
    voxels, mask = made(seed)
    wanted = measure(voxels, mask, spacing=SPACING, bin_width=25)
    spacing = tuple(SPACING[axis] for axis in axes)
    found = measure(
        turned(voxels, axes, mirror), turned(mask, axes, mirror), spacing=spacing, bin_width=25
    )
    planes = {f"shape_Maximum2DDiameter{plane}" for plane in PLANES}
    assert_same(found, wanted, but=planes | OF_THE_MESH)
    for new, old in enumerate(axes):
        new_key, old_key = (f"shape_Maximum2DDiameter{PLANES[k]}" for k in (new, old))
        assert found.values[new_key] == pytest.approx(wanted.values[old_key], nan_ok=True)


@pytest.mark.parametrize("axes", list(permutations((0, 1, 2))))
@pytest.mark.parametrize("mirror", [(False, False, True), (True, False, False)])
def test_turning_and_mirroring_a_solid_do_not_change_its_mesh(measure, axes, mirror):
    z, y, x = np.indices((9, 12, 15)) - np.array([4, 5.5, 7])[:, None, None, None]
    solid = (z / 4) ** 2 + (y / 5) ** 2 + ((x + z / 2) / 5) ** 2 <= 1
    wanted = measure(solid * 1.0, solid, spacing=SPACING, families=("shape",))
    spacing = tuple(SPACING[axis] for axis in axes)
    other = turned(solid, axes, mirror)
    found = measure(other * 1.0, other, spacing=spacing, families=("shape",))
    planes = {f"shape_Maximum2DDiameter{plane}" for plane in PLANES}
    assert_same(found, wanted, but=planes)


@settings(max_examples=25, deadline=None)
@given(seed=seeds, widths=st.integers(-40, 40))
def test_a_shift_by_whole_bin_widths_changes_no_texture(measure, seed, widths):
    voxels, mask = made(seed)
    voxels = np.rint(voxels)
    wanted = measure(voxels, mask, families=TEXTURE, bin_width=25)
    assert measure(voxels + 25 * widths, mask, families=TEXTURE, bin_width=25) == wanted


@settings(max_examples=25, deadline=None)
@given(seed=seeds, offset=st.integers(-500, 500), power=st.integers(-3, 3))
def test_a_bin_count_sees_no_offset_and_no_scale(measure, seed, offset, power):
    voxels, mask = made(seed)
    voxels = np.rint(voxels)
    voxels[mask.nonzero()[0][0], mask.nonzero()[1][0], mask.nonzero()[2][0]] = 0
    wanted = measure(voxels, mask, families=TEXTURE, bin_width=None, bin_count=16)
    other = voxels * 2.0**power + offset * 2.0**power
    found = measure(other, mask, families=TEXTURE, bin_width=None, bin_count=16)
    assert_same(found, wanted)


@settings(max_examples=25, deadline=None)
@given(seed=seeds, offset=st.floats(-1000, 1000), scale=st.floats(0.1, 10))
def test_first_order_features_follow_offset_and_scale(measure, seed, offset, scale):
    voxels, mask = made(seed)
    before = measure(voxels, mask, families=("firstorder",), bin_width=25).values
    other = voxels * scale + offset
    after = measure(other, mask, families=("firstorder",), bin_width=25).values
    for name in ("Mean", "Median", "Minimum", "Maximum", "10Percentile", "90Percentile"):
        wanted = before[f"firstorder_{name}"] * scale + offset
        assert after[f"firstorder_{name}"] == pytest.approx(wanted, rel=1e-9, abs=1e-6)
    for name in ("Range", "InterquartileRange", "MeanAbsoluteDeviation"):
        wanted = before[f"firstorder_{name}"] * scale
        assert after[f"firstorder_{name}"] == pytest.approx(wanted, rel=1e-7, abs=1e-6)
    for name in ("Skewness", "Kurtosis"):
        wanted = before[f"firstorder_{name}"]
        assert after[f"firstorder_{name}"] == pytest.approx(wanted, rel=1e-6, abs=1e-6, nan_ok=True)


def test_the_families_of_this_file_are_all_there_are():
    assert set(TEXTURE) | {"shape", "firstorder"} == set(FAMILIES)
