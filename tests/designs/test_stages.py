"""Every design goes from tables to a report: train, fit, evaluate, in one process."""

import json
import warnings

import pandas as pd
import pytest

from radpred.config.study import StudySettings
from radpred.deploy import read_fitted
from radpred.errors import InputError, LeakageError, RadpredWarning
from radpred.report import render_report
from radpred.stages.judging.external import LOG
from radpred.stages.train import fit, learnable, train
from radpred.stages.work.files import read_json
from radpred.table import read_table, write_table

from .designed import SITES, N, make_study, run

DESIGNS = {
    "folds": {},
    "sites": {"kind": "sites"},
    "patients": {"kind": "patients"},
    "bootstrap": {"kind": "bootstrap", "draws": 21},
    "date": {"kind": "date", "date_column": "scanned", "share": 0.6},
    "external": {"kind": "external", "external_column": "set"},
}
VERDICTS = ["case_id", "patient_id", "stage", "status", "code", "came", "wanted", "todo"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Return a function that gives the folder and the evidence of a design, each run once."""
    made = {}

    def of(name):
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            learning = {"operating": {"sensitivity": 0.8, "harm_odds": 4}}
            few = {"models": ["logistic"], "inner_folds": 2} if name == "patients" else {}
            path = make_study(folder, design=DESIGNS[name], **learning, **few)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RadpredWarning)
                made[name] = folder, run(path)
        return made[name]

    return of


def _predictions(folder):
    return read_table(folder / "predictions.parquet")[0]


@pytest.mark.parametrize("name", DESIGNS)
def test_the_evidence_says_which_design_it_was(runs, name):
    _, evidence = runs(name)
    assert evidence["design"]["kind"] == name


@pytest.mark.parametrize("name", DESIGNS)
def test_the_report_tells_the_design_in_its_methods(runs, name):
    folder, evidence = runs(name)
    page = render_report(
        evaluation=evidence,
        explanation={},
        verdicts=pd.DataFrame(columns=VERDICTS),
        predictions=_predictions(folder),
        settings=json.loads((folder / "study.json").read_text()),
        versions={},
    )
    wanted = {
        "folds": "Nested cross-validation by patient: 3 outer folds",
        "sites": "Leave-one-site-out: each of 3 sites",
        "patients": f"Leave-one-patient-out: each of {N} patients",
        "bootstrap": "Bootstrap by patient: 21 draws",
        "date": "Temporal validation by the column",
        "external": "External validation by the column",
    }
    assert wanted[name] in page


def test_each_site_is_tested_by_models_without_it_and_judged_by_itself(runs):
    folder, evidence = runs("sites")
    table = _predictions(folder)
    assert table.groupby("fold")["site"].nunique().eq(1).all()
    assert [part["label"] for part in evidence["parts"]] == list(SITES)
    assert [part["n_rows"] for part in evidence["parts"]] == [N // 3] * 3


def test_left_out_patients_have_losses_and_no_ranks(runs):
    _, evidence = runs("patients")
    metrics = evidence["models"][0]["metrics"]
    assert metrics["brier"]["value"] > 0
    assert metrics["auroc"]["value"] is metrics["calibration_slope"]["value"] is None
    assert not {"roc", "comparison", "added"} & {key for key, value in evidence.items() if value}


def test_bootstrap_corrects_what_models_say_of_their_own_cases(runs):
    _, evidence = runs("bootstrap")
    row = next(
        r for r in evidence["optimism"] if (r["model"], r["metric"]) == ("selected", "brier")
    )
    assert row["apparent"] <= row["value_632_plus"]
    assert row["n_draws"] == 21
    assert evidence["models"][0]["metrics"]["brier"]["value"] == row["value_632_plus"]


def test_bootstrap_draws_come_in_parts_that_do_not_depend_on_each_other(runs):
    folder, _ = runs("bootstrap")
    table = _predictions(folder)
    assert sorted(table["repeat"].unique()) == list(range(21))
    assert read_table(folder / "models" / "repeat_1.parquet")[0]["repeat"].unique().tolist() == [20]


def test_later_patients_are_tested_alone(runs):
    folder, evidence = runs("date")
    dates = read_table(folder / "cohort.parquet")[0].set_index("case_id")["dealt_by"]
    tested = _predictions(folder)["case_id"].unique()
    assert dates[tested].min() > dates.drop(tested).max()
    assert evidence["design"]["n_cases_tested"] == len(tested)


def test_the_external_set_is_judged_by_the_frozen_model_and_logged_once(runs):
    _, evidence = runs("external")
    found = evidence["design"]["external"]
    assert [one["model_hash"] for one in found["log"]] == [found["model_hash"]]
    assert found["log"][0]["n_rows"] == evidence["design"]["n_cases_tested"] == 24


def test_the_external_set_is_never_fitted_on(tmp_path):
    spoilt = []
    for place in ("as_it_is", "spoilt"):
        folder = tmp_path / place
        folder.mkdir()
        path = make_study(folder, design=DESIGNS["external"])
        if place == "spoilt":
            table, metadata = read_table(folder / "features.parquet")
            is_apart = read_table(folder / "cohort.parquet")[0]["dealt_by"].eq("1").to_numpy()
            table.loc[is_apart, table.columns[1:]] *= -7.0
            write_table(table, folder / "features.parquet", metadata=metadata)
        fit(path, folder / "features.parquet", folder / "cohort.parquet", folder / "final.zip")
        rows = learnable(tmp_path / "as_it_is" / "features.parquet", folder / "cohort.parquet")
        spoilt.append(read_fitted(folder / "final.zip").probability(rows.X).tolist())
    assert spoilt[0] == spoilt[1]


def test_a_second_model_on_the_external_set_is_told_and_logged(tmp_path):
    path = make_study(tmp_path, design=DESIGNS["external"])
    run(path)
    settings = StudySettings.model_validate(json.loads(path.read_text()))
    learning = settings.learning.model_copy(update={"seed": 99})
    again = settings.model_copy(update={"learning": learning})
    path.write_text(again.model_dump_json())
    with pytest.warns(RadpredWarning, match="opened before by model"):
        run(path)
    assert len(read_json(tmp_path / LOG)) == 2


def test_a_model_that_was_not_frozen_is_refused_on_the_external_set(tmp_path):
    path = make_study(tmp_path, design=DESIGNS["external"])
    tables = tmp_path / "features.parquet", tmp_path / "cohort.parquet"
    fit(path, *tables, tmp_path / "models" / "final.zip")
    settings = StudySettings.model_validate(json.loads(path.read_text()))
    other = settings.learning.model_copy(update={"n_features": (2,)})
    path.write_text(settings.model_copy(update={"learning": other}).model_dump_json())
    with pytest.raises(LeakageError, match="differ by up to"):
        train(path, *tables, repeat=0, output=tmp_path / "models" / "repeat_0.parquet")


def test_all_models_are_held_against_volume_with_the_headline_s_intervals(runs):
    _, evidence = runs("folds")
    assert evidence["comparison"]["reference"] == "volume"
    rows = {(r["model"], r["metric"]): r for r in evidence["comparison"]["rows"]}
    metrics = evidence["models"][0]["metrics"]
    for end in ("value", "low", "high"):
        assert rows["selected", "auroc"][end] == metrics["auroc"][end]
        assert rows["selected", "log_loss"][end] == metrics["log_loss"][end]
    assert rows["selected", "auroc"]["p_holm"] >= rows["selected", "auroc"]["p"]


@pytest.mark.parametrize("name", DESIGNS)
def test_a_model_of_the_site_alone_is_in_the_table(runs, name):
    """But where a site is left out whole: of a new one it would know nothing."""
    folder, evidence = runs(name)
    assert ("site" in {row["name"] for row in evidence["models"]}) == (name != "sites")
    assert "site" not in read_fitted(folder / "models" / "final.zip").columns


def test_the_site_is_no_baseline_where_one_is_told(tmp_path):
    path = make_study(tmp_path)
    cohort, metadata = read_table(tmp_path / "cohort.parquet")
    write_table(cohort.assign(site="east"), tmp_path / "cohort.parquet", metadata=metadata)
    assert "site" not in {row["name"] for row in run(path)["models"]}


def test_what_imaging_adds_is_told_where_there_are_clinical_columns(runs):
    measures = {row["measure"] for row in runs("folds")[1]["added"]}
    assert {"likelihood_ratio", "auroc", "log_loss", "idi"} <= measures


def test_thresholds_by_need_are_chosen_on_other_folds(runs):
    first, odds = runs("folds")[1]["operating"]
    assert (first["need"], len(first["thresholds"])) == ("sensitivity", 3)
    assert odds["thresholds"] == [0.2, 0.2, 0.2]


def test_one_test_set_chooses_no_threshold(runs):
    first, odds = runs("external")[1]["operating"]
    assert "chosen on others" in first["note"]
    assert odds["rows"]


def test_a_date_or_set_is_no_feature(runs):
    folder, _ = runs("date")
    data = learnable(folder / "features.parquet", folder / "cohort.parquet")
    assert not [name for name in data.X if "dealt" in name]


def test_a_case_without_a_site_is_refused(tmp_path):
    path = make_study(tmp_path, design=DESIGNS["sites"])
    cohort = read_table(tmp_path / "cohort.parquet")[0]
    cohort.loc[3, "site"] = ""
    write_table(cohort, tmp_path / "cohort.parquet", metadata={})
    with pytest.raises(InputError, match="1 of 72 cases have no site"):
        run(path)


def test_a_patient_at_two_sites_is_refused(tmp_path):
    path = make_study(tmp_path, design=DESIGNS["sites"])
    cohort = read_table(tmp_path / "cohort.parquet")[0]
    cohort.loc[[0, 3], "patient_id"] = "both"
    write_table(cohort, tmp_path / "cohort.parquet", metadata={})
    with pytest.raises(InputError, match="1 patients were seen at several sites"):
        run(path)
