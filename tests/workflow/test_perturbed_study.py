"""A study whose masks may be wrong, from scans to a report and to the prediction of new cases."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pandas as pd
import pytest
import yaml

from radpred.cli.show import show_answers
from radpred.deploy import load_predictor
from radpred.pipeline.demo import make_cohort
from radpred.stages.commands.predict import predict
from radpred.stages.work.files import read_json
from radpred.workflow import command, run

STUDY = {
    "name": "moved",
    "outcome": {"column": "event", "clinical": ["age"]},
    "extraction": {"bin_width": 25, "families": ["shape", "firstorder"],
                   "filters": [{"kind": "original"}]},
    "learning": {"models": ["elastic_net", "logistic"], "repeats": 1, "outer_folds": 3,
                 "inner_folds": 2, "n_features": [3], "bootstrap_draws": 100},
    "perturbation": {"variants": 3, "translation_mm": 2, "rotation_degrees": 5, "growth_mm": 1},
    "stability": {"minimum": 0.8},
    "cases_per_shard": 20,
}  # fmt: skip
NEW = ("perturb", "gather")


@pytest.fixture(scope="module")
def cohort(tmp_path_factory) -> Path:
    """Return a folder with a made cohort and a study file."""
    folder = tmp_path_factory.mktemp("moved")
    make_cohort(folder, n_patients=30, seed=3)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    return folder


@pytest.fixture(scope="module")
def results(cohort) -> Path:
    """Return the results of a run."""
    return run(cohort / "study.yaml", cores=1).parent


def planned_rules(cohort: Path, settings: dict) -> str:
    """Return what Snakemake would do for a study whose results are all to be made."""
    (cohort / "other.yaml").write_text(yaml.safe_dump({**settings, "out": "nothing_yet"}))
    line = command(cohort / "other.yaml", cores=1, profile=None, extra=["--dry-run"])
    return subprocess.run(line, capture_output=True, text=True, check=False).stdout


def test_each_case_and_variant_is_predicted_by_every_model(results):
    table = pd.read_parquet(results / "perturbed_predictions.parquet")
    n_cases = len(pd.read_parquet(results / "features.parquet"))
    assert (table.groupby("model").size() == 3 * n_cases).all()
    assert {"selected", "elastic_net", "logistic", "volume"} <= set(table["model"])


def test_the_evaluation_says_how_far_risks_move(results):
    (record,) = read_json(results / "evaluation.json")["spread"]
    assert record["kind"] == "perturbation"
    assert 0 <= record["median_width"] <= record["largest_width"] <= 1
    assert len(record["auroc"]) == 3


def test_the_report_shows_it(results):
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "When the mask is drawn otherwise" in page
    assert "Each mask was drawn anew 3 times" in page
    assert "Over masks" in page


def test_the_model_says_how_many_columns_repeated(results):
    fitted = load_predictor(results / "model.radpred").bundle.fitted
    assert fitted.n_columns["stability"] < fitted.n_columns["impute"]


def test_a_new_case_gets_a_spread_unless_it_is_declined(results, cohort, tmp_path, capsys):
    cases = pd.read_csv(cohort / "cases.csv", dtype=str, keep_default_na=False).iloc[:2]
    outcome = pd.read_csv(cohort / "outcome.csv", dtype=str, keep_default_na=False)
    for column in ("image", "mask", "organ_mask"):
        cases[column] = [str(cohort / path) for path in cases[column]]
    cases.merge(outcome, on="patient_id").to_csv(tmp_path / "new.csv", index=False)
    answers = predict(results / "model.radpred", tmp_path / "new.csv")
    assert (answers.table["n_variants"] == 3).all()
    assert (answers.table["risk_low"] <= answers.table["risk_high"]).all()
    show_answers(answers.table, answers.outcome)
    assert "over masks" in capsys.readouterr().out
    plain = predict(results / "model.radpred", tmp_path / "new.csv", perturb=False)
    shared = [name for name in answers.table if name in plain.table]
    assert set(answers.table.columns) - set(shared) == {"risk_low", "risk_high", "n_variants"}
    pd.testing.assert_frame_equal(answers.table[shared], plain.table[shared], check_exact=True)


def test_the_steps_are_planned_only_where_they_are_asked_for(cohort):
    asked = planned_rules(cohort, STUDY)
    assert all(f"rule {name}:" in asked for name in NEW)
    without = {k: v for k, v in STUDY.items() if k not in ("perturbation", "stability")}
    said = planned_rules(cohort, without)
    assert "rule train:" in said
    assert not any(f"rule {name}:" in said for name in NEW)
