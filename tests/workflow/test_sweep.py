"""A sweep over a few made patients, end to end: measured once, resumed, compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from radpred.cli import app
from radpred.deploy import load_predictor
from radpred.errors import InputError
from radpred.pipeline.demo import make_cohort
from radpred.stages.commands.predict import predict
from radpred.stages.work.files import read_json
from radpred.sweep import run_sweep
from radpred.workflow import run

STUDY = {
    "name": "tiny",
    "outcome": {"column": "event", "clinical": ["age"]},
    "regions": {"rings_mm": [4]},
    "tables": {"deep": "deep.csv"},
    "extraction": {
        "filters": [{"kind": "original"}],
        "bin_width": 25,
        "families": ["shape", "firstorder"],
    },
    "learning": {
        "models": ["logistic"],
        "repeats": 1,
        "outer_folds": 3,
        "inner_folds": 3,
        "n_features": [5],
        "bootstrap_draws": 100,
    },
}
SWEEP = {
    "study": "study.yaml",
    "variants": {
        "tumour": {"learning.regions": ["tumour"]},
        "deep": {"learning.regions": ["deep"], "learning.selection": "shap"},
        "thin": {"learning.regions": ["ring_0_2mm"], "regions.rings_mm": [2]},
    },
    "axis": {"tumour": 0, "thin": 2},
    "label": "Ring, mm",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return a folder with a made cohort, a table of other features, a study and a sweep."""
    folder = tmp_path_factory.mktemp("sweep")
    make_cohort(folder, n_patients=24, seed=3)
    cases = pd.read_csv(folder / "cases.csv", dtype=str)
    deep = np.random.default_rng(0).normal(size=(len(cases), 3))
    table = pd.DataFrame(deep, columns=["e_0", "e_1", "e_2"]).assign(case_id=cases["case_id"])
    table.iloc[1:].to_csv(folder / "deep.csv", index=False)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    (folder / "sweep.yaml").write_text(yaml.safe_dump(SWEEP, sort_keys=False))
    return folder


@pytest.fixture(scope="module")
def found(folder) -> dict:
    """Return what the sweep found."""
    return run_sweep(folder / "sweep.yaml", cores=1)


def test_every_variant_is_compared_with_the_first(found):
    assert [row["variant"] for row in found["variants"]] == list(SWEEP["variants"])
    assert found["reference"] == "tumour"
    assert all(0 <= row["p"] <= row["p_holm"] <= 1 for row in found["variants"][1:])
    assert all(row["folds_agree"] for row in found["variants"][1:])


def test_variants_that_only_learn_otherwise_are_measured_once(found, folder):
    measured = sorted((folder / "sweep" / "measured").iterdir())
    assert len(measured) == 2
    assert not list((folder / "sweep").glob("*/features/cache"))


def test_models_see_their_regions_and_nothing_else(found, folder):
    study = read_json(folder / "sweep" / "deep" / "study.json")
    assert study["learning"]["regions"] == ["deep"]
    table = pd.read_parquet(folder / "sweep" / "deep" / "features.parquet")
    assert {name.split("__")[0] for name in table.columns} == {
        "case_id",
        "tumour",
        "ring_0_4mm",
        "deep",
    }


def test_a_case_without_a_row_in_the_table_is_a_reason(found, folder):
    reasons = pd.read_parquet(folder / "sweep" / "deep" / "reasons.parquet")
    assert (reasons["reason"] == "not_in_table").sum() == 3


def test_the_results_are_files(found, folder):
    assert read_json(folder / "sweep" / "sweep.json") == found
    table = pd.read_csv(folder / "sweep" / "sweep.csv")
    assert table["at"].dropna().tolist() == [0.0, 2.0]
    text = (folder / "sweep" / "sweep.md").read_text(encoding="utf-8")
    assert "| thin |" in text
    assert (folder / "sweep" / "sweep.svg").stat().st_size > 1000


def test_a_second_sweep_learns_nothing_anew(found, folder):
    made = sorted((folder / "sweep").glob("*/models/*"))
    before = {path: path.stat().st_mtime_ns for path in made}
    again = CliRunner().invoke(app, ["sweep", str(folder / "sweep.yaml"), "--cores", "1"])
    assert again.exit_code == 0, again.output
    assert {path: path.stat().st_mtime_ns for path in made} == before
    assert read_json(folder / "sweep" / "sweep.json") == found


def test_a_model_of_a_table_predicts_with_that_table(found, folder):
    run(folder / "sweep" / "deep" / "study.yaml", cores=1)  # a variant is a study like any other
    model = folder / "sweep" / "deep" / "model.radpred"
    assert load_predictor(model).tables == ("deep",)
    cases = pd.read_csv(folder / "cases.csv", dtype=str).iloc[1:3]
    new = cases.merge(pd.read_csv(folder / "outcome.csv", dtype=str), on="patient_id")
    new.to_csv(folder / "new.csv", index=False)
    with pytest.raises(InputError, match="lacks deep"):
        predict(model, folder / "new.csv")
    answers = predict(model, folder / "new.csv", tables={"deep": folder / "deep.csv"}).table
    explained = read_json(folder / "sweep" / "deep" / "explanation.json")["cases"]
    risks = {case["case_id"]: case["probability"] for case in explained}
    assert answers["probability"].tolist() == [risks[case] for case in answers["case_id"]]


def test_a_changed_variant_starts_anew_and_the_others_stay(found, folder):
    kept = folder / "sweep" / "deep" / "models" / "repeat_0.parquet"
    before = kept.stat().st_mtime_ns
    variants = {
        "deep": SWEEP["variants"]["deep"],
        "thin": {"learning.regions": ["ring_0_3mm"], "regions.rings_mm": [3]},
    }
    path = folder / "changed.yaml"
    path.write_text(yaml.safe_dump({**SWEEP, "variants": variants, "axis": {}}, sort_keys=False))
    run_sweep(path, cores=1)
    table = pd.read_parquet(folder / "sweep" / "thin" / "features.parquet")
    assert any(name.startswith("ring_0_3mm__") for name in table.columns)
    assert kept.stat().st_mtime_ns == before


def test_a_region_that_nothing_fills_is_told_before_any_work(folder, tmp_path):
    bad = {**SWEEP, "variants": {"a": {}, "b": {"learning.regions": ["ring_0_9mm"]}}, "axis": {}}
    (folder / "bad.yaml").write_text(yaml.safe_dump(bad))
    with pytest.raises(Exception, match="nothing is called ring_0_9mm"):
        run_sweep(folder / "bad.yaml", cores=1, out=tmp_path / "out")


def test_a_folder_of_something_else_is_left_alone(folder, tmp_path):
    (tmp_path / "tumour").mkdir()
    (tmp_path / "tumour" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="no variant of a sweep"):
        run_sweep(folder / "sweep.yaml", cores=1, out=tmp_path)
    assert (tmp_path / "tumour" / "thesis.txt").read_text() == "mine"
