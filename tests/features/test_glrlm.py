"""GLRLM features of a line of four voxels, worked by hand: runs 1 1, 2, 3."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest

from radpred.features import feature_names

LINE = {
    "GrayLevelNonUniformity": 1,
    "GrayLevelNonUniformityNormalized": 1 / 3,
    "GrayLevelVariance": 2 / 3,
    "HighGrayLevelRunEmphasis": 14 / 3,
    "LongRunEmphasis": 2,
    "LongRunHighGrayLevelEmphasis": 17 / 3,
    "LongRunLowGrayLevelEmphasis": 157 / 108,
    "LowGrayLevelRunEmphasis": 49 / 108,
    "RunEntropy": log2(3),
    "RunLengthNonUniformity": 5 / 3,
    "RunLengthNonUniformityNormalized": 5 / 9,
    "RunPercentage": 3 / 4,
    "RunVariance": 2 / 9,
    "ShortRunEmphasis": 3 / 4,
    "ShortRunHighGrayLevelEmphasis": 53 / 12,
    "ShortRunLowGrayLevelEmphasis": 11 / 54,
}


@pytest.mark.parametrize("name", LINE)
def test_a_line_of_four_voxels_has_the_values_worked_by_hand(line, name):
    assert line[f"glrlm_{name}"] == pytest.approx(LINE[name], rel=1e-12)


def test_the_hand_worked_list_covers_the_family():
    assert {f"glrlm_{name}" for name in LINE} == set(feature_names(["glrlm"]))


def test_a_direction_counts_when_a_line_holds_two_voxels_that_do_not_touch(measure):
    voxels = np.array([[[1, 0, 2]]])
    found = measure(voxels, voxels > 0, families=("glrlm",)).values
    assert found["glrlm_RunPercentage"] == 1


def test_voxels_on_no_common_line_have_no_runs(measure):
    voxels = np.zeros((1, 3, 4), dtype=int)
    voxels[0, 0, 0], voxels[0, 1, 3] = 1, 2
    found = measure(voxels, voxels > 0, families=("glrlm",))
    assert set(found.reasons.values()) == {"no_neighbours"}
