"""Whatever a study file asks of the chain, it is blind to test rows, repeatable and no oracle."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sampled_settings import cohort, sampled
from sklearn.metrics import roc_auc_score

from radpred.cohort.split import outer_folds
from radpred.config.study.learning import CandidateName, Selection
from radpred.model.rows import cohort_of
from radpred.pipeline.learning.assurance import training_strata
from radpred.pipeline.learning.searches import sites_of
from radpred.pipeline.learning.train import fit_fold, out_of_fold

SETTINGS = sampled()
EACH = pytest.mark.parametrize("design", SETTINGS, ids=lambda one: f"{one.selection}-{one.seed}")


def fold_of(design, data, split):
    """Return the models of a fold of a cohort."""
    strata = training_strata(design.conformal, data.X, data.site)
    rows = cohort_of(data.X, data.y, data.groups, strata=strata)
    sites = sites_of(design.harmonise, rows.X.index, data.site)
    return fit_fold(design.models, rows, split, design=design, sites=sites)


def answers(model, data, rows):
    """Return all that a model says of some rows."""
    strata = data.site.to_numpy()[rows]
    X = data.X.iloc[rows]
    p = model.p_values(X, strata=strata)
    return np.column_stack([model.score(X), model.probability(X), p])


def test_every_model_and_every_choice_of_columns_is_among_them():
    names = {name for design in SETTINGS for name in design.models}
    assert names >= {*CandidateName.__args__, "average", "stack"}
    assert {design.selection for design in SETTINGS} == set(Selection.__args__)


@EACH
def test_spoiling_the_test_rows_leaves_the_fold_as_it_was_and_a_case_stands_alone(design):
    data = cohort(seed=1, strength=0.8)
    split = outer_folds(data.y, data.groups, n_folds=3, repeats=1, seed=7)[0]
    clean = fold_of(design, data, split)
    bad_X, bad_y = data.X.copy(), data.y.copy()
    bad_X.loc[bad_X.index[split.test], bad_X.columns[:-1]] = 1e6
    bad_y[split.test] = 1 - bad_y[split.test]
    blind = fold_of(design, data._replace(X=bad_X, y=bad_y), split)
    for name, model in clean.items():
        assert joblib.hash(blind[name].at_sites(None)) == joblib.hash(model.at_sites(None))
        rows = split.test[:4]
        alone = [answers(model, data, rows[[i]]) for i in range(len(rows))]
        assert np.array_equal(np.concatenate(alone), answers(model, data, rows))


def test_on_noise_they_score_chance():
    areas = []
    for seed, design in enumerate(SETTINGS):
        X, y, groups, site = cohort(seed=100 + seed)
        rows = out_of_fold(design.models, X, y, groups, design=design, site=site)
        folds = rows.groupby(["model", "fold"])
        areas.extend(roc_auc_score(fold["y"], fold["score"]) for _, fold in folds)
    assert abs(np.mean(areas) - 0.5) < 0.07


@pytest.mark.parametrize("design", [one for one in SETTINGS if one.harmonise.is_on][:1])
def test_two_processes_give_what_one_gives(design):
    X, y, groups, site = cohort(seed=5, strength=0.5)
    one, two = (
        out_of_fold(design.models, X, y, groups, design=design, site=site, n_jobs=n) for n in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)
