"""What knows nothing scores chance under every design, and looks clever where it is broken."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radpred.cohort.designs import (
    bootstrap,
    by_date,
    external,
    leave_one_patient_out,
    leave_one_site_out,
    leave_pair_out,
    repeated_k_fold,
)
from radpred.evaluate.designs import best_of
from radpred.model.conformal.methods import conformalise

LINE = make_pipeline(StandardScaler(), SelectKBest(k=10), LogisticRegression(C=0.1))
DESIGNS = {
    "repeated_k_fold": lambda c: repeated_k_fold(c["y"], c["groups"], n_folds=5, seed=0),
    "leave_one_site_out": lambda c: leave_one_site_out(c["y"], c["groups"], c["sites"]),
    "leave_pair_out": lambda c: leave_pair_out(c["y"], c["groups"], seed=0, most_pairs=60),
    "bootstrap": lambda c: bootstrap(c["y"], c["groups"], n_draws=10, seed=0),
    "by_date": lambda c: by_date(c["y"], c["groups"], c["dates"], share=0.6),
    "external": lambda c: external(c["y"], c["groups"], c["sites"] == "B"),
}


def noise(seed, *, n_patients=80, n_columns=200, n_copies=1, blur=0.0):
    """Return patients whose features know nothing of their outcome, with near-copies."""
    rng = np.random.default_rng(seed)
    copied = np.repeat(np.arange(n_patients), n_copies)
    X = rng.normal(size=(n_patients, n_columns))[copied]
    start = np.datetime64("2020-01-01")
    return {
        "X": X + blur * rng.normal(size=X.shape),
        "y": rng.permutation(np.arange(n_patients) % 2)[copied],
        "groups": copied,
        "sites": np.array(["A", "B", "C", "D"])[copied % 4],
        "dates": (start + rng.permutation(n_patients).astype("timedelta64[D]"))[copied],
    }


def area(design, cohort, model=LINE):
    """Return the mean area over the parts of a design."""
    X, y, areas = cohort["X"], cohort["y"], []
    for split in design.splits:
        fitted = clone(model).fit(X[split.train], y[split.train])
        areas.append(roc_auc_score(y[split.test], fitted.predict_proba(X[split.test])[:, 1]))
    return np.mean(areas)


@pytest.mark.parametrize("name", DESIGNS)
def test_a_model_of_noise_scores_chance_in_every_design(name):
    areas = [area(DESIGNS[name](cohort), cohort) for cohort in map(noise, range(8))]
    assert np.mean(areas) == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("name", DESIGNS)
def test_spoiling_tested_rows_leaves_every_fit_as_it_was(name):
    cohort = noise(0, n_columns=20)
    for split in DESIGNS[name](cohort).splits[:3]:
        X, y = cohort["X"].copy(), cohort["y"].copy()
        X[split.test], y[split.test] = 1e6, 1 - y[split.test]
        clean, blind = (
            clone(LINE).fit(values[split.train], outcomes[split.train])
            for values, outcomes in ((cohort["X"], cohort["y"]), (X, y))
        )
        assert joblib.hash(blind) == joblib.hash(clean)


@pytest.mark.parametrize("name", DESIGNS)
def test_near_copies_of_patients_score_chance_in_every_design(name):
    cohorts = [noise(s, n_patients=40, n_columns=10, n_copies=5, blur=0.05) for s in range(8)]
    neighbours = KNeighborsClassifier(5)
    areas = [area(DESIGNS[name](cohort), cohort, neighbours) for cohort in cohorts]
    assert np.mean(areas) == pytest.approx(0.5, abs=0.1)


def test_near_copies_split_by_row_would_look_like_knowledge():
    cohort = noise(0, n_patients=40, n_columns=10, n_copies=5, blur=0.05)
    design = repeated_k_fold(cohort["y"], np.arange(200), n_folds=5, seed=0)
    assert area(design, cohort, KNeighborsClassifier(5)) > 0.9


def test_columns_chosen_outside_the_folds_would_look_like_knowledge():
    cohort = noise(0, n_columns=1000)
    peeked = SelectKBest(k=10).fit_transform(cohort["X"], cohort["y"])
    design = DESIGNS["repeated_k_fold"](cohort)
    assert area(design, {**cohort, "X": peeked}) > 0.75
    assert area(design, cohort) < 0.65


def test_the_best_of_many_configurations_flatters_and_an_outer_fold_does_not():
    flat, nested = [], []
    for seed in range(6):
        cohort = noise(seed)
        X, y, groups = cohort["X"], cohort["y"], cohort["groups"]

        def scores(rows, X=X, y=y, groups=groups):
            design = repeated_k_fold(y[rows], groups[rows], n_folds=4, seed=0)
            part = {"X": X[rows], "y": y[rows]}
            return {k: area(design, part, clone(LINE).set_params(selectkbest__k=k))
                    for k in (2, 5, 20, 80)}  # fmt: skip

        flat.append(best_of(scores(np.arange(80)), metric="auroc", n_folds=4)[1].value)
        for split in repeated_k_fold(y, groups, n_folds=4, seed=1).splits:
            k, _ = best_of(scores(split.train), metric="auroc", n_folds=4)
            fitted = clone(LINE).set_params(selectkbest__k=k).fit(X[split.train], y[split.train])
            nested.append(roc_auc_score(y[split.test], fitted.predict_proba(X[split.test])[:, 1]))
    assert np.mean(nested) == pytest.approx(0.5, abs=0.1)
    assert np.mean(flat) > np.mean(nested) + 0.02


def test_left_out_patients_give_conformal_scores():
    cohort = noise(0, n_patients=20, n_columns=5, n_copies=2)
    X = pd.DataFrame(cohort["X"], columns=[f"c{i}" for i in range(5)])
    design = leave_one_patient_out(cohort["y"], cohort["groups"])
    chain = make_pipeline(StandardScaler().set_output(transform="pandas"), LogisticRegression())
    folds = conformalise(chain, X, cohort["y"], groups=cohort["groups"], splits=design.splits).folds
    assert sorted(np.concatenate([fold.scored_rows for fold in folds])) == list(range(40))
    assert sum(len(scores) for fold in folds for scores in fold.strangeness) == 40
