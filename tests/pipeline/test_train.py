"""Every case is predicted once a repeat, by models that never saw its patient."""

import numpy as np
import pandas as pd
import pytest

from radpred.config.study import LearningSettings
from radpred.errors import InputError, RadpredWarning
from radpred.pipeline.learning.selected import select_by_inner_score
from radpred.pipeline.learning.train import fit_final, out_of_fold

COLUMNS = [
    "case_id", "patient_id", "model", "repeat", "fold", "y", "score", "probability",
    "p_0", "p_1", "cautious_0", "cautious_1", "inner_score", "site",
]  # fmt: skip
DESIGN = LearningSettings(outer_folds=3, inner_folds=3, repeats=2, seed=11, n_features=(4,))
MODELS = ("elastic_net", "svm", "volume")


@pytest.fixture(scope="module")
def cohort():
    """Return a table of 96 lesions of 72 patients, with outcomes and patients by case."""
    rng = np.random.default_rng(2)
    n = 96
    y = (np.arange(n) % 2).astype(int)
    names = [f"tumour__original_glcm_F{i}" for i in range(12)]
    index = pd.Index([f"lesion_{i:03d}" for i in rng.permutation(n)])
    X = pd.DataFrame(rng.normal(size=(n, 12)), columns=names, index=index)
    X.iloc[:, 0] += 1.2 * y
    X["tumour__original_shape_MeshVolume"] = np.exp(rng.normal(size=n) + 0.5 * y)
    groups = pd.Series([f"patient_{i % 72:02d}" for i in range(n)], index=index)
    return X, pd.Series(y, index=index), groups


@pytest.fixture(scope="module")
def predictions(cohort):
    """Return the predictions of two candidates and a baseline."""
    X, y, groups = cohort
    return out_of_fold(MODELS, X, y, groups, design=DESIGN)


def test_the_cautious_view_keeps_whatever_the_usual_one_keeps(predictions):
    usual, cautious = (predictions[[f"{w}_0", f"{w}_1"]].to_numpy() for w in ("p", "cautious"))
    assert (cautious >= usual).all()
    assert (cautious > usual).any()


def test_the_table_has_the_agreed_columns_and_types(predictions):
    assert predictions.columns.tolist() == COLUMNS
    numbers = predictions.drop(columns=["case_id", "patient_id", "model", "site"])
    assert numbers.notna().all().all()
    kinds = {name: dtype.kind for name, dtype in numbers.dtypes.items()}
    assert kinds == {
        **dict.fromkeys(("repeat", "fold", "y"), "i"),
        **dict.fromkeys(("score", "probability", "p_0", "p_1", "inner_score"), "f"),
        **dict.fromkeys(("cautious_0", "cautious_1"), "f"),
    }


def test_every_case_is_predicted_once_by_each_model_in_each_repeat(predictions, cohort):
    counts = predictions.groupby(["model", "repeat"])["case_id"].agg(["count", "nunique"])
    assert (counts == len(cohort[0])).all().all()
    assert len(counts) == 2 * len(MODELS)


def test_outcome_and_patient_belong_to_the_case(predictions, cohort):
    _, y, groups = cohort
    assert predictions["y"].tolist() == y.loc[predictions["case_id"]].tolist()
    assert predictions["patient_id"].tolist() == groups.loc[predictions["case_id"]].tolist()


def test_a_patient_is_in_one_fold_of_a_repeat(predictions):
    assert (predictions.groupby(["repeat", "patient_id"])["fold"].nunique() == 1).all()


def test_rows_are_ordered_by_model_as_asked_then_repeat_fold_and_case(predictions):
    rank = predictions["model"].map(list(MODELS).index)
    keys = list(zip(rank, predictions["repeat"], predictions["fold"], predictions["case_id"],
                    strict=True))  # fmt: skip
    assert keys == sorted(keys)


def test_probabilities_and_p_values_lie_between_0_and_1(predictions):
    values = predictions[["probability", "p_0", "p_1"]].to_numpy()
    assert (values > 0).all()
    assert (values <= 1).all()


def test_models_learn_what_is_there(predictions):
    for _, rows in predictions.groupby("model"):
        assert rows.loc[rows["y"] == 1, "probability"].mean() > rows["probability"].mean()


@pytest.mark.parametrize("name", MODELS)
def test_a_model_alone_equals_the_same_among_others(name, predictions, cohort):
    alone = out_of_fold(name, *cohort, design=DESIGN)
    among = predictions[predictions["model"] == name].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, among, check_exact=True)


def test_a_repeat_alone_equals_the_same_among_others(predictions, cohort):
    alone = out_of_fold(MODELS, *cohort, design=DESIGN, repeats=[1])
    among = predictions[predictions["repeat"] == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, among, check_exact=True)


