"""From settings to what stands behind an answer, and whom a case is compared with."""

import numpy as np
import pandas as pd
import pytest

from radpred.config.study import ConformalSettings, LearningSettings
from radpred.errors import InputError
from radpred.model.assurance import Assurance
from radpred.pipeline.learning.assurance import assurance_of, strata_of, training_strata

X = pd.DataFrame({"clinical__sex": [1.0, 2.0, np.nan], "f": 0.0}, index=["a", "b", "c"])


def test_the_default_settings_are_the_default_of_a_fit():
    found = assurance_of(LearningSettings())
    assert (found.calibration, found.conformal, found.taxonomy) == ("sigmoid", "cross", "class")
    assert found.by_group is Assurance().by_group is False


def test_the_highest_level_decides_which_cells_are_large_enough():
    assert assurance_of(LearningSettings(confidence_levels=(0.8, 0.95))).level == 0.95


def test_sets_by_class_look_at_no_group():
    assert strata_of(ConformalSettings(), X, pd.Series(["A", "B", ""], index=X.index)) is None


def test_sites_are_matched_by_case_and_gaps_are_empty():
    site = pd.Series(["B", "A"], index=["b", "a"])
    assert strata_of(ConformalSettings(by="site"), X, site).tolist() == ["A", "B", ""]


def test_a_group_reads_the_same_as_number_and_as_text():
    settings = ConformalSettings(by="group_class", group="sex")
    text = X.assign(clinical__sex=["1", "2.0", " "])
    assert strata_of(settings, X, None).tolist() == ["1", "2", ""]
    assert strata_of(settings, text, None).tolist() == ["1", "2", ""]


def test_a_cohort_that_tells_no_site_is_refused():
    with pytest.raises(InputError, match="no case has a value in the column site"):
        training_strata(ConformalSettings(by="site"), X, pd.Series("", index=X.index))


def test_a_group_without_a_column_is_refused():
    with pytest.raises(InputError, match="'age', which no column tells"):
        strata_of(ConformalSettings(by="site", group="age"), X, None)
