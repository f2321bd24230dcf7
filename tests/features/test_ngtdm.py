"""NGTDM features of a line of four voxels, worked by hand: differences 0, 1/2, 0, 1."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.features import Convention, feature_names
from radpred.features.texture.ngtdm import Differences, complexity

LINE = {
    "Busyness": 1 / 2,
    "Coarseness": 2,
    "Complexity": 13 / 12,
    "Contrast": 11 / 128,
    "Strength": 17 / 3,
}


@pytest.mark.parametrize("name", LINE)
def test_a_line_of_four_voxels_has_the_values_worked_by_hand(line, name):
    assert line[f"ngtdm_{name}"] == pytest.approx(LINE[name], rel=1e-12)


def test_the_hand_worked_list_covers_the_family():
    assert {f"ngtdm_{name}" for name in LINE} == set(feature_names(["ngtdm"]))


def test_voxels_without_neighbours_have_no_coarseness_and_no_strength(measure):
    voxels = np.array([[[1, 0, 2, 0, 3]]])
    found = measure(voxels, voxels > 0, families=("ngtdm",))
    assert found.reasons == dict.fromkeys(("ngtdm_Coarseness", "ngtdm_Strength"), "zero_divisor")
    assert found.values["ngtdm_Busyness"] == 0


def test_by_ibsi_voxels_without_neighbours_change_nothing(measure):
    convention = Convention(has_isolated_voxels=False)
    alone = measure(np.array([[[1, 1, 2, 3]]]), families=("ngtdm",), convention=convention)
    voxels = np.array([[[1, 1, 2, 3, 0, 2, 0, 7]]])
    found = measure(voxels, voxels > 0, families=("ngtdm",), convention=convention)
    assert found.values == alone.values


def test_by_ibsi_a_region_of_voxels_without_neighbours_has_no_differences(measure):
    voxels, convention = np.array([[[1, 0, 2, 0, 3]]]), Convention(has_isolated_voxels=False)
    found = measure(voxels, voxels > 0, families=("ngtdm",), convention=convention)
    assert set(found.reasons.values()) == {"no_neighbours"}


def test_many_levels_are_summed_in_blocks_to_the_same_complexity(rng):
    n = 1500
    voxels, s, level = rng.integers(1, 9, n), rng.random(n), np.arange(1.0, n + 1)
    p = voxels / voxels.sum()
    weighted = (p * s)[:, None] + p * s
    wanted = (np.abs(level[:, None] - level) * weighted / (p[:, None] + p)).sum() / voxels.sum()
    found = complexity(Differences(level=level, voxels=voxels[None], s=s[None], n_regions=1))
    assert found[0] == pytest.approx(wanted, rel=1e-12)
