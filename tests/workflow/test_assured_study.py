"""A whole study by other calibration and other prediction sets than the default."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml
from in_process import carried_out

from radpred.pipeline.demo import make_cohort
from radpred.stages.commands.predict import predict
from radpred.stages.work.files import read_json

STUDY = {
    "name": "assured",
    "outcome": {"column": "event", "clinical": ["age", "sex", "marker"]},
    "extraction": {
        "filters": [{"kind": "original"}],
        "families": ["shape", "firstorder"],
        "bin_width": 25,
    },
    "learning": {
        "models": ["elastic_net"],
        "repeats": 1,
        "outer_folds": 3,
        "inner_folds": 2,
        "n_features": [5],
        "bootstrap_draws": 100,
        "calibration": "venn_abers",
        "conformal": {"by": "site", "unknown": "full"},
        "guarantee": [{"metric": "sensitivity", "at_least": 0.9}],
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder of a study of patients at two sites that was run."""
    folder = tmp_path_factory.mktemp("assured")
    make_cohort(folder, n_patients=24, seed=4)
    cases = pd.read_csv(folder / "cases.csv", dtype=str)
    cases["site"] = ["A" if place % 2 else "B" for place in range(len(cases))]
    cases.to_csv(folder / "cases.csv", index=False)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    carried_out(folder / "study.yaml")
    return folder


@pytest.fixture(scope="module")
def evaluation(folder):
    """Return what the study found."""
    return read_json(folder / "results" / "evaluation.json")


def test_the_evaluation_tells_what_stands_behind_the_answers(evaluation):
    assert evaluation["calibrators"]["used"] == "venn_abers"
    assert {"group=A", "group=B"} <= {row["cell"] for row in evaluation["coverage"]}
    assert "needs 22" in evaluation["guarantees"][0]["sentence"]


def test_the_report_shows_it_and_says_what_the_explanation_is_of(folder):
    page = (folder / "results" / "report.html").read_text(encoding="utf-8")
    assert "calibrated in every way" in page
    assert "before calibration" in page
    assert "Thresholds with a guarantee" in page


def test_new_cases_of_an_unknown_site_are_flagged(folder):
    cases = pd.read_csv(folder / "cases.csv", dtype=str).head(2)
    patients = pd.read_csv(folder / "outcome.csv", dtype=str)
    cases = cases.merge(patients, on="patient_id")
    cases["site"] = ["A", "elsewhere"]
    cases.to_csv(folder / "new.csv", index=False)
    table = predict(folder / "results" / "model.radpred", folder / "new.csv").table
    assert table["unseen_group"].tolist() == [False, True]
    assert table["set_80"].iloc[1] == "0 1"
    assert (table["calibration_low"] <= table["probability"]).all()
    assert "'elsewhere'" in table["warnings"].iloc[1]
