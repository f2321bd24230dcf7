"""Variants beside a table: which rows repeat, and what a fold's model says of them."""

import numpy as np
import pandas as pd
import pytest

from radpred.config.study import LearningSettings, StabilitySettings
from radpred.model.rows import cohort_of
from radpred.pipeline.learning.train import judge, out_of_fold
from radpred.pipeline.variants.repeats import KEYS, repeats_of, variants_of

N, FIRM, SHAKY = 60, "tumour__original_shape_Firm", "tumour__original_shape_Shaky"
DESIGN = LearningSettings(
    models=("logistic",), outer_folds=3, inner_folds=2, repeats=2, n_features=(2,)
)


@pytest.fixture(scope="module")
def made():
    """Return features, outcomes and variants: one feature repeats, the other is drawn anew."""
    rng = np.random.default_rng(4)
    y = np.arange(N) % 2
    index = pd.Index([f"c{i:02d}" for i in range(N)], name="case_id")
    X = pd.DataFrame({FIRM: rng.normal(size=N) + y, SHAKY: rng.normal(size=N)}, index=index)
    X["clinical__age"] = rng.normal(60, 9, N)
    rows = [("given", 0, X[[FIRM, SHAKY]])]
    for kind, variant in (("perturbation", 1), ("perturbation", 2), ("reader", 1), ("reader", 2)):
        noise = rng.normal(size=(N, 2)) * (0.05, 2)
        rows.append((kind, variant, X[[FIRM, SHAKY]] + noise))
    table = pd.concat(
        [part.assign(kind=k, variant=v).reset_index() for k, v, part in rows], ignore_index=True
    )
    return X, pd.Series(y, index=index), table


def test_the_given_mask_is_one_of_the_repeats_over_perturbations(made):
    found = repeats_of(made[2], over="perturbations")
    assert found.index.names == ["case_id", "variant"]
    assert sorted(found.loc["c00"].index) == [0, 1, 2]


def test_the_given_mask_is_none_of_the_readers(made):
    assert sorted(repeats_of(made[2], over="readers").loc["c00"].index) == [1, 2]


def test_a_case_without_a_repeat_is_not_among_them(made):
    table = made[2]
    lonely = table[(table["case_id"] != "c03") | (table["kind"] == "given")]
    assert "c03" not in repeats_of(lonely, over="perturbations").index.get_level_values(0)


def test_a_variant_has_the_clinical_values_of_its_case(made):
    X, _, table = made
    rows = variants_of(table, None).of(X.iloc[:2]).sort_index()
    assert list(rows.columns) == list(X.columns)
    assert len(rows) == 8
    assert (rows.loc["c01", "clinical__age"] == X.loc["c01", "clinical__age"]).all()
    moved = rows.loc[("c01", "perturbation", 2), FIRM]
    assert moved == table.set_index(KEYS).sort_index().loc[("c01", "perturbation", 2), FIRM]


def test_a_variant_without_values_is_left_out(made):
    X, _, table = made
    gone = table.copy()
    gone.loc[(gone["case_id"] == "c01") & (gone["variant"] == 2), [FIRM, SHAKY]] = np.nan
    assert len(variants_of(gone, None).of(X.loc[["c01"]])) == 2


def test_without_stability_there_is_no_step(made):
    assert variants_of(made[2], None).stable is None


def test_each_variant_of_each_case_is_predicted_once_a_repeat_and_model(made):
    X, y, table = made
    variants = variants_of(table, StabilitySettings())
    judged = judge(["logistic", "clinical"], cohort_of(X, y, X.index.to_series()), design=DESIGN,
                   variants=variants)  # fmt: skip
    counts = judged.of_variants.groupby(["model", "repeat", "case_id", "kind", "variant"]).size()
    assert (counts == 1).all()
    assert len(counts) == 2 * 2 * N * 4


def test_a_fold_s_model_says_of_a_variant_what_it_says_of_its_values(made):
    X, y, table = made
    same = table.copy()  # variants that are the cases themselves
    given = X[[FIRM, SHAKY]].loc[same["case_id"]].to_numpy()
    same[[FIRM, SHAKY]] = given
    judged = judge(["logistic"], cohort_of(X, y, X.index.to_series()), design=DESIGN,
                   variants=variants_of(same, None))  # fmt: skip
    keys = ["model", "repeat", "fold", "case_id"]
    pairs = judged.of_variants.merge(judged.predictions, on=keys, suffixes=("", "_given"))
    assert len(pairs) == len(judged.of_variants)
    for name in ("probability", "p_0", "p_1"):
        assert (pairs[name] == pairs[f"{name}_given"]).all()


def test_variants_without_stability_change_no_prediction(made):
    X, y, table = made
    groups = X.index.to_series()
    judged = judge(["logistic"], cohort_of(X, y, groups), design=DESIGN,
                   variants=variants_of(table, None))  # fmt: skip
    alone = out_of_fold(["logistic"], X, y, groups, design=DESIGN)
    pd.testing.assert_frame_equal(judged.predictions, alone, check_exact=True)


def test_without_variants_there_is_nothing_beside(made):
    X, y, _ = made
    judged = judge(["clinical"], cohort_of(X, y, X.index.to_series()), design=DESIGN)
    assert judged.of_variants.empty
