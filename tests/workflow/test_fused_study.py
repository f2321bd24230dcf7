"""A study of blocks from tables alone, from its file to the prediction of new patients."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from in_process import carried_out
from typer.testing import CliRunner

from radpred.cli import app
from radpred.deploy import load_predictor
from radpred.stages.commands.predict import predict
from radpred.stages.inputs.forecast import forecast

N = 60
PARTS = ["block:deep", "block:lab", "block:clinic"]
LEARNING = {
    "preset": "quick",
    "models": ["logistic"],
    "outer_folds": 3,
    "inner_folds": 2,
    "n_features": [5],
    "bootstrap_draws": 100,
    "permutations": 3,
    "guarantee": [{"metric": "sensitivity", "at_least": 0.6, "confidence": 0.8}],
    "blocks": {
        "deep": {"tables": ["deep"]},
        "lab": {"tables": ["lab"]},
        "clinic": {"clinical": True},
    },
    "fusion": {"kind": "both"},
}


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """Return the folder of a study of two tables and an age that ran to its report."""
    folder = tmp_path_factory.mktemp("fused")
    rng = np.random.default_rng(3)
    ids, y = [f"P{i:02d}" for i in range(N)], rng.permutation(np.arange(N) % 2)
    for name, shift in (("deep", 0.8), ("lab", 0.5)):
        X = rng.normal(size=(N, 6)) + shift * y[:, None] * (np.arange(6) < 2)
        table = pd.DataFrame(X, columns=[f"{name}{i}" for i in range(6)])
        table.insert(0, "patient_id", ids)
        table.to_csv(folder / f"{name}.csv", index=False)
    pd.DataFrame({"case_id": ids, "patient_id": ids}).to_csv(folder / "cases.csv", index=False)
    people = pd.DataFrame({"patient_id": ids, "event": y, "age": 60 + rng.normal(size=N) + y})
    people.to_csv(folder / "outcome.csv", index=False)
    settings = {
        "name": "fused",
        "outcome": {"file": "outcome.csv", "column": "event", "clinical": ["age"]},
        "tables": {"deep": "deep.csv", "lab": "lab.csv"},
        "learning": LEARNING,
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    carried_out(folder / "study.yaml")
    return folder


@pytest.fixture(scope="module")
def evaluation(study):
    """Return what the study found."""
    return json.loads((study / "results" / "evaluation.json").read_text())


def test_blocks_and_fusions_stand_beside_the_other_models(evaluation):
    names = [model["name"] for model in evaluation["models"]]
    assert names == [
        *("selected", "logistic", "early_fusion", "late_fusion"),
        *(*PARTS, "clinical", "naive"),
    ]
    kinds = {model["name"]: model["kind"] for model in evaluation["models"]}
    assert {kinds[name] for name in PARTS} == {"block"}


def test_only_candidates_are_chosen(evaluation):
    assert set(evaluation["selected"]["chosen"]) == {"logistic", "early_fusion", "late_fusion"}


def test_each_fusion_is_held_against_each_block_and_against_all_but_it(evaluation):
    found = {(r["fusion"], r["block"], r["against"]) for r in evaluation["blocks"]}
    assert found == {
        (f"{kind}_fusion", block, against)
        for kind in ("early", "late")
        for block in ("deep", "lab", "clinic")
        for against in ("alone", "without")
    }


def test_outcomes_were_dealt_anew_as_often_as_asked(evaluation):
    found = evaluation["permuted"]
    assert len(found["permuted"]) == 3
    as_high = sum(one >= found["observed"] for one in found["permuted"])
    assert found["p"] == pytest.approx((1 + as_high) / 4)


def test_the_report_tells_of_blocks_folds_and_permutations(study):
    page = (study / "results" / "report.html").read_text(encoding="utf-8")
    assert "What each block adds" in page
    assert "Block deep alone" in page
    assert "by Nadeau and Bengio" in page
    assert "With outcomes dealt anew 3 times" in page
    assert "would grow if each outcome stayed" in page
    assert "were joined before one model" in page
    assert "late_fusion:without" not in page


def test_the_cost_of_permutations_is_told_beforehand(study):
    lines = forecast(study / "study.yaml", has_presets=True)
    assert any(line.startswith("3 permutations: ") for line in lines)


def test_the_bundle_keeps_thresholds_and_predict_names_them(study):
    guaranteed = load_predictor(study / "results" / "model.radpred").guarantees
    cases = pd.read_csv(study / "cases.csv").head(4).assign(case_id=["N0", "N1", "N2", "N3"])
    people = pd.read_csv(study / "outcome.csv")[["patient_id", "age"]]
    cases.merge(people).to_csv(study / "new.csv", index=False)
    tables = {name: study / f"{name}.csv" for name in ("deep", "lab")}
    model = study / "results" / "model.radpred"
    answers = predict(model, study / "new.csv", tables=tables)
    assert answers.guarantees == tuple(one.sentence for one in guaranteed)
    assert len(guaranteed) == 1
    assert answers.table[guaranteed[0].column].dtype == bool
    words = ["predict", str(model), "--cases", str(study / "new.csv")]
    words += [f"--table={name}={path}" for name, path in tables.items()]
    shown = CliRunner().invoke(app, words)
    assert shown.exit_code == 0
    assert "acts_sensitivity_60: risk >=" in shown.output.replace("\n", " ")
