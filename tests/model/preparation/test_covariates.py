"""The outcome is never a covariate, and what sites explain whole is none either."""

import numpy as np
import pytest

from radpred.errors import InputError, LeakageError
from radpred.model.preparation.covariates import (
    covariate_columns,
    refuse_bad_covariates,
    refuse_outcome,
)

SITE = np.array([0, 0, 0, 1, 1, 1])
AGE = np.array([50.0, 61, 72, 55, 66, 77])


@pytest.mark.parametrize("name", ["metastasis", "clinical__metastasis"])
def test_the_outcome_s_name_is_refused(name):
    with pytest.raises(LeakageError, match="is the outcome") as raised:
        refuse_outcome(["clinical__age", name], outcome="metastasis")
    assert raised.value.code == "outcome_as_covariate"


def test_another_name_is_taken():
    refuse_outcome(["clinical__age"], outcome="age_at_death")


@pytest.mark.parametrize("column", [[0, 1, 0, 1, 0, 1], [7, 3, 7, 3, 7, 3]])
def test_a_column_that_says_the_outcome_is_refused_whatever_its_name(column):
    with pytest.raises(LeakageError, match="'harmless' is the outcome"):
        refuse_bad_covariates(
            np.array([column], dtype=float).T,
            ["harmless"],
            site=SITE,
            y=np.array([0, 1, 0, 1, 0, 1]),
        )


def test_a_column_with_one_value_at_each_site_is_refused():
    with pytest.raises(InputError, match="one value at each site"):
        refuse_bad_covariates(SITE[:, None] * 0.1, ["scanner"], site=SITE, y=None)


def test_a_constant_does_no_harm():
    refuse_bad_covariates(np.full((6, 1), 0.1), ["constant"], site=SITE, y=None)


def test_a_measure_that_differs_from_case_to_case_is_not_taken_for_the_outcome():
    refuse_bad_covariates(AGE[:, None], ["age"], site=SITE, y=np.array([0, 1, 0, 1, 0, 1]))


def test_two_words_are_the_one_column_that_imputing_makes_of_them():
    assert covariate_columns(["clinical__sex=male"], ["clinical__sex"]) == ["clinical__sex=male"]


def test_a_covariate_that_is_no_column_is_refused():
    with pytest.raises(InputError, match="'clinical__sex' is none of the 1 columns"):
        covariate_columns(["clinical__age"], ["clinical__sex"])
