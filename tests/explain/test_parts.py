"""Parts of ensembles, components and harmonised chains lead back to the columns of the table."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from radpred.explain import explain, explanation_record
from radpred.explain.parts import parts_of, shares_in
from radpred.model import ENSEMBLES, Search, fit, fit_all
from radpred.model.labels import CaseLabels
from radpred.model.preparation.harmonise import Combat

MEMBERS = ("logistic", "svm_rbf", "tree", "knn")
MODELS = ("lda", "naive_bayes", "mlp", "extra_trees")


@pytest.fixture(scope="module")
def blends(table):
    """Return both ensembles of four models."""
    X, y = table
    search = Search(n_inner_folds=2, n_features=(6,), best=4)
    names = [*MEMBERS, *ENSEMBLES]
    return fit_all(names, X, y, groups=X.index.to_numpy(), search=search)


@pytest.fixture(scope="module", params=MODELS)
def by_components(request, table):
    """Return models on principal components of families."""
    X, y = table
    search = Search(n_inner_folds=2, n_features=(4,), selection="components")
    return fit(request.param, X, y, groups=X.index.to_numpy(), search=search)


@pytest.mark.parametrize("name", ENSEMBLES)
def test_parts_of_an_ensemble_add_up_to_its_score(name, blends, table):
    X = table[0]
    parts = parts_of(blends[name].chain, X)
    sums = parts.base_value + parts.contributions.sum(axis=1)
    assert_allclose(sums, blends[name].score(X), rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ENSEMBLES)
def test_parts_of_an_ensemble_are_weighted_parts_of_its_members(name, blends, table):
    X = table[0].iloc[:5]
    blend = blends[name].chain[-1]
    found = parts_of(blends[name].chain, X).contributions
    expected = np.zeros(found.shape)
    facts = zip(blend.chains, blend.weights, blend.slopes, strict=True)
    for chain, weight, slope in facts:
        own = parts_of(chain, X).contributions.reindex(columns=found.columns, fill_value=0.0)
        expected = expected + weight * slope * own.to_numpy()
    assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("name", ENSEMBLES)
def test_an_ensemble_explains_a_case_alone_as_among_others(name, blends, table):
    X = table[0]
    together = explanation_record(explain(blends[name], X))
    alone = explanation_record(explain(blends[name], X.iloc[[7]]))
    assert alone["cases"][0] == together["cases"][7]


def test_parts_through_components_add_up_to_the_score(by_components, table):
    X = table[0]
    parts = parts_of(by_components.chain, X)
    sums = parts.base_value + parts.contributions.sum(axis=1)
    assert_allclose(sums, by_components.score(X), rtol=0, atol=1e-6)


def test_components_are_explained_by_columns_of_the_table(by_components, table):
    explanation = explain(by_components, table[0])
    assert set(explanation.features) <= set(table[0].columns)
    shares = shares_in(by_components.chain)
    assert any(len(made) > 1 for made in shares.values())
    assert_allclose([sum(made.values()) for made in shares.values()], 1.0)


def test_a_harmonised_chain_is_explained_where_the_cases_stand(table):
    X, y = table
    sites = CaseLabels(dict(zip(X.index, np.tile(["A", "B"], 30), strict=True)))
    search = Search(n_inner_folds=2, n_features=(6,), harmonise=Combat(sites, new_site="pooled"))
    fitted = fit("lda", X, y, groups=X.index.to_numpy(), search=search)
    explanation = explain(fitted, X)
    assert_allclose(explanation.gap, 0, atol=1e-9)
    pd.testing.assert_frame_equal(explanation.values, X[list(explanation.features)])


def test_the_naive_model_has_nothing_to_explain_and_the_record_says_so(table):
    X, y = table
    fitted = fit("naive", X, y, groups=X.index.to_numpy(), search=Search(n_inner_folds=2))
    record = explanation_record(explain(fitted, X))
    assert record["features"] == []
    assert "nothing to explain" in record["note"]
    assert_allclose(record["base_value"], fitted.log_odds(X))
