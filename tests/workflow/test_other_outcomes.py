"""Studies of classes, of a number, and with uncertain labels, from a table to a prediction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from in_process import carried_out
from typer.testing import CliRunner

from radpred.cli import app
from radpred.stages.commands.predict import predict
from radpred.stages.work.files import read_json

N = 60


def made(folder: Path, kind: str, outcome, **more) -> Path:
    """Return the folder of a study of 60 patients that ran to its report."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(N, 4))
    frame = pd.DataFrame(X, columns=[f"original_glcm_F{i}" for i in range(4)])
    frame.insert(0, "ID", [f"P{i:02d}" for i in range(N)])
    frame["volume"] = np.exp(X[:, 0])
    frame["target"] = outcome(X[:, 0] + 0.5 * rng.normal(size=N))
    frame.to_csv(folder / "all.csv", index=False)
    words = ["init", str(folder / "study.yaml"), "--table", str(folder / "all.csv")]
    told = CliRunner().invoke(app, [*words, "--column", "target", "--kind", kind])
    assert told.exit_code == 0, told.output
    settings = yaml.safe_load((folder / "study.yaml").read_text())
    settings["outcome"] |= more
    settings["volume_column"] = "volume"
    settings["learning"] = {
        "preset": "quick",
        "models": ["logistic"],
        "outer_folds": 3,
        "inner_folds": 3,
        "n_features": [3],
        "bootstrap_draws": 100,
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(settings))
    carried_out(folder / "study.yaml")
    return folder


def answers_to_new(folder: Path) -> pd.DataFrame:
    """Return what the model of a study says of four patients."""
    frame = pd.read_csv(folder / "all.csv").head(4).rename(columns={"ID": "patient_id"})
    frame.drop(columns="target").to_csv(folder / "new_features.csv", index=False)
    frame[["patient_id"]].assign(case_id=list("abcd")).to_csv(folder / "new.csv", index=False)
    model, cases = folder / "results" / "model.radpred", folder / "new.csv"
    return predict(model, cases, tables={"radiomics": folder / "new_features.csv"}).table


@pytest.fixture(scope="module")
def classes(tmp_path_factory) -> Path:
    def grade(score):
        names = np.array(["low", "middle", "high"])
        return names[np.digitize(score, np.quantile(score, [1 / 3, 2 / 3]))]

    folder = tmp_path_factory.mktemp("classes")
    return made(folder, "multiclass", grade, classes=["low", "middle", "high"])


@pytest.fixture(scope="module")
def number(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("number")
    return made(folder, "continuous", lambda score: (10 + 3 * score).round(2), unit="mm")


@pytest.fixture(scope="module")
def uncertain(tmp_path_factory) -> Path:
    def event(score):
        said = np.where(score > 0, "1", "0").astype(object)
        said[::6] = "unclear"
        return said

    soft = {"values": ["unclear"], "policy": "soft", "probability": {"unclear": 0.4}}
    return made(tmp_path_factory.mktemp("soft"), "binary", event, uncertain=soft)


def test_classes_are_judged_beside_volume_and_chance(classes):
    found = read_json(classes / "results" / "evaluation.json")
    models = {one["name"]: one["metrics"] for one in found["models"]}
    assert found["classes"] == ["low", "middle", "high"]
    assert models["selected"]["auroc_macro"]["low"] > 0.5
    assert models["naive"]["auroc_macro"]["value"] is None
    assert np.sum(found["confusion"]) == pytest.approx(N)
    assert {row["class"] for row in found["conformal"]} == {0, 1, 2, "all"}


def test_the_report_on_classes_says_what_it_leaves_out(classes):
    page = (classes / "results" / "report.html").read_text(encoding="utf-8")
    assert "Confusion matrix" in page
    assert "Decision curve" in page.split('id="left-out"')[1]
    assert "bias-corrected temperature scaling" in page


def test_new_patients_get_probabilities_and_sets_of_classes(classes):
    table = answers_to_new(classes)
    shares = table[["probability:low", "probability:middle", "probability:high"]]
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1.0)
    named = table["set_80"].str.split(" | ", regex=False).explode()
    assert set(named) <= {"low", "middle", "high", ""}
    assert table["moved_by"].str.contains("radiomics__").all()


def test_a_number_is_judged_with_intervals(number):
    found = read_json(number / "results" / "evaluation.json")
    metrics = found["models"][0]["metrics"]
    assert metrics["r_squared"]["low"] > 0.3
    assert found["unit"] == "mm"
    levels = {row["level"]: row["coverage"]["value"] for row in found["conformal"]}
    assert levels[0.8] == pytest.approx(0.8, abs=0.15)
    assert {one["against"] for one in found["differences"]} == {"volume", "naive"}


def test_the_report_on_a_number_shows_observed_against_predicted(number):
    page = (number / "results" / "report.html").read_text(encoding="utf-8")
    assert "Observed against predicted" in page
    assert "Predicted (mm)" in page


def test_new_patients_get_a_value_and_its_interval(number):
    table = answers_to_new(number)
    assert (table["low_95"] <= table["low_80"]).all()
    assert ((table["low_80"] <= table["value"]) & (table["value"] <= table["high_80"])).all()
    parts = table[[name for name in table if name.startswith("shap:")]].sum(axis=1)
    assert (table["value"] - parts).std() == pytest.approx(0, abs=1e-9)


def test_uncertain_cases_are_learnt_from_and_judge_nothing(uncertain):
    results = uncertain / "results"
    cohort = pd.read_parquet(results / "cohort.parquet")
    judged = pd.read_parquet(results / "predictions.parquet")["case_id"]
    assert (cohort["event_probability"] == 0.4).sum() == 10
    assert judged.nunique() == N - 10
    assert read_json(results / "evaluation.json")["study"]["n_cases"] == N - 10


def test_the_report_says_how_many_are_uncertain_and_by_which_policy(uncertain):
    page = (uncertain / "results" / "report.html").read_text(encoding="utf-8")
    assert "Of 10 cases nobody is sure of the outcome" in page
    assert "judge no model" in page
    assert "Look for the difference" not in page


def test_the_probability_of_an_event_is_no_feature(uncertain):
    table = answers_to_new(uncertain)
    assert table["probability"].between(0, 1).all()
    assert not any("event_probability" in name for name in table)