@pytest.mark.parametrize("repeats", [[2], [-1], []])
def test_a_repeat_that_the_design_has_not_is_refused(repeats, cohort):
    with pytest.raises(InputError, match="not among the 2 of the design"):
        out_of_fold("volume", *cohort, design=DESIGN, repeats=repeats)


def test_the_order_of_rows_does_not_matter(predictions, cohort, rng):
    X, y, groups = cohort
    order = rng.permutation(len(X))
    again = out_of_fold(MODELS, X.iloc[order], y, groups, design=DESIGN)
    pd.testing.assert_frame_equal(again, predictions, check_exact=True)


def test_sites_are_noted_by_case(cohort):
    X = cohort[0]
    site = pd.Series(np.where(np.arange(len(X)) % 3 == 0, "north", "south"), index=X.index)
    rows = out_of_fold("volume", *cohort, design=DESIGN, site=site)
    assert rows["site"].tolist() == site.loc[rows["case_id"]].tolist()


def test_progress_counts_the_folds(cohort):
    seen = []
    out_of_fold("volume", *cohort, design=DESIGN, progress=lambda *counts: seen.append(counts))
    assert seen == [(done, 6) for done in range(1, 7)]


def test_selected_takes_in_each_fold_the_candidate_with_the_best_inner_score(predictions):
    rows, chosen = select_by_inner_score(predictions)
    assert rows["model"].unique().tolist() == ["selected"]
    assert sum(chosen.values()) == 6
    assert set(chosen) == {"elastic_net", "svm"}
    candidates = predictions[predictions["model"] != "volume"]
    best = candidates.groupby(["repeat", "fold"])["inner_score"].max()
    assert (rows.groupby(["repeat", "fold"])["inner_score"].first() == best).all()
    merged = rows.merge(
        candidates, on=["case_id", "repeat", "fold", "inner_score", "probability", "p_1"]
    )
    assert set(merged["case_id"]) == set(rows["case_id"])
    assert len(rows) == 2 * predictions["case_id"].nunique()


def test_selection_takes_the_first_of_equals_and_passes_over_baselines(predictions):
    equal = predictions.assign(inner_score=0.7)
    equal.loc[equal["model"] == "volume", "inner_score"] = 0.9
    parts = [rows for _, rows in equal.groupby("model")]
    rows, chosen = select_by_inner_score(parts[::-1])
    assert chosen == {"svm": 6, "elastic_net": 0}
    svm = equal[equal["model"] == "svm"].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows.assign(model="svm"), svm)


def test_selection_refuses_models_on_different_folds(predictions):
    other = predictions.copy()
    moved = (other["model"] == "svm") & (other["repeat"] == 0)
    other.loc[moved, "fold"] = (other.loc[moved, "fold"] + 1) % 3
    with pytest.raises(InputError, match="judged on different folds"):
        select_by_inner_score(other)


def test_selection_needs_a_candidate(predictions):
    with pytest.raises(InputError, match="no candidate"):
        select_by_inner_score(predictions[predictions["model"] == "volume"])


def test_the_final_model_is_the_candidate_with_the_best_inner_score(cohort):
    alone = [fit_final(name, *cohort, design=DESIGN) for name in ("elastic_net", "svm")]
    best = max(alone, key=lambda fitted: fitted.inner_score)
    chosen = fit_final(["elastic_net", "svm"], *cohort, design=DESIGN)
    assert (chosen.model, chosen.params, chosen.inner_score) == (
        best.model, best.params, best.inner_score,
    )  # fmt: skip
    assert np.array_equal(chosen.score(cohort[0]), best.score(cohort[0]))


def test_a_shortage_of_events_warns_with_the_numbers(cohort):
    X, y, groups = cohort
    few = X.index[(y == 0) | (y.cumsum() <= 12)]
    with pytest.warns(RadpredWarning) as caught:
        out_of_fold("volume", X.loc[few], y, groups, design=DESIGN)
    message = str(caught[0].message)
    assert "12 events in 60 cases of 48 patients" in message
    assert "only 8 of the rarer outcome" in message
    assert "9 at 90%, 19 at 95%" in message
    assert "4 at 80%" not in message


def test_fewer_inner_folds_are_told(cohort):
    X, y, groups = cohort
    few = X.index[(y == 0) | (y.cumsum() <= 4)]
    with pytest.warns(RadpredWarning, match="only 2 of 3 inner folds could be filled"):
        out_of_fold("volume", X.loc[few], y, groups, design=DESIGN)


def test_too_few_events_for_the_outer_folds_are_refused(cohort):
    X, y, groups = cohort
    few = X.index[(y == 0) | (y.cumsum() <= 2)]
    with pytest.raises(InputError, match=r"2 rows of 2 patients .* use at most 2 folds"):
        out_of_fold("volume", X.loc[few], y, groups, design=DESIGN)
