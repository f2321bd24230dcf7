"""GLCM features of a line of four voxels, worked by hand."""

from __future__ import annotations

from math import exp, log2, sqrt

import numpy as np
import pytest

from radpred.features import Texture, feature_names
from radpred.kernels.texture_sweep import neighbour_offsets

# p(1,1) = 1/3 and p(1,2) = p(2,1) = p(2,3) = p(3,2) = 1/6; one level: 1/2, 1/3, 1/6.
H_LEVEL = 1 / 2 + log2(3) / 3 + log2(6) / 6
H_PAIR = log2(3) / 3 + 4 * log2(6) / 6
LINE = {
    "Autocorrelation": 3,
    "ClusterProminence": 98 / 27,
    "ClusterShade": 20 / 27,
    "ClusterTendency": 14 / 9,
    "Contrast": 2 / 3,
    "Correlation": 2 / 5,
    "DifferenceAverage": 2 / 3,
    "DifferenceEntropy": log2(3) - 2 / 3,
    "DifferenceVariance": 2 / 9,
    "Id": 2 / 3,
    "Idm": 2 / 3,
    "Idmn": 14 / 15,
    "Idn": 5 / 6,
    "Imc1": (H_PAIR - 2 * H_LEVEL) / H_LEVEL,
    "Imc2": sqrt(1 - exp(-2 * (2 * H_LEVEL - H_PAIR))),
    "InverseVariance": 2 / 3,
    "JointAverage": 5 / 3,
    "JointEnergy": 2 / 9,
    "JointEntropy": H_PAIR,
    "MCC": (1 + sqrt(13)) / 6,  # the other two eigenvalues solve t^2 + t / 3 = 1 / 3
    "MaximumProbability": 1 / 3,
    "SumAverage": 10 / 3,
    "SumEntropy": log2(3),
    "SumSquares": 5 / 9,
}


@pytest.mark.parametrize("name", LINE)
def test_a_line_of_four_voxels_has_the_values_worked_by_hand(line, name):
    assert line[f"glcm_{name}"] == pytest.approx(LINE[name], rel=1e-12)


def test_the_hand_worked_list_covers_the_family():
    assert {f"glcm_{name}" for name in LINE} == set(feature_names(["glcm"]))


def test_a_feature_is_the_mean_over_the_directions_that_hold_pairs(measure):
    # Rows 1 2 and 1 2: along x pairs (1,2) twice, along y (1,1) and (2,2), diagonals (1,2) each.
    found = measure(np.array([[[1, 2], [1, 2]]]), families=("glcm",)).values
    assert found["glcm_Contrast"] == pytest.approx((1 + 0 + 1 + 1) / 4)


def test_a_direction_with_one_level_counts_as_fully_correlated(measure):
    # Along x and both diagonals the levels alternate (-1); along y only (2,2) touches.
    voxels = np.array([[[1, 2], [0, 2]]])
    found = measure(voxels, voxels > 0, families=("glcm",)).values
    assert found["glcm_Correlation"] == pytest.approx((-1 - 1 + 1) / 3)
    assert found["glcm_Imc1"] == pytest.approx((-1 - 1 + 0) / 3)
    assert found["glcm_MCC"] == pytest.approx((1 + 1 + 0) / 3)


def test_a_region_in_which_every_direction_has_one_level_has_no_correlation(measure):
    voxels = np.array([[[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 5], [0, 0, 0, 5]]])
    found = measure(voxels, voxels > 0, families=("glcm",))
    undefined = {"glcm_Correlation", "glcm_Imc1", "glcm_MCC"}
    assert found.reasons == dict.fromkeys(undefined, "zero_divisor")


def test_voxels_that_do_not_touch_have_no_pairs(measure):
    voxels = np.array([[[1, 0, 2, 0, 3]]])
    found = measure(voxels, voxels > 0, families=("glcm",))
    assert set(found.reasons.values()) == {"no_neighbours"}


@pytest.mark.parametrize("seed", range(10))
def test_of_ordered_pairs_a_direction_with_one_level_on_a_side_counts_correlation_1(measure, seed):
    voxels = np.random.default_rng(seed).choice([3, 3, 3, 7, 20], (3, 2, 3))
    found = measure(voxels, families=("glcm",), texture=Texture(is_symmetric=False)).values
    wanted = []
    for step in neighbour_offsets():
        ahead = [slice(max(s, 0), voxels.shape[i] + min(s, 0)) for i, s in enumerate(step)]
        here = [slice(max(-s, 0), voxels.shape[i] + min(-s, 0)) for i, s in enumerate(step)]
        first, second = voxels[tuple(here)].ravel(), voxels[tuple(ahead)].ravel()
        is_plain = np.ptp(first) == 0 or np.ptp(second) == 0
        wanted.append(1.0 if is_plain else np.corrcoef(first, second)[0, 1])
    assert found["glcm_Correlation"] == pytest.approx(np.mean(wanted), rel=1e-9)
