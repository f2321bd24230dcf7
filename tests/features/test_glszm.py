"""GLSZM features of a line of four voxels, worked by hand: zones 1 1, 2, 3."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest

from radpred.features import feature_names

LINE = {
    "GrayLevelNonUniformity": 1,
    "GrayLevelNonUniformityNormalized": 1 / 3,
    "GrayLevelVariance": 2 / 3,
    "HighGrayLevelZoneEmphasis": 14 / 3,
    "LargeAreaEmphasis": 2,
    "LargeAreaHighGrayLevelEmphasis": 17 / 3,
    "LargeAreaLowGrayLevelEmphasis": 157 / 108,
    "LowGrayLevelZoneEmphasis": 49 / 108,
    "SizeZoneNonUniformity": 5 / 3,
    "SizeZoneNonUniformityNormalized": 5 / 9,
    "SmallAreaEmphasis": 3 / 4,
    "SmallAreaHighGrayLevelEmphasis": 53 / 12,
    "SmallAreaLowGrayLevelEmphasis": 11 / 54,
    "ZoneEntropy": log2(3),
    "ZonePercentage": 3 / 4,
    "ZoneVariance": 2 / 9,
}


@pytest.mark.parametrize("name", LINE)
def test_a_line_of_four_voxels_has_the_values_worked_by_hand(line, name):
    assert line[f"glszm_{name}"] == pytest.approx(LINE[name], rel=1e-12)


def test_the_hand_worked_list_covers_the_family():
    assert {f"glszm_{name}" for name in LINE} == set(feature_names(["glszm"]))


def test_voxels_that_touch_at_a_corner_are_one_zone(measure):
    voxels = np.array([[[1, 2], [2, 2]], [[2, 2], [2, 1]]])
    found = measure(voxels, families=("glszm",)).values
    assert found["glszm_ZonePercentage"] == 2 / 8
