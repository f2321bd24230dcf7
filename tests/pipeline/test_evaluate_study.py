"""Predictions of several models become plain data with intervals."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from radpred.errors import InputError
from radpred.evaluate import delong_interval
from radpred.pipeline.evidence.evaluate import evaluate_study

LEVELS = [0.8, 0.9]


def _predictions(models=("svm", "selected", "clinical", "volume"), *, n=60, n_repeats=2, lesions=2):
    """Return out-of-fold predictions of made models, better from the last to the first."""
    rng = np.random.default_rng(7)
    patient = np.arange(n) // lesions
    y = (np.arange(patient.max() + 1) % 3 == 0).astype(int)[patient]
    tables = []
    for strength, model in zip((2.0, 1.6, 0.8, 0.2), models, strict=False):
        signal = strength * y + rng.normal(size=n)
        for repeat in range(n_repeats):
            score = signal - 1 + 0.1 * rng.normal(size=n)
            tables.append(
                pd.DataFrame(
                    {
                        "case_id": [f"case_{i:03d}" for i in range(n)],
                        "patient_id": [f"patient_{i}" for i in patient],
                        "model": model,
                        "repeat": repeat,
                        "fold": (patient + repeat) % 5,
                        "y": y,
                        "score": score,
                        "probability": 1 / (1 + np.exp(-score)),
                        "p_0": rng.random(n),
                        "p_1": rng.random(n),
                        "inner_score": 0.5 + repeat if model != "volume" else np.nan,
                        "site": "",
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)


def _evaluate(predictions, **changes):
    """Return the evaluation with few draws."""
    settings = {
        "study": {"name": "made", "n_features": 10, "n_clinical": 2},
        "design": {"confidence_levels": LEVELS, "outer_folds": 5},
        "selected": {"final_model": "svm", "chosen": {"svm": 10}},
        "threshold_range": (0.05, 0.8),
        "bootstrap_draws": 100,
        "seed": 1,
    }
    return evaluate_study(predictions, **(settings | changes))


@pytest.fixture(scope="module")
def predictions():
    return _predictions()


@pytest.fixture(scope="module")
def evaluation(predictions):
    return _evaluate(predictions)


def test_evaluation_is_strict_json(evaluation):
    assert json.loads(json.dumps(evaluation, allow_nan=False)) == evaluation


def test_same_seed_gives_the_same_evaluation(predictions, evaluation):
    assert _evaluate(predictions.sample(frac=1, random_state=3)[predictions.columns]) == evaluation


def test_selected_comes_first_and_baselines_last(evaluation):
    kinds = [(row["name"], row["kind"]) for row in evaluation["models"]]
    assert kinds == [
        ("selected", "selected"),
        ("svm", "candidate"),
        ("volume", "baseline"),
        ("clinical", "baseline"),
    ]


@pytest.mark.parametrize(
    ("name", "score"),
    [("auroc", roc_auc_score), ("auprc", average_precision_score), ("brier", brier_score_loss)],
)
def test_values_are_means_of_scikit_learns_over_repeats(predictions, evaluation, name, score):
    for row in evaluation["models"]:
        own = predictions[predictions["model"] == row["name"]]
        expected = np.mean([score(t["y"], t["probability"]) for _, t in own.groupby("repeat")])
        assert row["metrics"][name]["value"] == pytest.approx(expected)


def test_every_metric_lies_inside_its_interval(evaluation):
    for row in evaluation["models"]:
        for name, ci in row["metrics"].items():
            assert ci["low"] <= ci["value"] <= ci["high"], (row["name"], name)


def test_differences_are_those_of_the_areas(evaluation):
    areas = {row["name"]: row["metrics"]["auroc"]["value"] for row in evaluation["models"]}
    assert [row["against"] for row in evaluation["differences"]] == ["volume", "clinical"]
    for row in evaluation["differences"]:
        expected = areas["selected"] - areas[row["against"]]
        assert row["auroc"]["value"] == pytest.approx(expected)


def test_paired_draws_make_the_difference_of_alike_models_certain(predictions):
    twin = predictions[predictions["model"] == "selected"].assign(model="volume")
    others = predictions[predictions["model"] != "volume"]
    row = _evaluate(pd.concat([others, twin]))["differences"][0]["auroc"]
    assert row["value"] == 0
    assert row["low"] is None
    assert "no draw differs" in row["note"]


def test_area_under_the_drawn_roc_curve_is_the_auroc(evaluation):
    areas = {row["name"]: row["metrics"]["auroc"]["value"] for row in evaluation["models"]}
    for name, curve in evaluation["roc"].items():
        assert np.trapezoid(curve["tpr"], curve["fpr"]) == pytest.approx(areas[name], abs=0.01)
        assert (curve["fpr"][0], curve["tpr"][0], curve["tpr"][-1]) == (0, 0, 1)


def test_curves_of_one_figure_have_one_length(evaluation):
    for curve in (*evaluation["roc"].values(), *evaluation["pr"].values()):
        assert len({len(part) for part in curve.values()}) == 1
    assert len({len(part) for part in evaluation["decision_curve"].values()}) == 1


def test_histogram_counts_every_case_once(evaluation):
    histogram = evaluation["calibration_curve"]["histogram"]
    assert sum(histogram["events"]) == pytest.approx(20)
    assert sum(histogram["non_events"]) == pytest.approx(40)
    assert len(histogram["edges"]) == len(histogram["events"]) + 1


def test_conformal_rows_are_levels_by_classes(evaluation):
    keys = [(row["level"], row["class"], row["n"]) for row in evaluation["conformal"]]
    assert keys == [(level, *rest) for level in LEVELS for rest in ((0, 40), (1, 20), ("all", 60))]


def test_coverage_of_a_class_is_the_share_of_its_p_values(predictions, evaluation):
    own = predictions[(predictions["model"] == "selected") & (predictions["y"] == 1)]
    row = next(r for r in evaluation["conformal"] if (r["level"], r["class"]) == (0.9, 1))
    assert row["coverage"]["value"] == pytest.approx((own["p_1"] > 0.1).mean())
    assert row["singleton"] + row["both"] + row["empty"] == pytest.approx(1)


def test_full_coverage_has_an_exact_lower_end(predictions):
    row = _evaluate(predictions.assign(p_0=1.0, p_1=1.0))["conformal"][1]
    assert row["coverage"]["value"] == row["coverage"]["high"] == 1
    assert row["coverage"]["low"] == pytest.approx(0.025 ** (1 / 10))  # ten patients with events


def test_expected_spread_of_all_combines_the_classes(evaluation):
    of_0, of_1, of_all = (row["expected_sd"] for row in evaluation["conformal"][:3])
    assert of_all == pytest.approx(np.hypot(of_0 * 40 / 60, of_1 * 20 / 60))


def test_counts_are_filled_in_and_given_ones_kept(predictions, evaluation):
    assert evaluation["study"]["n_patients"] == 30
    assert evaluation["study"]["events_per_candidate"] == pytest.approx(20 / 12)
    assert _evaluate(predictions, study={"n_events": 9})["study"]["n_events"] == 9


def test_inner_score_is_the_mean_over_folds_or_none(evaluation):
    scores = {row["name"]: row["inner_score"] for row in evaluation["models"]}
    assert scores["svm"] == pytest.approx(1.0)
    assert scores["volume"] is None


def test_one_repeat_of_one_case_a_patient_takes_delongs_interval():
    table = _predictions(n_repeats=1, lesions=1)
    first = next(row for row in _evaluate(table)["models"] if row["name"] == "selected")
    own = table[table["model"] == "selected"]
    expected = delong_interval(own["y"].to_numpy(), own["probability"].to_numpy())
    assert first["metrics"]["auroc"]["low"] == pytest.approx(expected.low)
    assert first["metrics"]["auroc"]["note"] == "DeLong, logit"


def test_a_study_without_baselines_has_no_differences():
    evaluation = _evaluate(_predictions(("svm", "selected")))
    assert evaluation["differences"] == []
    assert evaluation["decision_curve"]["clinical"] == []
    assert list(evaluation["roc"]) == ["selected"]


def test_a_slope_without_a_finite_value_is_none_and_says_so(predictions):
    perfect = predictions.assign(probability=np.where(predictions["y"] == 1, 0.9, 0.1))
    metrics = _evaluate(perfect)["models"][0]["metrics"]
    assert metrics["calibration_slope"]["value"] is None
    assert "infinite" in metrics["calibration_slope"]["note"]
    assert metrics["auroc"]["value"] == 1
    assert metrics["auroc"]["low"] is None


def test_predictions_without_a_selected_model_are_refused(predictions):
    with pytest.raises(InputError, match="selected"):
        _evaluate(predictions[predictions["model"] != "selected"])


def test_models_judged_on_other_cases_are_refused(predictions):
    odd = (predictions["model"] == "volume") & (predictions["case_id"] == "case_003")
    with pytest.raises(InputError, match="same cases"):
        _evaluate(predictions[~odd])
