"""Soft labels weigh where a chain can weigh, and are dropped, by name, where it cannot."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from radpred.model.preparation import Impute, Standardise
from radpred.model.recipes import RECIPES, chain
from radpred.model.rows import cohort_of
from radpred.model.selection import KeepRelevant
from radpred.model.weights import fit_rows, requesting_weights, without_weights

LINE = LogisticRegression(C=0.5)


@pytest.fixture
def cohort(rng):
    """Return 60 cases of which nobody is sure of every fifth."""
    X = pd.DataFrame(rng.normal(size=(60, 12)), columns=[f"f{i}" for i in range(12)])
    X.index = [f"case_{i:02d}" for i in range(60)]
    y = np.arange(60) % 2
    X["f0"] += 1.5 * y
    chance = np.where(np.arange(60) % 5 == 0, np.where(y == 1, 0.7, 0.2), y)
    return cohort_of(X, y, X.index.to_numpy(), event_probability=chance)


def test_weighted_rows_give_the_fit_of_fractional_outcomes(cohort):
    """Binomial regression on fractions, by gradient: sum (p_hat - p) x + w / C = 0."""
    model = fit_rows(LogisticRegression(C=0.5, tol=1e-10), cohort.training(np.arange(60)))
    values = cohort.X.to_numpy()
    miss = model.predict_proba(cohort.X)[:, 1] - cohort.event_probability
    assert np.abs(values.T @ miss + model.coef_[0] / 0.5).max() < 1e-5
    assert abs(miss.sum()) < 1e-5


def test_certain_rows_give_the_plain_fit(cohort):
    rows = cohort.training(np.flatnonzero(cohort.is_certain))
    plain = make_pipeline(Impute(), Standardise(), KeepRelevant(4), clone(LINE))
    fitted = fit_rows(plain, rows)
    assert np.array_equal(fitted[-1].coef_, plain.fit(rows.X, rows.y)[-1].coef_)


def test_step_blind_to_outcomes_sees_each_case_once(cohort):
    fitted = fit_rows(make_pipeline(Standardise(), clone(LINE)), cohort.training(np.arange(60)))
    alone = Standardise().fit(cohort.X)
    assert np.array_equal(fitted[0].transform(cohort.X), alone.transform(cohort.X))


def test_step_that_cannot_weigh_outcomes_sees_certain_rows_only(cohort):
    fitted = fit_rows(make_pipeline(KeepRelevant(4), clone(LINE)), cohort.training(np.arange(60)))
    sure = cohort.is_certain
    assert fitted[0].kept_ == KeepRelevant(4).fit(cohort.X[sure], cohort.y[sure]).kept_


def test_model_that_cannot_weigh_is_fitted_on_certain_rows_only(cohort):
    fitted = fit_rows(KNeighborsClassifier(), cohort.training(np.arange(60)))
    assert fitted.n_samples_fit_ == cohort.is_certain.sum()


def test_the_chain_that_is_given_stays_unfitted(cohort):
    given = make_pipeline(Standardise(), clone(LINE))
    fit_rows(given, cohort.training(np.arange(60)))
    assert not hasattr(given[-1], "coef_")


def test_arrays_within_a_chain_do(cohort):
    chain = make_pipeline(StandardScaler(), SelectKBest(k=3), "passthrough", clone(LINE))
    fitted = fit_rows(chain, cohort.training(np.arange(60)))
    assert fitted.predict_proba(cohort.X).shape == (60, 2)


def test_weighing_a_soft_label_differs_from_dropping_it(cohort):
    everybody = fit_rows(LINE, cohort.training(np.arange(60)))
    dropped = fit_rows(LINE, cohort.training(np.flatnonzero(cohort.is_certain)))
    assert np.abs(everybody.coef_ - dropped.coef_).max() > 1e-3


def test_steps_that_cannot_weigh_are_named():
    steps = [("scale", Standardise()), ("relevance", KeepRelevant()), ("model", clone(LINE))]
    assert without_weights(Pipeline(steps)) == ("relevance",)


def test_model_that_cannot_weigh_is_named():
    assert without_weights(KNeighborsClassifier()) == ("KNeighborsClassifier",)
    assert without_weights(clone(LINE)) == ()


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_but_two_has_a_model_that_weighs(name):
    assert ("model" in without_weights(chain(name, {}))) == (name in ("knn", "lda"))


def test_scikit_learn_routes_weights_to_the_steps_that_ask(cohort):
    asking = requesting_weights(make_pipeline(Standardise(), clone(LINE)))
    rows = cohort.training(np.arange(60))
    with sklearn.config_context(enable_metadata_routing=True):
        routed = asking.fit(rows.X, rows.y, sample_weight=rows.weights)
        scored = cross_validate(
            asking, rows.X, rows.y, cv=3, params={"sample_weight": rows.weights}
        )
    table = Standardise().fit(rows.X).transform(rows.X)
    alone = clone(LINE).fit(table, rows.y, sample_weight=rows.weights)
    assert np.array_equal(routed[-1].coef_, alone.coef_)
    assert len(scored["test_score"]) == 3
