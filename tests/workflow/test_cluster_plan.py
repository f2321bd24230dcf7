"""What a run would ask of a cluster, rule by rule, told without starting a job."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from radpred.cli import app
from radpred.pipeline.demo import make_cohort
from radpred.stages.cluster.queued import job_prefix
from radpred.stages.plan import load_plan
from radpred.stages.prepare import prepare
from radpred.workflow import RunError, command, planned_jobs, run

needs_plugin = pytest.mark.skipif(
    find_spec("snakemake_executor_plugin_slurm") is None, reason="needs radpred[slurm]"
)
CLUSTER = {"account": "ours", "partition": "main", "gpu_partition": "cards", "extra": ["--nice=5"]}
MOVED = {"variants": 2, "translation_mm": 1}
MEASURE = {"extract", "perturb"}
RULES = {"segment", "extract", "assemble", "perturb", "gather", "train", "fit", "evaluate"}
RULES |= {"bundle", "explain", "report"}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory) -> Path:
    """Return a folder with a made cohort."""
    folder = tmp_path_factory.mktemp("my cohort")
    make_cohort(folder, n_patients=6, seed=3)
    return folder


@pytest.fixture(scope="module")
def asked(cohort):
    """Return a function that gives what the jobs of a study ask for, by rule."""

    kept = {}

    def ask(*, profile="slurm", **settings):
        key = json.dumps([profile, settings])
        if key not in kept:
            jobs = planned_jobs(study_file(cohort, **settings), profile=profile)
            kept[key] = {one.rule: one for one in jobs}
        return kept[key]

    return ask


def study_file(folder: Path, **settings) -> Path:
    """Write a study with these settings and return its path."""
    study = {"name": "tiny", "outcome": {"column": "event"}, "perturbation": MOVED}
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump({**study, **settings}))
    return path


@needs_plugin
@pytest.mark.parametrize("device", ["cpu", "gpu"])
def test_every_rule_asks_for_memory_time_account_and_queue(device, asked):
    found = asked(device=device, cluster=CLUSTER)
    assert set(found) == RULES
    for rule, one in found.items():
        has_card = device == "gpu" and rule in MEASURE
        assert one.account == "ours"
        assert one.partition == ("cards" if has_card else "main")
        assert one.gpus == int(has_card)
        assert one.memory_mb >= 1000  # Snakemake itself takes 260 MB of a job's memory
        assert one.minutes >= 30


@needs_plugin
def test_without_a_demand_a_job_asks_for_no_card_and_the_cpu_measures(asked):
    assert {one.gpus for one in asked().values()} == {0}


@needs_plugin
def test_a_job_on_a_cluster_asks_for_one_core_whatever_the_machine_here_has(asked):
    assert {one.cores for one in asked().values()} == {1}


@needs_plugin
def test_a_profile_of_one_s_own_is_laid_over_the_shipped_one(asked, tmp_path):
    own = {
        "executor": "slurm",
        "default-resources": {"slurm_account": "site", "slurm_partition": "site_queue"},
        "set-resources": {"train": {"mem_mb": 8000}},
        "set-threads": {"train": 5},
    }
    (tmp_path / "profile.yaml").write_text(yaml.safe_dump(own))
    found = asked(profile=str(tmp_path))
    assert {(one.account, one.partition) for one in found.values()} == {("site", "site_queue")}
    assert (found["train"].memory_mb, found["train"].cores) == (8000, 5)
    assert found["extract"].minutes == asked()["extract"].minutes


@needs_plugin
def test_the_study_s_queue_is_stronger_than_the_site_s(asked, tmp_path):
    own = {"executor": "slurm", "default-resources": {"slurm_partition": "site_queue"}}
    (tmp_path / "profile.yaml").write_text(yaml.safe_dump(own))
    found = asked(profile=str(tmp_path), cluster={"partition": "main"})
    assert {one.partition for one in found.values()} == {"main"}


def test_a_queue_that_changes_runs_nothing_again(asked, cohort):
    changed = planned_lines(cohort, cluster=CLUSTER)
    assert changed == planned_lines(cohort)


def planned_lines(cohort: Path, **settings) -> set[str]:
    """Return the settings that jobs depend on, as their parameters hold them."""
    study = study_file(cohort, **settings)
    prepare(study)
    plan = load_plan(study)
    sections = (*plan.masking, *plan.learns_from, "outcome", "report", "perturbation")
    return {plan.measuring, plan.relevant(*sections)}


def test_jobs_of_a_study_carry_the_name_of_their_folder(cohort):
    path = study_file(cohort)
    line = command(path, cores=None, profile="slurm")
    prefix = line[line.index("--slurm-jobname-prefix") + 1]
    assert prefix == job_prefix(cohort / "results")


def test_a_thousand_cases_at_25_a_shard_are_at_most_40_jobs_that_measure(tmp_path, cohort):
    n_cases, per_shard = 1000, 25
    first = pd.read_csv(cohort / "cases.csv", dtype=str).iloc[0]
    for name in ("image", "mask"):
        shutil.copy(cohort / first[name], tmp_path / f"{name}.nii.gz")
    ids = [f"P{i:04d}" for i in range(n_cases)]
    cases = {"case_id": ids, "patient_id": ids, "image": "image.nii.gz", "mask": "mask.nii.gz"}
    pd.DataFrame(cases).to_csv(tmp_path / "cases.csv", index=False)
    outcome = {"patient_id": ids, "event": [i % 2 for i in range(n_cases)]}
    pd.DataFrame(outcome).to_csv(tmp_path / "outcome.csv", index=False)
    path = study_file(tmp_path, cases_per_shard=per_shard)
    found = {one.rule: one.jobs for one in planned_jobs(path, cores=2)}
    assert 1 < found["extract"] <= math.ceil(n_cases / per_shard) == 40


def test_a_job_that_learns_from_a_large_table_asks_for_what_that_takes(cohort):
    """100,000 x 1,000 took 11.2 GB: `benchmarks.learning`."""
    prepare(study_file(cohort))
    plan = load_plan(cohort / "study.yaml")
    assert 0 < plan.n_cells < 1_000_000
    assert plan.learning_mb == plan.reading_mb == 2500
    large = replace(plan, n_cells=100_000 * 1000)
    assert large.learning_mb > 11_200 > large.reading_mb > 2500


@needs_plugin
def test_a_dry_run_prints_what_each_rule_asks_for(cohort):
    path = study_file(cohort, device="gpu", cluster=CLUSTER)
    line = ["run", str(path), "--profile", "slurm", "--dry-run"]
    done = CliRunner().invoke(app, line, env={"COLUMNS": "120"})
    rows = [[cell.strip() for cell in row.split("│")[1:-1]] for row in done.output.splitlines()]
    told = {row[0]: row[3:] for row in rows if len(row) == 8}
    assert set(told) == RULES
    assert told["extract"] == ["2000 MB", "120 min", "1", "cards", "ours"]
    assert told["train"] == ["2500 MB", "240 min", "", "main", "ours"]


def test_a_dry_run_tells_jobs_by_rule_and_starts_none(tmp_path):
    make_cohort(tmp_path, n_patients=6, seed=3)
    path = study_file(tmp_path, cases_per_shard=3)
    done = CliRunner().invoke(app, ["run", str(path), "--dry-run"])
    assert done.exit_code == 0, done.output
    assert "extract" in done.output
    assert "none was started" in done.output
    assert not (tmp_path / "results" / "features.parquet").exists()
    assert not (tmp_path / "results" / "segment").exists()


def test_a_scheduler_whose_plugin_is_absent_is_told_without_snakemakes_usage(tmp_path, cohort):
    (tmp_path / "profile.yaml").write_text("executor: nowhere\njobs: 4\n")
    with pytest.raises(RunError) as caught:
        run(study_file(cohort), profile=str(tmp_path), out=tmp_path / "results")
    assert "invalid choice: 'nowhere'" in str(caught.value)
    assert "usage" not in str(caught.value)
    assert len(str(caught.value).splitlines()) < 5
