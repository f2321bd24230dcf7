"""Shapley values over orders of columns."""

import numpy as np
import pytest
import shap
from numpy.testing import assert_allclose, assert_array_equal

from radpred.explain.permutations import permutation_contributions


def twisted(values):
    """Return a score in which columns act together."""
    return values[:, 0] * values[:, 1] + np.sin(values.sum(axis=1))


def added(values):
    """Return a score in which columns act alone."""
    return (values**3).sum(axis=1)


def exact(score, rows, background):
    """Return what SHAP's exact explainer says of rows."""
    masker = shap.maskers.Independent(background, max_samples=len(background))
    return shap.explainers.ExactExplainer(score, masker)(rows).values


def test_of_up_to_four_columns_the_values_are_those_of_shap_s_exact_explainer(rng):
    rows, background = rng.normal(size=(3, 4)), rng.normal(size=(20, 4))
    values, _ = permutation_contributions(twisted, rows, background)
    assert_allclose(values, exact(twisted, rows, background), atol=1e-10)


def test_where_columns_act_alone_the_values_are_exact_for_any_number_of_them(rng):
    rows, background = rng.normal(size=(3, 9)), rng.normal(size=(20, 9))
    values, _ = permutation_contributions(added, rows, background)
    assert_allclose(values, rows**3 - (background**3).mean(axis=0), atol=1e-10)


def test_of_many_columns_the_values_are_near_the_exact_ones(rng):
    rows, background = rng.normal(size=(3, 8)), rng.normal(size=(20, 8))
    values, _ = permutation_contributions(twisted, rows, background)
    assert_allclose(values, exact(twisted, rows, background), atol=0.15)


@pytest.mark.parametrize("n_features", [1, 3, 5, 20])
def test_parts_add_up_for_any_number_of_columns(n_features, rng):
    rows, background = rng.normal(size=(4, n_features)), rng.normal(size=(7, n_features))
    values, base = permutation_contributions(added, rows, background)
    assert_allclose(base + values.sum(axis=1), added(rows), atol=1e-9)


def test_without_columns_there_is_the_base_value_only(rng):
    values, base = permutation_contributions(lambda z: np.ones(len(z)), rng.normal(size=(2, 0)),
                                             rng.normal(size=(5, 0)))  # fmt: skip
    assert values.shape == (2, 0)
    assert base == 1


def test_a_row_alone_is_explained_as_among_others(rng):
    rows, background = rng.normal(size=(4, 6)), rng.normal(size=(7, 6))
    together, _ = permutation_contributions(twisted, rows, background)
    alone, _ = permutation_contributions(twisted, rows[2:3], background)
    assert_array_equal(alone[0], together[2])
