"""A whole study whose scans and masks are in S3: fetched by Snakemake, measured, rerun."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from s3_server import put, s3_server

from radpred.io import read_image, write_image
from radpred.pipeline.demo import make_cohort
from radpred.stages.work.files import read_json, sha256_of
from radpred.workflow import command, run

STUDY = {
    "name": "far",
    "outcome": {"column": "event"},
    "extraction": {"filters": [{"kind": "original"}], "bin_width": 25},
    "learning": {
        "models": ["elastic_net"],
        "repeats": 1,
        "outer_folds": 2,
        "inner_folds": 2,
        "n_features": [5],
        "bootstrap_draws": 100,
    },
    "cases_per_shard": 7,
}


@dataclass
class Far:
    """A study in S3, the stand-in's client, and its twin on disk."""

    client: Any
    folder: Path
    cases: pd.DataFrame

    @property
    def study(self) -> Path:
        return self.folder / "study.yaml"

    @property
    def results(self) -> Path:
        return self.folder / "results"


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    folder = tmp_path_factory.mktemp("far")
    make_cohort(folder, n_patients=16, seed=7)
    cases = pd.read_csv(folder / "cases.csv", dtype=str)
    cases.to_csv(folder / "on_disk.csv", index=False)
    with s3_server() as client:
        for column in ("image", "mask"):
            cases[column] = [put(client, folder / path, f"cohort/{path}") for path in cases[column]]
        cases.to_csv(folder / "cases.csv", index=False)
        (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
        run(folder / "study.yaml", cores=2)
        yield Far(client, folder, cases)


def dry(far: Far) -> str:
    """Return what Snakemake would do."""
    line = command(far.study, cores=1, profile=None, extra=["--dry-run", "--", "features"])
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_run_ends_with_a_report(far):
    assert (far.results / "report.html").is_file()
    assert len(pd.read_parquet(far.results / "features.parquet")) == len(far.cases)


def test_values_are_those_of_the_same_files_on_disk(far):
    twin = {**STUDY, "cases": "on_disk.csv", "out": "on_disk"}
    study = far.folder / "on_disk.yaml"
    study.write_text(yaml.safe_dump(twin))
    run(study, cores=2, extra=["--", "features"])
    expected = pd.read_parquet(far.folder / "on_disk" / "features.parquet")
    found = pd.read_parquet(far.results / "features.parquet")
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_hashes_stand_beside_the_addresses(far):
    costs = pd.read_parquet(far.results / "costs.parquet").set_index("case_id")
    case = far.cases.iloc[0]
    hashes = yaml.safe_load(costs.loc[case["case_id"], "sha256"])
    local = far.folder / case["image"].partition("cohort/")[2]
    assert hashes[case["image"]] == sha256_of(local)


def test_snakemake_fetched_what_the_jobs_read(far):
    log = (far.results / "logs" / "snakemake.log").read_text()
    assert "Retrieving from storage" in log
    assert far.cases["image"][0] in log


def test_nothing_is_left_to_do(far):
    assert "Nothing to be done" in dry(far)


def test_a_changed_object_reruns_its_shard_alone(far):
    shards = read_json(far.results / "shards" / "shards.json")["shards"]
    assert len(shards) > 1
    changed = read_json(far.results / "shards" / f"{shards[0]}.json")[0]
    before = cached(far)
    address = changed["images"][""]
    local = far.folder / address.partition("cohort/")[2]
    scan = read_image(local)
    write_image(replace(scan, voxels=scan.voxels + 1), local)
    put(far.client, local, address.removeprefix("s3://hospital/"))
    said = dry(far)
    assert f"features/{shards[0]}.parquet" in said
    assert f"features/{shards[1]}.parquet" not in said.partition("Job stats")[0]
    run(far.study, cores=2, extra=["--", "features"])
    again = {name for name, time in cached(far).items() if time != before[name]}
    assert again == {f"{changed['case_id']}.json"}


def cached(far: Far) -> dict[str, int]:
    """Return when each case was measured."""
    folder = far.results / "features" / "cache"
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.json")}
