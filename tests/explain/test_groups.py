"""Groups put together the credit that correlated columns split."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression

from radpred.explain import group_shares
from radpred.explain.shap_values import contributions_of
from radpred.table.columns import GROUP_KINDS

NAMES = [
    "tumour__original_glcm_JointEntropy",
    "tumour__log-sigma-3-0-mm-3D_firstorder_Mean",
    "ring_0_8mm__original_glcm_Contrast",
    "clinical__age",
]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("family", {"glcm", "firstorder", "clinical"}),
        ("image", {"original", "log-sigma-3-0-mm-3D", "clinical"}),
        ("region", {"tumour", "ring_0_8mm", "clinical"}),
        ("modality", {"image", "clinical"}),
    ],
)
def test_groups_are_the_parts_of_the_names(kind, expected):
    assert {row["name"] for row in group_shares(NAMES, np.ones((1, 4)), by=kind)} == expected


def test_each_modality_is_a_group():
    names = [f"{modality}__tumour__original_glcm_Contrast" for modality in ("pet", "t1")]
    rows = group_shares(names, np.array([[3.0, 1.0]]), by="modality")
    assert [(row["name"], row["share"]) for row in rows] == [("pet", 0.75), ("t1", 0.25)]


def test_group_of_a_case_is_the_sum_of_its_columns():
    shap = np.array([[1.0, 0.5, -1.0, 0.0], [2.0, 0.5, 1.0, -0.25]])
    rows = {row["name"]: row["mean_abs"] for row in group_shares(NAMES, shap, by="family")}
    assert rows == {"glcm": 1.5, "firstorder": 0.5, "clinical": 0.125}


@pytest.mark.parametrize("kind", GROUP_KINDS)
def test_shares_sum_to_one_and_fall(kind, rng):
    rows = group_shares(NAMES, rng.normal(size=(20, 4)), by=kind)
    shares = [row["share"] for row in rows]
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)


def test_where_nothing_moves_every_share_is_zero():
    assert [row["share"] for row in group_shares(NAMES, np.zeros((3, 4)), by="family")] == [0, 0, 0]


def test_a_duplicated_column_halves_its_share_and_leaves_its_groups(rng):
    y = (rng.random(300) < 0.4).astype(int)
    Z = pd.DataFrame(rng.normal(size=(300, 3)) + y[:, None] * [1, 0.5, 0.3], columns=NAMES[:3])
    twin = Z.assign(**{"tumour__original_glcm_JointEntropyAgain": Z[NAMES[0]]})
    column, group = [], []
    for frame in (Z, twin):
        model = LogisticRegression(C=1e6, tol=1e-10, max_iter=5000).fit(frame, y)
        shap, _ = contributions_of(model, frame)
        mean_abs = np.abs(shap).mean(axis=0)
        column.append(mean_abs[0] / mean_abs.sum())
        group.append(
            [(r["name"], r["share"]) for r in group_shares(list(frame), shap, by="family")]
        )
    assert column[1] == pytest.approx(column[0] / 2, rel=1e-3)
    assert [name for name, _ in group[0]] == [name for name, _ in group[1]]
    assert_allclose([s for _, s in group[0]], [s for _, s in group[1]], rtol=1e-3)
