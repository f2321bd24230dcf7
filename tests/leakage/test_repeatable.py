"""The same settings give the same numbers, however many processes compute them."""

import numpy as np
import pandas as pd
import pytest

from radpred.config.study import LearningSettings
from radpred.model import RECIPES
from radpred.pipeline.learning.train import out_of_fold

DESIGN = LearningSettings(outer_folds=2, inner_folds=2, repeats=2, n_features=(5,), seed=4)


@pytest.fixture(scope="module")
def cohort(make):
    """Return a cohort, and the predictions of every model on it."""
    made = make(80, 40, seed=5, strength=0.5, has_site=True)
    return made, out_of_fold(list(RECIPES), *made, design=DESIGN)


def test_the_same_settings_twice_are_identical(cohort):
    made, first = cohort
    again = out_of_fold(list(RECIPES), *made, design=DESIGN)
    pd.testing.assert_frame_equal(again, first, check_exact=True)


def test_two_processes_give_what_one_gives(cohort):
    made, first = cohort
    parallel = out_of_fold(list(RECIPES), *made, design=DESIGN, n_jobs=2)
    pd.testing.assert_frame_equal(parallel, first, check_exact=True)


def test_another_seed_gives_other_folds(cohort):
    made, first = cohort
    other = out_of_fold("volume", *made, design=DESIGN.model_copy(update={"seed": 5}))
    volume = first[first["model"] == "volume"]
    assert not np.array_equal(other["case_id"], volume["case_id"])


def test_global_state_of_numpy_stays_as_it_was(cohort):
    made, _ = cohort
    before, state = np.geterr(), np.random.get_state()[1].copy()  # noqa: NPY002
    out_of_fold("random_forest", *made, design=DESIGN, repeats=[0])
    assert np.geterr() == before
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002
