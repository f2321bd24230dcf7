"""GLDM features of a line of four voxels, worked by hand: dependences 2, 2, 1, 1."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.features import Convention, feature_names

# IBSI's alone.
BEYOND = {
    "DependenceEnergy": 3 / 8,
    "DependencePercentage": 1,
    "GrayLevelNonUniformityNormalized": 3 / 8,
}
LINE = {
    "DependenceEntropy": 3 / 2,
    "DependenceNonUniformity": 2,
    "DependenceNonUniformityNormalized": 1 / 2,
    "DependenceVariance": 1 / 4,
    "GrayLevelNonUniformity": 3 / 2,
    "GrayLevelVariance": 11 / 16,
    "HighGrayLevelEmphasis": 15 / 4,
    "LargeDependenceEmphasis": 5 / 2,
    "LargeDependenceHighGrayLevelEmphasis": 21 / 4,
    "LargeDependenceLowGrayLevelEmphasis": 301 / 144,
    "LowGrayLevelEmphasis": 85 / 144,
    "SmallDependenceEmphasis": 5 / 8,
    "SmallDependenceHighGrayLevelEmphasis": 27 / 8,
    "SmallDependenceLowGrayLevelEmphasis": 31 / 144,
}


@pytest.mark.parametrize("name", LINE)
def test_a_line_of_four_voxels_has_the_values_worked_by_hand(line, name):
    assert line[f"gldm_{name}"] == pytest.approx(LINE[name], rel=1e-12)


@pytest.mark.parametrize("name", BEYOND)
def test_what_ibsi_adds_has_the_values_worked_by_hand(measure, name):
    voxels, convention = np.array([[[1, 1, 2, 3]]]), Convention(is_complete=True)
    found = measure(voxels, families=("gldm",), convention=convention).values
    assert found[f"gldm_{name}"] == pytest.approx(BEYOND[name], rel=1e-12)


def test_the_hand_worked_lists_cover_the_family():
    assert {f"gldm_{name}" for name in LINE} == set(feature_names(["gldm"]))
    both = {f"gldm_{name}" for name in LINE | BEYOND}
    assert both == set(feature_names(["gldm"], is_complete=True))
