"""A run that is killed goes on where it was; two runs do not meet in one folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import yaml

from radpred.pipeline.demo import make_cohort
from radpred.stages.work.lock import NAME, FolderBusyError, FolderLock
from radpred.workflow import run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the lock and signals are POSIX")
STUDY = {
    "name": "killed",
    "outcome": {"column": "event"},
    "extraction": {"filters": [{"kind": "original"}, {"kind": "wavelet"}], "bin_width": 10},
    "learning": {
        "models": ["elastic_net"],
        "repeats": 1,
        "outer_folds": 2,
        "inner_folds": 2,
        "n_features": [5],
        "bootstrap_draws": 100,
    },
}


def kept(results: Path) -> dict[str, int]:
    """Return the cases that are measured, and when each was written."""
    return {p.name: p.stat().st_mtime_ns for p in (results / "features" / "cache").glob("*.json")}


@pytest.fixture(scope="module")
def killed(tmp_path_factory) -> tuple[Path, dict[str, int], str]:
    """Return a study whose first run was killed, what it had kept, and what a second run said."""
    folder = tmp_path_factory.mktemp("killed")
    make_cohort(folder, n_patients=60, seed=5)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    line = [sys.executable, "-m", "radpred", "run", str(folder / "study.yaml"), "--cores", "1"]
    first = subprocess.Popen(line, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while len(kept(folder / "results")) < 5 and time.monotonic() < deadline:
        time.sleep(0.05)
    holder = json.loads((folder / "results" / NAME).read_text())
    os.killpg(holder["snakemake"], signal.SIGSTOP)  # so that the second run finds it at work
    second = subprocess.run(line, capture_output=True, text=True, check=False)
    first.kill()
    os.killpg(holder["snakemake"], signal.SIGKILL)
    first.wait()
    time.sleep(0.5)
    return folder, kept(folder / "results"), second.stderr


def test_the_first_run_was_killed_in_the_midst_of_measuring(killed):
    _, before, _ = killed
    assert 5 <= len(before) < 60


def test_a_second_run_in_the_folder_is_refused_and_names_the_first(killed):
    said = killed[2].replace("\n", " ")
    assert "another run works in" in said
    assert "snakemake" in said


@pytest.fixture(scope="module")
def resumed(killed) -> Path:
    """Return the results of the study after its second run."""
    return run(killed[0] / "study.yaml", cores=2).parent


def test_the_next_run_ends_with_a_report(resumed):
    assert (resumed / "report.html").is_file()


def test_no_finished_case_is_measured_twice(killed, resumed):
    after = kept(resumed)
    assert {name: after[name] for name in killed[1]} == killed[1]


def test_a_killed_and_resumed_study_gives_what_an_undisturbed_one_gives(killed, resumed, tmp_path):
    undisturbed = run(killed[0] / "study.yaml", cores=2, out=tmp_path / "other").parent
    for name in ("features.parquet", "predictions.parquet", "verdicts.parquet"):
        pd.testing.assert_frame_equal(
            pd.read_parquet(resumed / name), pd.read_parquet(undisturbed / name)
        )


def test_a_folder_is_free_again_when_its_run_has_ended(tmp_path):
    with FolderLock(tmp_path):
        pass
    with FolderLock(tmp_path):
        pass


def test_a_folder_that_is_held_names_who_holds_it(tmp_path):
    with FolderLock(tmp_path), pytest.raises(FolderBusyError, match=f'"pid": {os.getpid()}'):
        FolderLock(tmp_path).__enter__()
