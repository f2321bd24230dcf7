"""Each part of a design is judged for itself; what it cannot say is NaN, with a reason."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from radpred.cohort.designs import leave_one_site_out
from radpred.errors import InputError, RadpredWarning
from radpred.evaluate.designs import metrics_by_part


@pytest.fixture
def judged():
    """Return a design of three sites, one small and one without an event, and predictions."""
    sites = np.repeat(["A", "B", "C"], [30, 30, 4])
    y = np.where(sites == "B", 0, np.arange(64) % 2)
    patients = np.arange(64)
    with pytest.warns(RadpredWarning, match="site B has no row with 1"):
        design = leave_one_site_out(y, patients, sites)
    parts = [
        pd.DataFrame({"patient_id": patients[s.test], "repeat": s.repeat, "fold": s.fold,
                      "y": y[s.test], "probability": np.linspace(0.1, 0.9, len(s.test))})
        for s in design.splits
    ]  # fmt: skip
    return design, pd.concat(parts, ignore_index=True)


def test_each_site_has_its_numbers(judged):
    design, predictions = judged
    table = metrics_by_part(predictions, design)
    assert table["label"].tolist() == ["A", "B", "C"]
    assert table["n_rows"].tolist() == [30, 30, 4]
    assert table["n_events"].tolist() == [15, 0, 2]


def test_each_site_has_its_own_area(judged):
    design, predictions = judged
    own = predictions[predictions["fold"] == 0]
    area = metrics_by_part(predictions, design)["auroc"][0]
    assert area == pytest.approx(roc_auc_score(own["y"], own["probability"]))


def test_a_site_without_an_event_has_losses_and_no_area_and_says_why(judged):
    design, predictions = judged
    row = metrics_by_part(predictions, design).iloc[1]
    assert np.isnan(row["auroc"])
    assert np.isfinite([row["brier"], row["log_loss"]]).all()
    assert row["note"] == "no event among 30 rows: area under the ROC curve undefined"


def test_a_small_site_says_so(judged):
    design, predictions = judged
    note = metrics_by_part(predictions, design)["note"][2]
    assert note == "4 patients, fewer than 10: metrics say little"


def test_predictions_of_two_models_at_once_are_refused(judged):
    design, predictions = judged
    with pytest.raises(InputError, match="A: 60 predictions for 30 tested rows"):
        metrics_by_part(pd.concat([predictions, predictions]), design)


def test_predictions_without_patients_are_refused(judged):
    design, predictions = judged
    with pytest.raises(InputError, match="'patient_id'"):
        metrics_by_part(predictions.drop(columns="patient_id"), design)
