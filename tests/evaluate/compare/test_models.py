"""The table of all models: each number is that of the function that defines it."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from radpred.errors import InputError
from radpred.evaluate import auroc, brier, delong_interval, delong_test, net_benefit
from radpred.evaluate.compare import answers_of, compare_models
from radpred.evaluate.paired import holm


def made(rng, *, n=90, repeats=1, rows_each=1, strengths=(0.3, 0.6, 0.9)):
    """Return the long table of models, each stronger than the one before."""
    patient = np.arange(n) // rows_each
    y = (rng.permutation(patient.max() + 1) % 3 == 0).astype(int)[patient]
    parts = []
    for place, strength in enumerate(strengths):
        for repeat in range(repeats):
            score = strength * (2 * y - 1) + rng.normal(size=n) - 0.7
            parts.append(
                pd.DataFrame(
                    {
                        "case_id": [f"case_{i:03d}" for i in range(n)],
                        "patient_id": [f"patient_{i:03d}" for i in patient],
                        "model": f"model_{place}",
                        "repeat": repeat,
                        "fold": (patient + repeat) % 5,
                        "y": y,
                        "probability": 1 / (1 + np.exp(-score)),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def compared(predictions, **given):
    """Return the table by model and metric, from few draws."""
    table = compare_models(predictions, rng=np.random.default_rng(5), n_draws=200, **given)
    return table.set_index(["model", "metric"])


def test_every_model_has_every_metric_once(rng):
    table = compared(made(rng), reference="model_0", thresholds=[0.2])
    assert table.index.is_unique
    assert len(table) == 3 * 7
    assert np.isfinite(table[["value", "low", "high"]]).all(axis=None)


def test_values_are_those_of_the_metrics(rng):
    predictions = made(rng)
    table = compared(predictions, thresholds=[0.25])
    rows = predictions[predictions["model"] == "model_1"]
    y, p = rows["y"].to_numpy(), rows["probability"].to_numpy()
    assert table.loc[("model_1", "brier"), "value"] == pytest.approx(float(brier(y, p)))
    found = table.loc[("model_1", "net_benefit_0.25"), "value"]
    assert found == pytest.approx(net_benefit(y, p, np.array([0.25]))[0])


def test_independent_rows_have_delongs_interval_and_test(rng):
    predictions = made(rng)
    table = compared(predictions, reference="model_0")
    y, p = answers_of(predictions).y, answers_of(predictions).probability
    row = table.loc[("model_2", "auroc")]
    interval = delong_interval(y, p["model_2"][0])
    test = delong_test(y, p["model_2"][0], p["model_0"][0])
    assert (row["low"], row["high"]) == (interval.low, interval.high)
    assert (row["difference"], row["p"]) == (test.value, test.p)
    assert row["note"] == "DeLong, logit; DeLong, paired"


@pytest.mark.parametrize("given", [{"repeats": 2}, {"rows_each": 3}])
def test_rows_that_hang_together_are_resampled_by_patient(given, rng):
    row = compared(made(rng, **given), reference="model_0").loc[("model_2", "auroc")]
    assert row["note"] == "bootstrap of patients"
    assert row["low"] < row["value"] < row["high"]


def test_repeats_are_averaged(rng):
    predictions = made(rng, repeats=3)
    answers = answers_of(predictions)
    each = [auroc(answers.y, p) for p in answers.probability["model_1"]]
    found = compared(predictions).loc[("model_1", "auroc"), "value"]
    assert found == pytest.approx(np.mean(each))


def test_holm_counts_the_models_of_one_metric(rng):
    table = compared(made(rng), reference="model_1")
    for metric in ("auroc", "brier"):
        p = table.xs(metric, level="metric")
        assert_allclose(p["p_holm"], holm(p["p"]))
        assert np.isnan(p.loc["model_1", "p"])


def test_calibration_has_no_difference(rng):
    table = compared(made(rng), reference="model_0")
    assert table.xs("calibration_slope", level="metric")["difference"].isna().all()
    assert table.xs("calibration_slope", level="metric")["p"].isna().all()


def test_without_a_reference_nothing_is_compared(rng):
    assert compared(made(rng))["p_holm"].isna().all()


def test_the_order_of_rows_changes_nothing(rng):
    predictions = made(rng, repeats=2)
    shuffled = predictions.sample(frac=1, random_state=0)
    names = ["model_0", "model_1", "model_2"]
    pd.testing.assert_frame_equal(
        compared(predictions, models=names, reference="model_0"),
        compared(shuffled, models=names, reference="model_0"),
    )


def test_another_model_beside_it_changes_no_model(rng):
    predictions = made(rng)
    alone = compared(predictions, models=["model_0", "model_1"])
    beside = compared(predictions)
    pd.testing.assert_frame_equal(
        alone.sort_index(), beside.sort_index().drop("model_2", level="model")
    )


def test_an_unknown_reference_is_refused_with_the_known_ones(rng):
    with pytest.raises(InputError, match=r"'best' is not among the models.*model_0"):
        compared(made(rng), reference="best")


def test_models_judged_on_other_cases_are_refused(rng):
    predictions = made(rng)
    fewer = (predictions["model"] == "model_1") & (predictions["case_id"] == "case_000")
    with pytest.raises(InputError, match="same cases"):
        compared(predictions[~fewer])


def test_a_table_without_models_is_refused():
    with pytest.raises(InputError, match="no model"):
        answers_of(pd.DataFrame({"y": []}))
