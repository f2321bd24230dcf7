"""What models are told of the sites of cases."""

import numpy as np
import pandas as pd
import pytest

from radpred.cohort.split import Split
from radpred.config.study import HarmoniseSettings, LearningSettings
from radpred.errors import InputError
from radpred.pipeline.learning.searches import refuse_new_sites, search_of, sites_of

CASES = pd.Index([f"c{i}" for i in range(9)])
SITE = pd.Series(list("AAAABBBBZ"), index=CASES)
COMBAT = HarmoniseSettings(method="combat")
POOLED = HarmoniseSettings(method="combat", new_site="pooled")


def split(test):
    """Return a split that tests some rows."""
    train = np.setdiff1d(np.arange(9), test)
    return Split(repeat=0, fold=1, train=train, test=np.array(test))


def test_sites_are_matched_by_case_and_read_as_text():
    found = sites_of(COMBAT, pd.Index(["a", "b"]), pd.Series({"b": 2.0, "a": "2"}))
    assert found.tolist() == ["2", "2"]


def test_where_nothing_is_harmonised_no_site_is_asked_for():
    assert sites_of(HarmoniseSettings(), CASES, None) is None
    assert search_of(LearningSettings()).harmonise is None


@pytest.mark.parametrize("settings", [COMBAT, POOLED])
def test_a_cohort_without_sites_is_refused(settings):
    with pytest.raises(InputError, match="none of 9 cases has a value in the column site"):
        sites_of(settings, CASES, None)


def test_a_case_without_a_site_is_refused_unless_new_sites_are_pooled():
    some = SITE.where(SITE != "Z", "")
    with pytest.raises(InputError, match="1 of 9 cases have no site"):
        sites_of(COMBAT, CASES, some)
    assert sites_of(POOLED, CASES, some)["c8"] == ""


def test_a_test_case_of_a_site_that_is_not_learnt_is_refused_before_any_fit():
    with pytest.raises(InputError, match="fold 1: 1 test cases come from Z"):
        refuse_new_sites(COMBAT, SITE, [split([0]), split([1, 8])])
    refuse_new_sites(COMBAT, SITE, [split([0, 4])])
    refuse_new_sites(POOLED, SITE, [split([8])])
