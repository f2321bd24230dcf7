"""What stands behind the answers of a study, end to end on a small made cohort."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from radpred.config.study import ConformalSettings, LearningSettings
from radpred.errors import InputError
from radpred.model.calibrators import METHODS
from radpred.model.rows import cohort_of
from radpred.pipeline.evidence.certainty import certainty, with_chance
from radpred.pipeline.learning.assurance import training_strata
from radpred.pipeline.learning.held_out import comparable
from radpred.pipeline.learning.selected import select_by_inner_score
from radpred.pipeline.learning.train import judge

DESIGN = {
    "models": ["elastic_net"],
    "repeats": 2,
    "outer_folds": 3,
    "inner_folds": 3,
    "n_features": [4],
    "confidence_levels": [0.8, 0.9],
    "calibration": "venn_abers",
    "conformal": {"by": "site"},
    "guarantee": [{"at_least": 0.8}, {"at_least": 0.99, "confidence": 0.99}],
}


@pytest.fixture(scope="module")
def judged():
    """Return the design and what two repeats of three folds say of 60 patients at two sites."""
    rng = np.random.default_rng(3)
    y = np.arange(60) % 2
    names = [f"tumour__original_glcm_F{i}" for i in range(6)]
    X = pd.DataFrame(rng.normal(size=(60, 6)), columns=names)
    X.index = pd.Index([f"c{i:02d}" for i in range(60)])
    X.iloc[:, 0] += 1.2 * y
    site = pd.Series(np.where(np.arange(60) % 3 == 0, "A", "B"), index=X.index)
    design = LearningSettings.model_validate(DESIGN)
    strata = training_strata(design.conformal, X, site)
    cohort = cohort_of(X, y, [f"p{i}" for i in range(60)], strata=strata)
    return design, judge(design.models, cohort, design=design, site=site)


@pytest.fixture(scope="module")
def everything(judged):
    """Return the predictions, the selected ones first."""
    predictions = judged[1].predictions
    return pd.concat([select_by_inner_score(predictions)[0], predictions], ignore_index=True)


@pytest.fixture(scope="module")
def found(judged, everything):
    """Return what stands behind the answers."""
    design, parts = judged
    sizes = {"group=A": 20, "group=B": 40}
    return certainty(everything, parts.held_out, design=design, cell_sizes=sizes)


def test_predictions_tell_the_site_and_the_calibration_interval(judged):
    table = judged[1].predictions
    assert set(table["stratum"]) == {"A", "B"}
    assert (table["calibration_low"] <= table["probability"]).all()
    assert (table["probability"] <= table["calibration_high"]).all()


def test_inner_rows_are_training_rows_of_their_outer_fold(judged):
    design, parts = judged
    outer = parts.predictions.groupby(["repeat", "fold"])["case_id"].agg(set)
    for place, own in parts.held_out.groupby(["repeat", "fold"]):
        assert not outer[place] & set(own["case_id"])
        assert len(own) == 60 - len(outer[place])
    assert parts.held_out["inner_fold"].nunique() == design.inner_folds


def test_it_is_plain_data(found):
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_every_calibrator_is_compared_and_the_one_in_use_is_named(found):
    rows = found["calibrators"]["rows"]
    assert found["calibrators"]["used"] == "venn_abers"
    assert [row["method"] for row in rows][:2] == ["none", "sigmoid"]
    assert len(rows) == len(METHODS)


def test_the_row_of_the_method_in_use_is_what_the_study_predicts(found, everything):
    own = everything[everything["model"] == "selected"]
    brier = ((own["probability"] - own["y"]) ** 2).groupby(own["repeat"]).mean().mean()
    row = next(r for r in found["calibrators"]["rows"] if r["method"] == "venn_abers")
    assert row["brier"] == pytest.approx(brier, abs=1e-12)


def test_coverage_is_told_for_all_each_class_and_each_site_at_each_level(found):
    cells = [(row["level"], row["cell"]) for row in found["coverage"]]
    names = ["all", "class=0", "class=1", "group=A", "group=B"]
    assert cells == [(level, name) for level in (0.8, 0.9) for name in names]


def test_coverage_has_an_exact_interval_of_the_mean_over_repeats(found, everything):
    own = everything[everything["model"] == "selected"]
    p = own[["p_0", "p_1"]].to_numpy()[np.arange(len(own)), own["y"]]
    hits = (p > 0.2 + 1e-9)[own["stratum"] == "A"].sum() / 2
    row = next(r for r in found["coverage"] if (r["level"], r["cell"]) == (0.8, "group=A"))
    n = row["n"]
    assert n == 20
    assert row["coverage"]["value"] == pytest.approx(hits / n)
    low = beta.ppf(0.025, hits, n - hits + 1)
    assert row["coverage"]["low"] == pytest.approx(low)


def test_reach_says_what_each_cell_can_promise(found):
    first = found["reach"][1]["cells"][0]
    assert first["cell"] == "group=A"
    assert first["least_error"] == pytest.approx(1 / 21)
    assert "20 calibration rows" in first["sentence"]


def test_answering_everybody_is_where_the_curve_of_certainty_starts(found):
    curves = found["abstention"]
    for metric, band in curves["by_share"]["metrics"].items():
        start = curves["by_certainty"]["metrics"][metric]["value"][0]
        assert band["value"][-1] == pytest.approx(start)
    assert curves["by_certainty"]["answered"][0] == 1


def test_a_guarantee_is_given_or_says_what_it_lacks(found):
    can, cannot = found["guarantees"]
    assert can["threshold"] is not None
    assert cannot["threshold"] is None
    assert cannot["sentence"].endswith("cannot be reached with 30 events: needs 459.")


def test_the_answer_is_the_same_every_time(judged, everything, found):
    design, parts = judged
    sizes = {"group=A": 20, "group=B": 40}
    assert certainty(everything, parts.held_out, design=design, cell_sizes=sizes) == found


@pytest.mark.parametrize(
    ("settings", "sizes", "expected"),
    [
        ({"method": "cross"}, {}, [0.01, 0.01, 0.01]),
        ({"method": "split"}, {"class=0": 19, "class=1": 9}, [0.0655, 0.0905, None]),
        ({"by": "marginal"}, {"all": 19}, [None, None, 0.0655]),
        ({"by": "site"}, {"group=A": 19, "all": 19}, [None, None, None]),
    ],
)
def test_what_chance_does_to_coverage_follows_how_sets_are_made(settings, sizes, expected):
    rows = [{"level": 0.9, "class": label, "expected_sd": 0.01} for label in (0, 1, "all")]
    found = with_chance(rows, ConformalSettings.model_validate(settings), sizes)
    for row, wanted in zip(found, expected, strict=True):
        assert row["expected_sd"] == (wanted if wanted is None else pytest.approx(wanted, abs=1e-3))


def test_a_fold_without_inner_scores_is_refused(judged, everything):
    inner = judged[1].held_out
    own = everything[everything["model"] == "selected"]
    with pytest.raises(InputError, match="no inner scores; train the models again"):
        comparable(inner[inner["fold"] != 1], own)


def test_where_only_some_cases_are_judged_the_others_only_calibrate(judged, everything):
    inner, own = judged[1].held_out, everything[everything["model"] == "selected"]
    first = (own["repeat"] == 0) & (own["fold"] == 0)
    given = comparable(inner[(inner["repeat"] == 0) & (inner["fold"] == 0)], own[first])
    assert len(given.y) == 60
    assert len(given.judged) == first.sum()
