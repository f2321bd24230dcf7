"""What blocks are worth, and whether a study beats chance, from predictions."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from radpred.errors import InputError
from radpred.model.rows import cohort_of
from radpred.pipeline.evidence.blocks import without_lacking, worth_of_blocks
from radpred.pipeline.evidence.chance import corrected_by_folds, permuted

N = 200
MODELS = {
    "late_fusion": 2.0,
    "block:pet": 1.8,
    "block:clinic": 0.4,
    "late_fusion:without:pet": 0.4,
    "late_fusion:without:clinic": 1.8,
}


@pytest.fixture(scope="module")
def predictions():
    """Return what five models said, each of known strength."""
    rng = np.random.default_rng(0)
    y = np.arange(N) % 2
    noise = rng.normal(size=N)
    tables = []
    for model, strength in MODELS.items():
        score = strength * y + noise + 0.1 * rng.normal(size=N)
        tables.append(
            pd.DataFrame(
                {
                    "case_id": [f"c{i:03d}" for i in range(N)],
                    "patient_id": [f"p{i:03d}" for i in range(N)],
                    "model": model,
                    "repeat": 0,
                    "fold": np.arange(N) // 2 % 5,
                    "y": y,
                    "probability": norm.cdf(score - strength / 2),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def by(rows, block, against):
    """Return one row."""
    return next(r for r in rows if (r["block"], r["against"]) == (block, against))


def test_a_difference_is_the_fusion_minus_the_other_model(predictions):
    rows = worth_of_blocks(predictions, n_draws=100, seed=0)
    areas = {
        name: roc_auc_score(own["y"], own["probability"])
        for name, own in predictions.groupby("model")
    }
    for block in ("pet", "clinic"):
        for against, name in (
            ("alone", f"block:{block}"),
            ("without", f"late_fusion:without:{block}"),
        ):
            row = by(rows, block, against)
            assert row["auroc"] == pytest.approx(areas[name])
            assert row["difference"] == pytest.approx(areas["late_fusion"] - areas[name])


def test_a_block_that_carries_the_answer_adds_and_another_does_not(predictions):
    rows = worth_of_blocks(predictions, n_draws=100, seed=0)
    assert by(rows, "pet", "without")["p_holm"] < 0.001
    assert by(rows, "clinic", "without")["difference"] < 0.05


def test_p_values_are_adjusted_over_the_blocks_of_one_question(predictions):
    rows = worth_of_blocks(predictions, n_draws=100, seed=0)
    for against in ("without", "alone"):
        small, large = sorted(r["p"] for r in rows if r["against"] == against)
        adjusted = sorted(r["p_holm"] for r in rows if r["against"] == against)
        assert adjusted == pytest.approx([2 * small, max(2 * small, large)])


def test_models_that_lack_a_block_are_no_models_to_report(predictions):
    names = without_lacking(predictions)["model"].unique().tolist()
    assert names == ["late_fusion", "block:pet", "block:clinic"]


def test_a_study_without_blocks_has_no_such_rows(predictions):
    own = predictions[predictions["model"] == "late_fusion"]
    assert worth_of_blocks(own, n_draws=100, seed=0) == []


def test_the_corrected_interval_is_about_the_mean_area_within_folds(predictions):
    own = predictions[predictions["model"] == "block:clinic"]
    found = corrected_by_folds(own)
    areas = [roc_auc_score(f["y"], f["probability"]) for _, f in own.groupby("fold")]
    (row,) = found["rows"]
    assert row["value"] == pytest.approx(np.mean(areas))
    # Nadeau & Bengio 2003: 1/k + n_test/n_train in place of 1/k; the t of 4 degrees of freedom.
    half = 2.776445 * np.sqrt(np.var(areas, ddof=1) * (1 / 5 + 40 / 160))
    assert (row["low"], row["high"]) == pytest.approx((row["value"] - half, row["value"] + half))
    assert found["n_folds"] == 5


@pytest.fixture
def cohort():
    """Return forty patients without features."""
    index = pd.Index([f"c{i:02d}" for i in range(40)])
    return cohort_of(pd.DataFrame(index=index), np.arange(40) % 2, index.to_numpy())


def test_p_counts_the_study_itself_among_the_permutations(cohort):
    truth = cohort.y.copy()

    def score(rows):
        return float(np.mean(rows.y == truth))

    found = permuted(score, cohort, n_permutations=19, seed=1)
    assert found["observed"] == 1.0
    assert found["p"] == pytest.approx(1 / 20)


def test_outcomes_that_cannot_be_judged_count_as_high(cohort):
    calls = []

    def score(rows):
        calls.append(rows)
        if len(calls) > 1:
            msg = "no events in a fold"
            raise InputError(msg)
        return 0.9

    found = permuted(score, cohort, n_permutations=9, seed=1)
    assert found["p"] == 1.0
    assert "9 of 9" in found["note"]


def test_every_score_is_told(cohort):
    told = []
    score = lambda rows: float(rows.y[0])  # noqa: E731
    permuted(score, cohort, n_permutations=5, seed=1, told=lambda: told.append(1))
    assert len(told) == 6
