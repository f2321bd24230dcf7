"""A run that is killed goes on where it was; two runs do not meet in one folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import yaml
from in_process import carried_out

from radpred.pipeline.demo import make_cohort
from radpred.stages.watching.orphans import processes_of
from radpred.stages.watching.status import status_of
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
    "cases_per_shard": 10,
}


def kept(results: Path) -> dict[str, int]:
    """Return the cases that are measured, and when each was written."""
    return {
        p.name: p.stat().st_mtime_ns for p in (results / "features" / "cache").glob("[!.]*.json")
    }


@dataclass(frozen=True)
class Killed:
    """A study whose main process was killed, then Snakemake, then its jobs; and what was said."""

    folder: Path
    n_cases: int
    kept: dict[str, int]
    second: str
    third: str
    states: tuple[str, ...]


@pytest.fixture(scope="module")
def killed(tmp_path_factory) -> Killed:
    """Return a study of many jobs whose first run was killed with half of its cases measured."""
    folder = tmp_path_factory.mktemp("killed")
    make_cohort(folder, n_patients=60, seed=5)
    n_cases = len(pd.read_csv(folder / "cases.csv"))
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    results = folder / "results"
    line = [sys.executable, "-m", "radpred", "run", str(folder / "study.yaml"), "--cores", "2"]
    first = subprocess.Popen(line, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    waited_for(lambda: len(kept(results)) >= n_cases // 2)
    holder = json.loads((results / NAME).read_text())
    os.killpg(holder["snakemake"], signal.SIGSTOP)  # so that the second run finds it at work
    states = [status_of(results).state]
    second = subprocess.run(line, capture_output=True, text=True, check=False).stderr
    first.kill()
    first.wait()
    states.append(status_of(results).state)
    third = subprocess.run(line, capture_output=True, text=True, check=False).stderr
    os.kill(holder["snakemake"], signal.SIGKILL)
    time.sleep(0.5)
    states.append(status_of(results).state)
    os.killpg(holder["snakemake"], signal.SIGKILL)
    time.sleep(0.5)
    states.append(status_of(results).state)
    return Killed(folder, n_cases, kept(results), second, third, tuple(states))


def waited_for(is_so: Callable[[], bool], *, seconds: float = 900) -> None:
    """Return once something is so, or after a long time."""
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_the_first_run_was_killed_in_the_midst_of_measuring(killed):
    assert killed.n_cases // 2 <= len(killed.kept) < killed.n_cases


def test_whoever_looks_sees_a_run_at_work_then_orphaned_then_killed(killed):
    assert killed.states == ("running", "orphaned", "orphaned", "killed")


def test_a_run_beside_orphaned_jobs_is_refused_and_says_how_to_end_them(killed):
    said = " ".join(killed.third.split())
    assert "of an earlier run still work in" in said
    assert "--wait-for-orphans" in said
    assert "`kill " in said


def test_a_second_run_in_the_folder_is_refused_and_names_the_first(killed):
    said = killed.second.replace("\n", " ")
    assert "another run works in" in said
    assert "snakemake" in said


@pytest.fixture(scope="module")
def resumed(killed) -> Path:
    """Return the results of the study after its second run."""
    return run(killed.folder / "study.yaml", cores=2).parent


def test_the_next_run_ends_with_a_report(resumed):
    assert (resumed / "report.html").is_file()


def test_no_finished_case_is_measured_twice(killed, resumed):
    after = kept(resumed)
    assert {name: after[name] for name in killed.kept} == killed.kept
    assert len(after) == killed.n_cases


def test_cases_of_shards_that_were_done_count_as_done_in_the_next_run(killed, resumed):
    steps = {step.step: step for step in status_of(resumed).steps}
    pieces = steps["extract"].pieces
    assert (pieces.done, pieces.total) == (killed.n_cases, killed.n_cases)
    assert pieces.kept > 0


def test_a_killed_and_resumed_study_gives_what_an_undisturbed_one_gives(killed, resumed, tmp_path):
    study = yaml.safe_load((killed.folder / "study.yaml").read_text())
    (killed.folder / "other.yaml").write_text(yaml.safe_dump({**study, "out": str(tmp_path)}))
    undisturbed = carried_out(killed.folder / "other.yaml")
    for name in ("features.parquet", "predictions.parquet", "verdicts.parquet"):
        pd.testing.assert_frame_equal(
            pd.read_parquet(resumed / name), pd.read_parquet(undisturbed / name)
        )


@pytest.mark.parametrize("command", ["run", "sweep"])
def test_a_run_that_is_told_to_end_ends_its_jobs(killed, tmp_path, command):
    sweep = {"study": "study.yaml", "variants": {"a": {}, "b": {"learning.n_features": [4]}}}
    (killed.folder / "sweep.yaml").write_text(yaml.safe_dump(sweep))
    file = killed.folder / {"run": "study.yaml", "sweep": "sweep.yaml"}[command]
    line = [sys.executable, "-X", "faulthandler", "-m", "radpred", command, str(file)]
    line += ["--out", str(tmp_path)]
    child = subprocess.Popen([*line, "--cores", "1"], stderr=subprocess.PIPE, text=True)
    waited_for(lambda: bool(list(tmp_path.rglob("logs/progress/extract.*"))))
    [progress] = tmp_path.rglob("logs/progress")
    out = progress.parents[1]
    assert processes_of(out)
    child.terminate()
    said = child.communicate()[1]
    assert child.returncode == 128 + signal.SIGTERM, said
    assert "the same command goes on from here" in said
    assert processes_of(out) == []
    assert status_of(out).state == "interrupted"


def test_a_folder_is_free_again_when_its_run_has_ended(tmp_path):
    with FolderLock(tmp_path):
        pass
    with FolderLock(tmp_path):
        pass


def test_a_folder_that_is_held_names_who_holds_it(tmp_path):
    with FolderLock(tmp_path), pytest.raises(FolderBusyError, match=f'"pid": {os.getpid()}'):
        FolderLock(tmp_path).__enter__()
