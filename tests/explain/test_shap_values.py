"""Explanations are exact, add up to the shipped answer, and speak of the columns as they came."""

import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import RidgeClassifier
from sklearn.svm import SVC
from xgboost import XGBClassifier

import radpred.explain
from radpred.errors import InputError, RadpredWarning
from radpred.explain import explanation_record
from radpred.explain.product_kernel import gaussian_contributions
from radpred.explain.shap_values import contributions_of, explain
from radpred.model import Search, fit, fit_calibrator


def test_parts_add_up_to_the_calibrated_log_odds_of_every_case(fitted, table):
    explanation = explain(fitted, table[0])
    single_precision = fitted.model == "xgboost"
    parts = explanation.base_value + explanation.shap.sum(axis=1)
    assert_allclose(
        parts, fitted.log_odds(table[0]), rtol=0, atol=1e-5 if single_precision else 1e-9
    )
    assert_allclose(explanation.gap, parts - explanation.log_odds, atol=1e-12)
    assert_array_equal(explanation.probability, fitted.probability(table[0]))


def test_behind_a_curve_the_parts_add_up_to_the_score_and_the_record_says_so(fitted, table):
    X, y = table
    staircase = fit_calibrator("isotonic", fitted.score(X), y)
    explanation = explain(replace(fitted, calibrator=staircase), X)
    assert_array_equal(explanation.score, fitted.score(X))
    assert np.abs(explanation.gap).max() < 1e-4
    record = explanation_record(explanation)
    assert record["scale"] == "score of the model before calibration"
    said = "looks at no column" if fitted.model == "naive" else "calibrated by a curve"
    assert said in record["note"]
    assert record["cases"][3]["probability"] == staircase.probability(fitted.score(X))[3]


def test_behind_a_line_there_is_no_note(fitted, table):
    record = explanation_record(explain(fitted, table[0]))
    assert record["scale"] == "calibrated log-odds"
    assert ("note" in record) == (fitted.model == "naive")
    assert "score" not in record["cases"][0]


def test_a_case_alone_is_explained_as_among_others_to_the_last_bit(fitted, table):
    X = table[0]
    together = explanation_record(explain(fitted, X))
    for place in (0, 7, 59):
        alone = explanation_record(explain(fitted, X.iloc[[place]]))
        assert alone["cases"][0] == together["cases"][place]
        assert alone["base_value"] == together["base_value"]


def test_explained_columns_are_columns_of_the_table(fitted, table):
    explanation = explain(fitted, table[0])
    assert set(explanation.features) <= set(table[0].columns)
    assert len(set(explanation.features)) == len(explanation.features)
    pd.testing.assert_frame_equal(explanation.values, table[0][list(explanation.features)])


def test_columns_that_the_model_does_not_see_change_nothing(fitted, table):
    X = table[0]
    first = explain(fitted, X.iloc[:3])
    seen = list(first.features)
    assert_array_equal(explain(fitted, X.iloc[:3][seen]).shap, first.shap)


def test_linear_parts_are_slope_times_coefficient_times_distance_from_the_mean(table):
    X, y = table
    X = X.iloc[:, :12]
    fitted = fit("elastic_net", X, y, groups=X.index.to_numpy(), search=Search(n_inner_folds=2))
    explanation = explain(fitted, X)
    for place, name in enumerate(explanation.features):
        coefficient = fitted.chain[-1].coef_[0, place]
        z = (X[name] - X[name].mean()) / X[name].std(ddof=0)
        expected = fitted.calibrator.slope * coefficient * z
        assert_allclose(explanation.shap[:, place], expected, atol=1e-10)


def test_words_and_flags_of_gaps_are_summed_back_onto_their_column(table):
    X, y = table
    fitted = fit("clinical", X, y, groups=X.index.to_numpy(), search=Search(n_inner_folds=2))
    seen = fitted.chain[:-1].transform(X)
    explanation = explain(fitted, X)
    assert explanation.features == ("clinical__age", "clinical__grade")
    assert len(seen.columns) > 2
    terms = seen * fitted.chain[-1].coef_[0] * fitted.calibrator.slope
    for place, name in enumerate(explanation.features):
        own = [column for column in seen.columns if column.startswith(name)]
        assert_allclose(explanation.shap[:, place], terms[own].sum(axis=1), atol=1e-12)


