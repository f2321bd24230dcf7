"""Settings of models, tuning, ensembles, choice of columns and harmonisation."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import ValidationError

from radpred.config import StudySettings
from radpred.config.study import LearningSettings
from radpred.config.study.learning import ModelName, Selection
from radpred.errors import LeakageError
from radpred.model.estimators import MODELS
from radpred.model.recipes import CANDIDATES, ENSEMBLES, SELECTIONS

COMBAT = {"method": "combat"}


def learning(**given):
    """Return learning settings."""
    return LearningSettings.model_validate(given)


def study(learning, **outcome):
    """Return a study with these learning settings."""
    outcome = {"column": "event", "clinical": ["age"], **outcome}
    return StudySettings.model_validate({"name": "a", "outcome": outcome, "learning": learning})


def test_every_model_of_the_register_and_both_ensembles_can_be_named():
    candidates, ensembles = (get_args(part) for part in get_args(ModelName))
    assert set(candidates) == set(CANDIDATES) == set(MODELS)
    assert set(ensembles) == set(ENSEMBLES)


def test_every_way_to_choose_columns_can_be_named():
    assert get_args(Selection) == SELECTIONS


def test_default_models_are_the_four_of_old():
    assert learning().models == ("elastic_net", "svm", "random_forest", "xgboost")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"models": ["lda", "lda"]}, "one of them twice"),
        ({"models": ["average"]}, "0 others to choose from"),
        ({"models": ["stack", "lda"]}, "1 others to choose from"),
        ({"tuning": {"method": "tpe"}}, "give a budget"),
        ({"tuning": {"budget": 4}}, "a grid tries all its points"),
        ({"harmonise": {"covariates": ["age"]}}, "method is none"),
        ({"harmonise": COMBAT, "design": {"kind": "sites"}}, "set it to pooled"),
        (
            {"harmonise": {**COMBAT, "covariates": ["age"]}, "regions": ["tumour"]},
            "leave these out",
        ),
    ],
)
def test_what_cannot_be_had_together_is_refused_with_what_to_do(given, message):
    with pytest.raises(ValidationError, match=message):
        learning(**given)


@pytest.mark.parametrize("name", [n for n, m in MODELS.items() if m.scale == "distance"])
def test_a_distance_is_no_risk_and_neither_is_a_sum_of_them(name):
    with pytest.raises(ValidationError, match=f"leave {name} out"):
        learning(models=["lda", name], calibration="none")
    with pytest.raises(ValidationError, match="leave average out"):
        learning(models=["lda", "average"], ensemble={"members": ["lda", name]}, calibration="none")


@pytest.mark.parametrize("name", [n for n, m in MODELS.items() if m.scale != "distance"])
def test_other_models_may_be_taken_at_their_word(name):
    models = tuple({name: 0, "logistic": 0, "lda": 0, "stack": 0})
    assert learning(models=models, calibration="none").models == models


def test_ensembles_choose_from_all_models_beside_them_or_from_those_named():
    models = ["lda", "tree", "average"]
    assert learning(models=models).members == ("lda", "tree")
    named = learning(models=models, ensemble={"members": ["knn", "lda"]})
    assert named.members == ("knn", "lda")
    assert named.ensembles == ("average",)


def test_the_outcome_is_refused_as_a_covariate():
    with pytest.raises(LeakageError, match="is the outcome"):
        study({"harmonise": {**COMBAT, "covariates": ["event"]}}, clinical=["event"])


def test_a_covariate_that_is_not_clinical_is_refused():
    with pytest.raises(ValidationError, match=r"outcome\.clinical holds"):
        study({"harmonise": {**COMBAT, "covariates": ["weight"]}})


def test_a_clinical_covariate_is_taken():
    assert study({"harmonise": {**COMBAT, "covariates": ["age"]}}).learning.harmonise.is_on
