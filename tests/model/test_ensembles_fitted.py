"""Ensembles and searches by chance go through the same call as every model."""

import joblib
import numpy as np
import pytest

from radpred.deploy.bundle import read_fitted, write_fitted
from radpred.errors import InputError
from radpred.model import CANDIDATES, ENSEMBLES, Search, fit, fit_all
from radpred.model.assurance import Assurance
from radpred.model.outcome_kind import inner_score

MEMBERS = ("logistic", "tree", "knn", "svm_linear")
SEARCH = Search(n_inner_folds=3, n_features=(3, 6), seed=5, members=MEMBERS)
NAMES = ["stack", *MEMBERS, "average", "volume", "naive"]


@pytest.fixture(scope="module")
def together(table):
    """Return ensembles, their members and two baselines, fitted in one call."""
    X, y, groups = table
    return fit_all(NAMES, X, y, groups=groups, search=SEARCH)


def test_the_answer_is_in_the_order_that_was_asked(together):
    assert list(together) == NAMES


@pytest.mark.parametrize("name", ENSEMBLES)
def test_members_are_the_best_by_inner_score(name, together):
    best = sorted(MEMBERS, key=lambda member: -together[member].inner_score)[:3]
    assert list(together[name].params) == best


@pytest.mark.parametrize("name", ENSEMBLES)
def test_an_ensemble_alone_equals_the_same_among_others(name, together, table):
    X, y, groups = table
    alone = fit(name, X, y, groups=groups, search=SEARCH)
    assert joblib.hash(alone) == joblib.hash(together[name])


@pytest.mark.parametrize("name", ENSEMBLES)
def test_members_are_fitted_as_they_are_alone(name, together, table):
    members = dict(zip(together[name].params, together[name].chain[-1].chains, strict=True))
    for member, chain in members.items():
        assert joblib.hash(chain) == joblib.hash(together[member].chain)


@pytest.mark.parametrize("name", ENSEMBLES)
def test_an_ensemble_answers_one_case_at_a_time_as_all_at_once(name, together, table):
    X = table[0]
    fitted = together[name]
    for ask in (fitted.score, fitted.probability, fitted.p_values):
        alone = np.concatenate([ask(X.iloc[[i]]) for i in range(12)])
        assert np.array_equal(alone, ask(X)[:12])


@pytest.mark.parametrize("name", [*ENSEMBLES, "naive", "knn"])
def test_a_bundle_gives_the_same_answers_back(name, together, table, tmp_path):
    write_fitted(together[name], tmp_path / "model.zip")
    again = read_fitted(tmp_path / "model.zip")
    assert np.array_equal(again.p_values(table[0]), together[name].p_values(table[0]))
    assert again.params == together[name].params


def test_the_naive_model_gives_everyone_the_prevalence(together, table):
    X, y, _ = table
    assert together["naive"].columns == ()
    said = together["naive"].probability(X)
    assert np.ptp(said) == 0
    assert said[0] == pytest.approx(y.mean(), abs=0.02)
    assert together["naive"].inner_score == 0.5


def test_without_two_models_there_is_no_ensemble(table):
    X, y, groups = table
    with pytest.raises(InputError, match="stack: no models to choose from"):
        fit("stack", X, y, groups=groups, search=Search())
    with pytest.raises(InputError, match="an ensemble of 1 models over 3 folds"):
        fit_all(["stack", "tree"], X, y, groups=groups, search=Search(n_inner_folds=3))


@pytest.mark.parametrize("method", ["random", "tpe"])
def test_a_search_by_chance_is_as_good_as_what_it_found(method, table):
    X, y, groups = table
    search = Search(n_inner_folds=3, n_features=(3, 6), method=method, budget=6, seed=2)
    one, other = (fit("logistic", X, y, groups=groups, search=search) for _ in range(2))
    assert joblib.hash(one) == joblib.hash(other)
    assert one.params["C"] not in (0.01, 0.1, 1.0, 10.0)


@pytest.mark.parametrize("name", CANDIDATES)
def test_every_candidate_can_be_tuned_by_tpe(name, table):
    X, y, groups = table
    search = Search(n_inner_folds=2, n_features=(3, 6), method="tpe", budget=4)
    fitted = fit(name, X, y, groups=groups, search=search)
    assert np.isfinite(inner_score("binary", fitted.score(X), y))


@pytest.mark.parametrize("conformal", ["leave_one_out", "split"])
def test_every_way_to_conformalise_has_ensembles(conformal, table):
    X, y, groups = table
    search = Search(n_inner_folds=2, n_features=(3,), members=("logistic", "naive_bayes"))
    fitted = fit(
        "average", X, y, groups=groups, search=search, assurance=Assurance(conformal=conformal)
    )
    assert np.isfinite(fitted.p_values(X)).all()
