"""No calibrator and no prediction set of an outer fold looks at the rows that it holds out."""

import joblib
import numpy as np
import pandas as pd
import pytest

from radpred.cohort.split import outer_folds
from radpred.config.study import LearningSettings
from radpred.model.conformal import METHODS
from radpred.model.rows import cohort_of
from radpred.pipeline.learning.held_out import held_out_table
from radpred.pipeline.learning.train import fit_fold


@pytest.fixture
def made(rng):
    """Return a table, outcomes, patients and sites of forty cases."""
    y = np.arange(40) % 2
    names = [f"tumour__original_glcm_F{i}" for i in range(6)]
    X = pd.DataFrame(rng.normal(size=(40, 6)), columns=names)
    X.index = pd.Index([f"c{i:02d}" for i in range(40)])
    X.iloc[:, 0] += y
    return X, y, np.arange(40).astype(str), np.where(np.arange(40) % 4 < 2, "A", "B")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("calibration", ["isotonic", "cross_venn_abers"])
def test_held_out_rows_change_nothing_that_stands_behind_an_answer(method, calibration, made):
    X, y, groups, sites = made
    design = LearningSettings(
        models=("elastic_net",),
        inner_folds=2,
        n_features=(3,),
        calibration=calibration,
        conformal={"method": method, "by": "site"},
    )
    split = outer_folds(y, groups, n_folds=2, repeats=1, seed=0)[0]
    spoilt, turned, moved = X.copy(), y.copy(), sites.copy()
    spoilt.iloc[split.test] = 1e6
    turned[split.test] = 1 - y[split.test]
    moved[split.test] = "Z"
    states = []
    for table, outcome, strata in ((X, y, sites), (spoilt, turned, moved)):
        cohort = cohort_of(table, outcome, groups, strata=strata)
        fitted = fit_fold(["elastic_net"], cohort, split, design=design)["elastic_net"]
        inner = held_out_table(fitted, cohort, split)
        assert not np.isin(inner["case_id"], X.index[split.test]).any()
        states.append(joblib.hash((fitted, inner)))
    assert states[0] == states[1]