def _shapley(value, n_features):
    """Return Shapley values of a set function by its definition, over all subsets."""
    result = np.zeros(n_features)
    for j in range(n_features):
        others = [i for i in range(n_features) if i != j]
        for size in range(n_features):
            weight = factorial(size) * factorial(n_features - size - 1) / factorial(n_features)
            for chosen in combinations(others, size):
                result[j] += weight * (value({*chosen, j}) - value(set(chosen)))
    return result


@pytest.fixture(scope="module")
def numbers():
    """Return five columns of numbers and an outcome that is no plane in them."""
    rng = np.random.default_rng(11)
    Z = pd.DataFrame(rng.normal(size=(120, 5)), columns=list("abcde"))
    return Z, (Z["a"] * Z["b"] + Z["c"] + 0.5 * rng.normal(size=120) > 0).astype(int)


def test_gaussian_kernel_parts_are_shapley_values_by_definition(numbers):
    Z, y = numbers
    model = SVC(C=2.0).fit(Z, y)
    values, base = contributions_of(model, Z.iloc[:3])
    support = model.support_vectors_
    chosen = np.round(np.linspace(0, len(support) - 1, 50)).astype(int)
    background = pd.DataFrame(support[chosen], columns=Z.columns)

    for case in range(3):

        def mean_score(present, case=case):
            mixed = background.copy()
            for j in present:
                mixed.iloc[:, j] = Z.iloc[case, j]
            return model.decision_function(mixed).mean()

        assert_allclose(values[case], _shapley(mean_score, 5), atol=1e-10)
    assert base == pytest.approx(model.decision_function(background).mean())


@pytest.mark.parametrize("n_features", [1, 2, 11, 20])
def test_gaussian_kernel_parts_add_up_for_any_number_of_columns(n_features, rng):
    rows, support = rng.normal(size=(4, n_features)), rng.normal(size=(30, n_features))
    weights, gamma = rng.normal(size=30), 1 / n_features
    values, base = gaussian_contributions(
        rows, support=support, weights=weights, background=support[:7], gamma=gamma
    )
    squares = ((rows[:, None, :] - support) ** 2).sum(axis=2)
    assert_allclose(base + values.sum(axis=1), np.exp(-gamma * squares) @ weights, atol=1e-12)


def test_gaussian_kernel_parts_of_a_far_away_case_are_finite(rng):
    support = rng.normal(size=(20, 6))
    rows = np.array([[1e6, 0, 0, -1e8, 0, 0], [0, 1e3, 0, 0, 0, 0]])
    values, base = gaussian_contributions(
        rows, support=support, weights=np.ones(20), background=support[:5], gamma=0.2
    )
    assert np.isfinite(values).all()
    assert_allclose(base + values.sum(axis=1), 0, atol=1e-12)  # no support vector is near


def _tree_value(nodes, row, present, at=0):
    """Return a tree's mean over its training rows where a column is absent (path-dependent)."""
    feature, goes_left, left, right, cover, leaf = nodes[at]
    if left is None:
        return leaf
    if feature in present:
        return _tree_value(nodes, row, present, left if goes_left(row) else right)
    shares = np.array([nodes[left][4], nodes[right][4]]) / cover
    parts = [_tree_value(nodes, row, present, child) for child in (left, right)]
    return float(shares @ parts)


