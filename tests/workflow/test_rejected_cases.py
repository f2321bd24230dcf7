"""A study that is to stop at rejected cases does so before any work."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest
import yaml
from faulty_study import written

from radpred.cohort import Verdict, to_frame
from radpred.errors import RejectedError
from radpred.stages.prepare import prepare
from radpred.table import write_table
from radpred.workflow import RunError, run


def radpred(*words):
    """Run the command in a process of its own."""
    line = [sys.executable, "-m", "radpred", *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("fault", ["missing", "moved", "labels"])
def test_a_run_that_is_to_stop_ends_with_1_before_any_work(tmp_path, fault):
    done = radpred("run", written(tmp_path, [fault], rejected_cases="stop"))
    assert done.returncode == 1
    assert f"1 rejected: {fault}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "results" / "logs" / "snakemake.log").exists()


def test_plain_snakemake_stops_at_a_rejected_row(tmp_path):
    with pytest.raises(RejectedError, match="missing_file"):
        prepare(written(tmp_path, ["missing"], rejected_cases="stop"))


def test_a_plan_that_leaves_rejected_rows_out_has_the_others(tmp_path):
    assert prepare(written(tmp_path, ["missing"])).n_cases == 2


def test_a_case_that_is_rejected_on_the_way_stops_the_study_too(tmp_path, monkeypatch):
    study = written(tmp_path, rejected_cases="stop")
    results = tmp_path / "results"

    def fail(line, plan, lock, told):
        """Leave what a run leaves that rejected a case while it measured."""
        late = Verdict("C0", "C0", "extract", "rejected", "crashed", "it ended", "", "look")
        empty = to_frame([])
        for shard in plan.shards:
            of_shard = to_frame([late]) if shard == plan.shards[0] else empty
            write_table(of_shard, results / f"features/{shard}.verdicts.parquet", metadata={})
            write_table(empty, results / f"segment/{shard}.verdicts.parquet", metadata={})
        (results / "logs").mkdir(exist_ok=True)
        (results / "logs" / "snakemake.log").write_text("failed")
        return 1

    monkeypatch.setattr("radpred.workflow._finished", fail)
    with pytest.raises(RejectedError, match=r"C0 \(crashed\)"):
        run(study)
    text = yaml.safe_load(study.read_text())
    study.write_text(yaml.safe_dump({**text, "rejected_cases": "leave_out"}))
    (results / "logs" / "snakemake.log").unlink()
    with pytest.raises(RunError, match="failed"):
        run(study)


def test_a_run_tells_how_far_its_check_is(tmp_path):
    said = []
    with pytest.raises(RejectedError):
        run(written(tmp_path, ["labels"], rejected_cases="stop"), told=said.append)
    assert [(at.step, at.done, at.total) for at in said[-1:]] == [("scans", 3, 3)]
    assert pd.Series([at.step for at in said]).unique().tolist() == ["headers", "scans"]
