"""Cases that take more than they may: rows with a reason, and when they are tried again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from radpred.config.study import LimitSettings
from radpred.errors import RadpredError
from radpred.pipeline.demo import make_cohort
from radpred.stages import extract as stage
from radpred.stages.extract import Work, extract, hashes_of, key_of
from radpred.stages.inputs.shards import planned, shard_cases
from radpred.stages.prepare import prepare
from radpred.stages.segment import segment, with_masks
from radpred.stages.work.pool import again
from radpred.stages.work.pool.loss import out_of_memory, timed_out
from radpred.table import read_table
from radpred.writing import unfinished_in

ROOT = Path(__file__).resolve().parents[2]
STUDY = {
    "name": "s",
    "outcome": {"column": "event"},
    "cases_per_shard": 100,
    "extraction": {"families": ["firstorder"]},
}
LIMITS = LimitSettings()


@pytest.fixture
def study(tmp_path):
    """Return the file of a study of six patients, in one shard that is segmented."""
    make_cohort(tmp_path, n_patients=6, seed=8)
    return planned_anew(tmp_path / "study.yaml")


def planned_anew(path, **changed):
    """Write a study file, plan it, and segment its shard; return the folder of results."""
    path.write_text(yaml.safe_dump({**STUDY, **changed}))
    out = prepare(path).out
    segment(out / "study.json", out / "shards" / "0000.json", out / "segment" / "0000.parquet")
    return out


def extracted(out, **given):
    """Extract the shard; return the verdicts."""
    masks, output = out / "segment" / "0000.parquet", out / "features" / "0000.parquet"
    extract(out / "study.json", out / "shards" / "0000.json", masks, output, **given)
    return read_table(output.with_suffix(".verdicts.parquet"))[0]


def lost(work, loss):
    """Lose a case as its process would, when it had found out what identifies the case."""
    return stage._lost(work, replace(loss, key=key_of(work, hashes_of(work, work))))


def work_of(out):
    """Return the work at the first case of the shard."""
    cases = with_masks(shard_cases(out / "shards" / "0000.json"), out / "segment" / "0000.parquet")
    return Work(cases[0], (), planned(out / "study.json"), out / "features" / "cache")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no file hangs as a pipe does")
def test_a_case_that_hangs_is_a_row_and_the_others_are_measured(study):
    cases = pd.read_csv(study.parent / "cases.csv", dtype=str)
    os.mkfifo(study.parent / "hangs.nii")  # reading it never ends
    hanging = cases.loc[2, "case_id"]
    cases.loc[2, "image"] = "hangs.nii"
    cases.to_csv(study.parent / "cases.csv", index=False)
    out = planned_anew(study.parent / "study.yaml", limits={"seconds_per_case": 3})
    verdicts = extracted(out).set_index("case_id")
    assert verdicts.loc[hanging, "code"] == "timed_out"
    assert set(verdicts["status"].drop(hanging)) <= {"accepted", "noted"}
    assert len(verdicts) == len(cases)
    costs = read_table(out / "features" / "0000.costs.parquet")[0].set_index("case_id")
    assert costs.loc[hanging, "status"] == "rejected"
    assert costs.loc[hanging, "seconds"] >= 3
    assert (out / again.FOLDER / "extract.0000.json").is_file()


@pytest.mark.parametrize("limits", [{"seconds_per_case": 7200}, {"memory_mb_per_case": 9000}])
def test_a_plan_under_other_limits_renews_the_shards_of_lost_cases_alone(limits, study):
    strict = LimitSettings(memory_mb_per_case=8000)
    again.note_limited(study, "extract", "0000", [("C", timed_out(strict))], strict)
    before = (study / "shards" / "0000.json").stat().st_mtime_ns
    more = {"seconds_per_case": 3600, "memory_mb_per_case": 8000} | limits
    assert again.renew_limited(study, LimitSettings(**more)) == ["0000"]
    assert (study / "shards" / "0000.json").stat().st_mtime_ns > before


def test_a_shard_that_lost_no_case_is_no_longer_noted(study):
    again.note_limited(study, "extract", "0000", [("C", timed_out(LIMITS))], LIMITS)
    extracted(study)
    assert not list((study / again.FOLDER).iterdir())


def test_a_plan_under_the_same_limits_leaves_lost_cases_alone(study):
    again.note_limited(study, "extract", "0000", [("C", timed_out(LimitSettings()))], LIMITS)
    before = (study / "shards" / "0000.json").stat().st_mtime_ns
    prepare(study.parent / "study.yaml")
    assert (study / "shards" / "0000.json").stat().st_mtime_ns == before


def test_a_case_that_went_beyond_a_limit_is_not_tried_under_the_same_one(study, monkeypatch):
    work = work_of(study)
    lost(work, timed_out(LIMITS))
    with monkeypatch.context() as patch:
        patch.setattr(stage, "measure", lambda *_, **__: pytest.fail("tried again"))
        found = stage.answer(work)
    assert (found.verdict.status, found.verdict.code) == ("rejected", "timed_out")
    longer = work.study.model_copy(update={"limits": LimitSettings(seconds_per_case=7200)})
    assert stage.answer(replace(work, study=longer)).measured is not None


def test_a_case_is_tried_again_by_a_job_with_more_memory(study, monkeypatch):
    work = work_of(study)
    lost(work, out_of_memory(1900, 2000, by="job"))
    monkeypatch.setattr("radpred.stages.work.pool.loss.allowed_mb", lambda limits: 2000)
    assert stage.answer(work).verdict.code == "out_of_memory"
    monkeypatch.setattr("radpred.stages.work.pool.loss.allowed_mb", lambda limits: 4000)
    assert stage.answer(work).measured is not None


def test_other_settings_try_a_lost_case_again(study):
    work = work_of(study)
    lost(work, timed_out(LIMITS))
    wider = work.study.extraction.model_copy(update={"bin_width": 50.0})
    other = work.study.model_copy(update={"extraction": wider})
    assert stage.answer(replace(work, study=other)).measured is not None


def test_what_more_memory_may_mend_is_left_to_the_next_attempt():
    lost = [("C1", out_of_memory(1900, 2000, by="job")), ("C2", timed_out(LIMITS))]
    with pytest.raises(RadpredError, match=r"1 cases need more memory.*C1"):
        again.leave_to_next_attempt(lost, attempts_left=1)


@pytest.mark.parametrize(("by", "left"), [("job", 0), ("case", 2)])
def test_without_another_attempt_or_by_its_own_limit_a_case_is_a_row(by, left):
    again.leave_to_next_attempt([("C", out_of_memory(9, 8, by=by))], attempts_left=left)


def test_every_case_has_its_cost(study):
    extracted(study)
    costs = read_table(study / "features" / "0000.costs.parquet")[0]
    assert list(costs.columns) == ["case_id", "stage", "status", "seconds", "peak_mb", "sha256"]
    assert (costs["seconds"] > 0).all()
    assert costs["peak_mb"].between(20, 20_000).all()
    assert set(costs["stage"]) == {"extract"}


def test_a_shard_that_is_ended_keeps_what_is_finished_and_no_half_file(study):
    cache = study / "features" / "cache"
    line = [sys.executable, "-m", "radpred", "stage", "extract"]
    line += ["--study", study / "study.json", "--shard", study / "shards" / "0000.json"]
    line += ["--masks", study / "segment" / "0000.parquet"]
    line += ["--output", study / "features" / "0000.parquet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    job = subprocess.Popen(list(map(str, line)), env=environment, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 120
    while not list(cache.glob("[!.]*.json")) and time.monotonic() < end:
        time.sleep(0.01)
    job.send_signal(signal.SIGTERM)
    assert job.wait(30) in (143, 0)  # 0: it was done before it heard
    kept = {path: path.stat().st_mtime_ns for path in cache.glob("[!.]*.json")}
    assert kept
    assert all(json.loads(path.read_text())["key"] for path in kept)
    assert unfinished_in(study) == []
    extracted(study)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    n_cases = len(shard_cases(study / "shards" / "0000.json"))
    assert len(pd.read_parquet(study / "features" / "0000.parquet")) == n_cases
