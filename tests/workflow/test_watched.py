"""A run that is watched: lines for machines, reasons for people, what a change makes again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from radpred.cli import app
from radpred.io import read_image, write_image
from radpred.pipeline.demo import make_cohort
from radpred.stages.watching.journal import read_journal
from radpred.version import __version__
from radpred.workflow import run

STUDY = {
    "name": "watched",
    "outcome": {"column": "event"},
    "extraction": {"filters": [{"kind": "original"}], "families": ["shape", "firstorder"]},
    "learning": {
        "models": ["elastic_net"],
        "repeats": 1,
        "outer_folds": 2,
        "inner_folds": 2,
        "n_features": [3],
        "bootstrap_draws": 100,
    },
    "cases_per_shard": 8,
}
N_CASES = 20


def radpred(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Return what a command of radpred said."""
    line = [sys.executable, "-m", "radpred", *words]
    env = {**os.environ, **environment}
    return subprocess.run(line, capture_output=True, text=True, check=False, env=env)


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """Return a study of twenty cases, of which three are bad for two reasons."""
    folder = tmp_path_factory.mktemp("watched")
    make_cohort(folder, n_patients=20, seed=3)
    cases = pd.read_csv(folder / "cases.csv", dtype=str).head(N_CASES)
    cases["mask_label"] = ""
    (folder / "bad.nii.gz").write_bytes(b"no image")
    cases.loc[[2, 5], "image"] = "bad.nii.gz"
    cases.loc[9, "mask_label"] = "9"
    cases.to_csv(folder / "cases.csv", index=False)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    return folder / "study.yaml"


@pytest.fixture(scope="module")
def said(study) -> list[dict]:
    """Return the lines that a run with ``--json-lines`` wrote to its standard output."""
    done = radpred("run", str(study), "--cores", "2", "--json-lines")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def results(study, said) -> Path:
    """Return the results of the run."""
    return study.parent / "results"


def test_the_standard_output_is_json_from_the_run_s_begin_to_its_end(said):
    assert (said[0]["event"], said[-1]["event"]) == ("run", "end")
    assert {line["event"] for line in said[1:-1]} == {"step"}
    assert said[-1]["status"] == "finished"


def test_every_step_ends_with_all_its_pieces(said):
    last = {line["step"]: line for line in said if line["event"] == "step"}
    for step, total in {"segment": N_CASES, "extract": N_CASES, "train": 2}.items():
        assert (last[step]["done"], last[step]["total"]) == (total, total)
        assert last[step]["rate"] > 0


def test_three_bad_cases_for_two_reasons_are_two_reasons_the_top_one_first(said):
    found = [(one["code"], one["n"]) for one in said[-1]["failures"]]
    assert found == [("unreadable_file", 2), ("label_missing", 1)]


def test_the_run_keeps_the_lines_in_its_folder(said, results):
    assert read_journal(results) == said


def test_the_status_of_a_finished_run_says_so_and_why_cases_failed(results):
    done = CliRunner().invoke(app, ["status", str(results)])
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert any(line.startswith(f"{results}: finished") for line in lines)
    rejected = lines.index(f"rejected: 3 of {N_CASES} case(s)")
    assert lines[rejected + 1].startswith("  2 unreadable_file, for example")
    assert lines[rejected + 2].startswith("  1 label_missing, for example")


def test_the_status_as_json_has_every_step_done_and_what_it_cost(results, study):
    found = json.loads(CliRunner().invoke(app, ["status", str(study), "--json"]).output)
    assert {step["state"] for step in found["steps"]} == {"done"}
    assert (found["holder"], found["jobs_at_work"], found["todo"]) == (None, [], "")
    costs = {cost["step"]: cost for cost in found["costs"]}
    assert costs["extract"]["n_jobs"] == len(list((results / "shards").glob("[0-9]*.json")))
    assert costs["extract"]["cases_per_second"] > 0


def test_the_report_says_what_the_run_cost(results):
    text = (results / "report.html").read_text(encoding="utf-8")
    assert "What this run cost" in text
    assert "Measuring" in text.partition("What this run cost")[2]


def test_another_version_says_what_it_would_run_again_and_does_not(results, study, tmp_path):
    later = "import radpred.version\nradpred.version.__version__ = '99.0'\n"
    (tmp_path / "sitecustomize.py").write_text(later)
    before = (results / "features.parquet").stat().st_mtime_ns
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = radpred("run", str(study), "--cores", "1", PYTHONPATH=path)
    words = " ".join(done.stderr.split())
    assert done.returncode == 2
    assert f"made by radpred {__version__}, this is 99.0" in words
    assert "extract (3 jobs), assemble (1 job)" in words
    assert (results / "features.parquet").stat().st_mtime_ns == before


def test_a_changed_image_is_measured_again_and_no_other(results, study):
    cases = pd.read_csv(study.parent / "cases.csv", dtype=str)
    changed = cases.loc[0]
    path = study.parent / changed["image"]
    alike = set(cases.loc[cases["image"] == changed["image"], "case_id"])
    before = kept(results)
    image = read_image(path)
    voxels = np.asarray(image.voxels) + 1.0
    write_image(type(image)(voxels=voxels, grid=image.grid), path)
    run(study, cores=2, extra=["features.parquet"])
    after = kept(results)
    assert {name for name in before if after[name] != before[name]} == alike


def kept(results: Path) -> dict[str, int]:
    """Return when each case was measured."""
    return {p.stem: p.stat().st_mtime_ns for p in (results / "features" / "cache").glob("*.json")}