def _forest_nodes(model):
    """Return the nodes of every tree of a forest; leaves hold the share of class 1."""
    for estimator in model.estimators_:
        tree = estimator.tree_
        nodes = []
        for i in range(tree.node_count):
            feature, threshold = int(tree.feature[i]), tree.threshold[i]
            is_leaf = tree.children_left[i] < 0
            nodes.append(
                (
                    feature,
                    lambda row, f=feature, t=threshold: np.float32(row[f]) <= t,
                    None if is_leaf else int(tree.children_left[i]),
                    None if is_leaf else int(tree.children_right[i]),
                    tree.weighted_n_node_samples[i],
                    tree.value[i, 0, 1] / tree.value[i, 0].sum(),
                )
            )
        yield nodes


def _booster_nodes(model, columns):
    """Return the nodes of every tree of a booster; leaves hold what they add to the margin."""
    for _, tree in model.get_booster().trees_to_dataframe().groupby("Tree"):
        place = {name: i for i, name in enumerate(tree["ID"])}
        nodes = []
        for row in tree.itertuples():
            is_leaf = row.Feature == "Leaf"
            feature = -1 if is_leaf else columns.index(row.Feature)
            nodes.append(
                (
                    feature,
                    lambda x, f=feature, t=row.Split: np.float32(x[f]) < np.float32(t),
                    None if is_leaf else place[row.Yes],
                    None if is_leaf else place[row.No],
                    row.Cover,
                    row.Gain,
                )
            )
        yield nodes


def test_forest_parts_are_shapley_values_of_the_share_of_class_1(numbers):
    Z, y = numbers
    model = RandomForestClassifier(4, max_depth=4, random_state=0).fit(Z, y)
    values, base = contributions_of(model, Z.iloc[:3])
    trees = list(_forest_nodes(model))
    for case in range(3):
        row = Z.iloc[case].to_numpy()
        value = lambda s, row=row: np.mean([_tree_value(t, row, s) for t in trees])  # noqa: E731
        assert_allclose(values[case], _shapley(value, 5), atol=1e-9)
        assert base == pytest.approx(value(set()))


def test_booster_parts_are_shapley_values_of_the_margin(numbers):
    Z, y = numbers
    model = XGBClassifier(n_estimators=5, max_depth=3, tree_method="exact", n_jobs=1).fit(Z, y)
    values, base = contributions_of(model, Z.iloc[:3])
    trees = list(_booster_nodes(model, list(Z.columns)))
    for case in range(3):
        row = Z.iloc[case].to_numpy()
        value = lambda s, row=row: sum(_tree_value(t, row, s) for t in trees)  # noqa: E731
        assert_allclose(values[case], _shapley(value, 5), atol=1e-5)
    assert base + values[0].sum() == pytest.approx(
        float(model.predict(Z.iloc[:1], output_margin=True)[0]), abs=1e-5
    )


def test_parts_that_do_not_add_up_are_told(fitted, table, monkeypatch):
    if fitted.model == "naive":
        pytest.skip("its answer does not depend on its score")

    def shifted(model, given):
        values, base = contributions_of(model, given)
        return values, base + 1.0

    monkeypatch.setattr("radpred.explain.parts.contributions_of", shifted)
    with pytest.warns(RadpredWarning, match="miss its answer"):
        explanation = explain(fitted, table[0].iloc[:2])
    expected = abs(fitted.calibrator.slope)
    assert explanation_record(explanation)["gap"] == pytest.approx(expected, abs=1e-4)


def test_no_cases_are_refused(fitted, table):
    with pytest.raises(InputError, match="at least one row"):
        explain(fitted, table[0].iloc[:0])


@pytest.mark.parametrize("model", [SVC(kernel="poly"), RidgeClassifier()])
def test_a_model_without_an_exact_explanation_is_refused(model, numbers):
    with pytest.raises(TypeError, match="no exact explanation"):
        contributions_of(model.fit(*numbers), numbers[0])


def test_shap_is_loaded_on_first_use_only():
    code = (
        "import sys, radpred.explain as e; assert 'shap' not in sys.modules; "
        "e.explain; assert 'shap' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_name_is_no_part_of_the_room():
    with pytest.raises(AttributeError, match="no attribute 'guess'"):
        radpred.explain.guess  # noqa: B018
