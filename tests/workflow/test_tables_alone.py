"""A study from a table alone, from `init` to the prediction of new patients."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from radpred.cli import app
from radpred.stages.commands.predict import predict
from radpred.workflow import run

N = 48


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """Return the folder of a study of 48 patients and 13 features that ran to its report.

    The last patient is the fourth under another name.
    """
    folder = tmp_path_factory.mktemp("table")
    rng = np.random.default_rng(3)
    X = rng.normal(size=(N, 12))
    X[-1] = X[3]
    frame = pd.DataFrame(X, columns=[f"original_glcm_F{i}" for i in range(12)])
    frame.insert(0, "ID", [f"P{i:02d}" for i in range(N)])
    frame["volume"] = np.exp(X[:, 0])
    frame["Target"] = (X[:, 0] + rng.normal(size=N) > 0).astype(int)
    frame.to_csv(folder / "all.csv", index=False)
    words = ["init", str(folder / "study.yaml"), "--table", str(folder / "all.csv")]
    assert CliRunner().invoke(app, [*words, "--column", "Target"]).exit_code == 0
    settings = yaml.safe_load((folder / "study.yaml").read_text())
    settings["volume_column"] = "volume"
    settings["learning"] = {"preset": "quick", "models": ["logistic"], "bootstrap_draws": 100}
    (folder / "study.yaml").write_text(yaml.safe_dump(settings))
    run(folder / "study.yaml", cores=1)
    return folder


def test_all_features_come_from_the_table(study):
    features = pd.read_parquet(study / "results" / "features.parquet")
    assert features.columns[0] == "case_id"
    assert {name.split("__")[0] for name in features.columns[1:]} == {"radiomics"}
    assert len(features) == N


def test_models_are_held_against_the_declared_volume(study):
    predictions = pd.read_parquet(study / "results" / "predictions.parquet")
    assert set(predictions["model"]) >= {"selected", "logistic", "volume"}


def test_one_shard_is_enough_where_nothing_is_measured(study):
    assert [path.name for path in (study / "results" / "shards").glob("0*.json")] == ["0000.json"]


def test_the_report_speaks_of_tables_and_shows_no_scan(study):
    page = (study / "results" / "report.html").read_text(encoding="utf-8")
    assert "Can the tables of features tell" in page
    assert "no image was measured" in page
    assert "Lesions were outlined" not in page


def test_a_copy_under_another_name_is_noted_in_the_report(study):
    verdicts = pd.read_parquet(study / "results" / "verdicts.parquet")
    noted = verdicts[verdicts["code"] == "near_copy"]
    assert noted["case_id"].tolist() == ["P03", "P47"]
    assert noted["came"].str.contains("as of P47 of patient P47|as of P03 of patient P03").all()
    page = (study / "results" / "report.html").read_text(encoding="utf-8")
    assert "The features of 2 cases all but repeat those of another patient" in page


def test_the_report_says_how_far_features_go_with_the_declared_volume(study):
    record = json.loads((study / "results" / "explanation.json").read_text())["volume"]
    assert record["n_columns"] == 12
    assert record["largest"]["column"].endswith("originalglcmF0")
    assert record["largest"]["rho"] == pytest.approx(1)
    page = (study / "results" / "report.html").read_text(encoding="utf-8")
    assert "Of all 12 features of intensity and texture" in page


def test_new_patients_are_predicted_from_a_table_alone(study):
    frame = pd.read_csv(study / "all.csv").head(5).rename(columns={"ID": "patient_id"})
    frame.drop(columns="Target").head(4).to_csv(study / "new_features.csv", index=False)
    cases = frame[["patient_id"]].assign(case_id=[f"N{i}" for i in range(5)])
    cases.to_csv(study / "new.csv", index=False)
    answers = predict(
        study / "results" / "model.radpred",
        study / "new.csv",
        tables={"radiomics": study / "new_features.csv"},
    )
    assert answers.table["case_id"].tolist() == ["N0", "N1", "N2", "N3"]
    assert answers.table["probability"].between(0, 1).all()
    assert answers.verdicts["code"].tolist() == ["", "", "", "", "no_row"]
