"""Each kind of outcome has its inner score."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, root_mean_squared_error

from radpred.errors import InputError
from radpred.model.outcome_kind import inner_score


def test_binary_is_scored_by_the_area_under_the_curve(rng):
    y, scores = np.arange(40) % 2, rng.normal(size=40).round(1)
    assert inner_score("binary", scores, y) == pytest.approx(roc_auc_score(y, scores))


def test_multiclass_is_scored_by_the_macro_area_of_one_against_the_rest(rng):
    y, shares = np.arange(60) % 3, rng.dirichlet(np.ones(3), 60)
    expected = roc_auc_score(y, shares, multi_class="ovr", average="macro")
    assert inner_score("multiclass", shares, y) == pytest.approx(expected)


def test_a_class_that_did_not_come_is_left_out_of_the_mean(rng):
    y, scores = np.arange(20) % 2, rng.normal(size=(20, 3))
    pair = [roc_auc_score(y == c, scores[:, c]) for c in (0, 1)]
    assert inner_score("multiclass", scores, y) == pytest.approx(np.mean(pair))


def test_continuous_is_scored_by_the_negative_error(rng):
    y, scores = rng.normal(size=(2, 30))
    assert inner_score("continuous", scores, y) == pytest.approx(
        -root_mean_squared_error(y, scores)
    )


@pytest.mark.parametrize("kind", ["binary", "continuous", "multiclass"])
def test_a_constant_scores_what_knows_nothing(kind):
    y = np.arange(30) % (2 if kind == "binary" else 3)
    scores = np.zeros((30, 3)) if kind == "multiclass" else np.full(30, y.mean())
    expected = -y.std() if kind == "continuous" else 0.5
    assert inner_score(kind, scores, y) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("kind", "scores"), [("multiclass", np.zeros(4)), ("binary", np.zeros((4, 2))),
                         ("survival", np.zeros(4)), ("binary", np.zeros(3))]
)  # fmt: skip
def test_scores_that_do_not_match_are_refused(kind, scores):
    with pytest.raises(InputError, match="give one row an outcome"):
        inner_score(kind, scores, [0, 1, 0, 1])


def test_rows_of_one_class_are_refused():
    with pytest.raises(InputError, match="4 rows of one class came, wanted two"):
        inner_score("binary", np.zeros(4), [1, 1, 1, 1])
