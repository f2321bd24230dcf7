"""A whole study on a few made patients: run, resume, rerun, damage."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from radpred.deploy import load_predictor
from radpred.pipeline.demo import make_cohort
from radpred.stages.work.files import read_json
from radpred.workflow import RunError, Study, command, pipeline_folder, run
from radpred.writing import unfinished_in

ROOT = Path(__file__).resolve().parents[2]
QUICK = {
    "name": "tiny",
    "outcome": {"column": "event", "clinical": ["age", "sex", "marker"]},
    "regions": {"rings_mm": [4]},
    "extraction": {"filters": [{"kind": "original"}], "bin_width": 25},
    "learning": {
        "models": ["elastic_net", "random_forest"],
        "repeats": 1,
        "outer_folds": 3,
        "inner_folds": 3,
        "n_features": [5],
        "bootstrap_draws": 100,
    },
    "cases_per_shard": 18,
}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory) -> Path:
    """Return a folder with a made cohort, one damaged case and a study file."""
    folder = tmp_path_factory.mktemp("study folder")
    make_cohort(folder, n_patients=40, seed=3)
    cases = pd.read_csv(folder / "cases.csv", dtype=str)
    cases["image"] = [str(folder / path) for path in cases["image"]]
    damaged = folder / "damaged.nii.gz"
    damaged.write_bytes(b"not an image")
    cases.loc[cases.index[0], "image"] = str(damaged)
    cases.to_csv(folder / "cases.csv", index=False)
    (folder / "study.yaml").write_text(yaml.safe_dump(QUICK))
    return folder


@pytest.fixture(scope="module")
def results(cohort) -> Path:
    """Return the results of the first run."""
    return run(cohort / "study.yaml", cores=2).parent


def snakemake(cohort: Path, *words: str) -> str:
    """Return what Snakemake says of a study without running it."""
    line = command(cohort / "study.yaml", cores=2, profile=None, extra=words)
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_run_ends_with_a_report_and_a_model(results):
    assert (results / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert load_predictor(results / "model.radpred").columns


def test_a_damaged_case_is_a_rejected_row_and_the_others_go_on(results, cohort):
    verdicts = pd.read_parquet(results / "verdicts.parquet")
    rejected = verdicts[verdicts["status"] == "rejected"]
    n_rows = len(pd.read_csv(cohort / "cases.csv"))
    assert len(rejected) == 1
    assert rejected["code"].iloc[0] == "unreadable_file"
    assert len(pd.read_parquet(results / "features.parquet")) == n_rows - 1
    sizes = pd.read_parquet(results / "sizes.parquet")
    assert len(sizes) == 2 * (n_rows - 1)  # the tumour and a ring, on the original image
    assert (sizes["n_voxels"] > 0).all()


def test_a_second_run_has_nothing_to_do(results, cohort):
    assert "Nothing to be done" in snakemake(cohort, "--dry-run")


def test_no_temporary_file_is_left(results):
    assert unfinished_in(results) == []


def planned_steps(cohort: Path, settings: dict[str, Any]) -> set[str]:
    """Return the steps that a changed study file would run."""
    before = (cohort / "study.yaml").read_text()
    (cohort / "study.yaml").write_text(yaml.safe_dump(settings))
    said = snakemake(cohort, "--dry-run")
    (cohort / "study.yaml").write_text(before)
    return set(re.findall(r"^(?:local)?rule (\w+):", said, flags=re.MULTILINE)) - {"default"}


def test_a_changed_colour_reruns_the_report_only(results, cohort):
    assert planned_steps(cohort, {**QUICK, "report": {"accent": "#703070"}}) == {"report"}


def test_a_changed_bin_width_reruns_measuring_and_what_follows(results, cohort):
    changed = {**QUICK, "extraction": {**QUICK["extraction"], "bin_width": 30}}
    assert planned_steps(cohort, changed) == {
        "extract",
        "assemble",
        "train",
        "fit",
        "evaluate",
        "bundle",
        "explain",
        "report",
    }


def test_a_lost_benchmark_reruns_nothing(results, cohort):
    shutil.rmtree(results / "benchmarks")
    assert "Nothing to be done" in snakemake(cohort, "--dry-run")


def test_a_changed_seed_reruns_learning_and_no_measuring(results, cohort):
    changed = {**QUICK, "learning": {**QUICK["learning"], "seed": 7}}
    assert planned_steps(cohort, changed) == {
        "train",
        "fit",
        "evaluate",
        "bundle",
        "explain",
        "report",
    }


def test_lost_shards_are_made_again_from_what_was_kept(results, cohort):
    shards = [p for p in (results / "features").glob("*.parquet") if "." not in p.stem]
    before = {shard.name: pd.read_parquet(shard) for shard in shards}
    kept = {p.name: p.stat().st_mtime_ns for p in (results / "features" / "cache").iterdir()}
    for path in (*shards, results / "features.parquet"):
        path.unlink()
    run(cohort / "study.yaml", cores=2, extra=["features.parquet"])
    after = {p.name: p.stat().st_mtime_ns for p in (results / "features" / "cache").iterdir()}
    assert after == kept
    for shard in shards:
        pd.testing.assert_frame_equal(pd.read_parquet(shard), before[shard.name])
    run(cohort / "study.yaml", cores=2)


def test_predictions_are_for_every_case_and_repeat(results):
    table = pd.read_parquet(results / "predictions.parquet")
    n_cases = len(pd.read_parquet(results / "features.parquet"))
    assert (table.groupby("model").size() == n_cases).all()
    assert set(table["model"]) == {
        "selected",
        "elastic_net",
        "random_forest",
        "volume",
        "clinical",
        "site",
        "naive",
    }


def test_the_explanation_adds_up_to_the_model_s_log_odds(results):
    record = read_json(results / "explanation.json")
    for case in record["cases"]:
        total = record["base_value"] + sum(item["shap"] for item in case["contributions"])
        assert total == pytest.approx(case["log_odds"], abs=1e-6)


def test_predict_gives_a_training_case_the_fitted_risk(results, cohort, tmp_path):
    from radpred.stages.commands.predict import predict

    cases = pd.read_csv(cohort / "cases.csv", dtype=str, keep_default_na=False).iloc[1:4]
    outcome = pd.read_csv(cohort / "outcome.csv", dtype=str, keep_default_na=False)
    table = tmp_path / "new.csv"
    for column in ("mask", "organ_mask"):
        cases[column] = [str(cohort / path) for path in cases[column]]
    cases.merge(outcome, on="patient_id").to_csv(table, index=False)
    answers = predict(results / "model.radpred", table).table.set_index("case_id")
    explained = {c["case_id"]: c for c in read_json(results / "explanation.json")["cases"]}
    for case_id, risk in answers["probability"].items():
        assert risk == explained[case_id]["probability"]


def test_plain_snakemake_plans_the_same_study(cohort, results):
    line = [sys.executable, "-m", "snakemake", "--configfile", str(cohort / "study.yaml")]
    done = subprocess.run(
        [*line, "--dry-run", "--cores", "1"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "Nothing to be done" in done.stdout + done.stderr


def test_a_study_without_usable_cases_says_why_before_it_starts(tmp_path):
    make_cohort(tmp_path, n_patients=4, seed=0)
    shutil.rmtree(tmp_path / "images", ignore_errors=True)
    for path in tmp_path.rglob("*.nii.gz"):
        path.unlink()
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(QUICK))
    with pytest.raises(Exception, match="no case can be used"):
        Study.from_file(tmp_path / "study.yaml").run(cores=1)


def test_a_failed_run_shows_the_end_of_the_log(cohort, tmp_path):
    with pytest.raises(RunError, match="no_such_option"):
        run(cohort / "study.yaml", cores=1, extra=["--no_such_option"])


def test_the_workflow_is_found_beside_the_package():
    assert (pipeline_folder() / "workflow" / "Snakefile").is_file()


def test_the_rules_are_formatted():
    done = subprocess.run(
        ["snakefmt", "--check", "Snakefile", "workflow"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": str(Path(sys.executable).parent)},
    )
    assert done.returncode == 0, done.stderr
