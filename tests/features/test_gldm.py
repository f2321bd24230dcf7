"""GLDM features of a line of four voxels, worked by hand: dependences 2, 2, 1, 1."""

from __future__ import annotations

import pytest

from radpred.features import feature_names

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


def test_the_hand_worked_list_covers_the_family():
    assert {f"gldm_{name}" for name in LINE} == set(feature_names(["gldm"]))
