"""A network's disk that shows new files late: nothing is declared missing, nothing half there."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
import yaml

from radpred.pipeline.demo import make_cohort
from radpred.workflow import RunError, run
from radpred.writing import unfinished_in

# In Snakemake's main process alone, as on a cluster: whoever wrote a file sees it at once.
LATE = """
import os, sys, time
if "snakemake" in sys.orig_argv and "--target-jobs" not in sys.orig_argv:
    def late(real):
        def look(path, *args, **kwargs):
            found = real(path, *args, **kwargs)
            name = os.fspath(path) if not isinstance(path, int) else ""
            is_new = time.time() - found.st_ctime < float(os.environ["SECONDS_LATE"])
            if str(name).endswith(".parquet") and "cases" not in str(name) and is_new:
                raise FileNotFoundError(2, "not shown yet", name)
            return found
        return look
    os.stat, os.lstat = late(os.stat), late(os.lstat)
"""
STUDY = {
    "name": "late",
    "outcome": {"column": "event"},
    "extraction": {"filters": [{"kind": "original"}], "bin_width": 25},
}


@pytest.fixture
def study(tmp_path, monkeypatch) -> Path:
    make_cohort(tmp_path, n_patients=8, seed=2)
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(STUDY))
    stub = tmp_path / "stub"
    stub.mkdir()
    (stub / "sitecustomize.py").write_text(LATE)
    monkeypatch.setenv("PYTHONPATH", f"{stub}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setenv("SECONDS_LATE", "5")
    return tmp_path / "study.yaml"


def test_files_that_show_five_seconds_late_are_waited_for(study):
    run(study, cores=1, extra=["--latency-wait", "30", "--", "features"])
    results = study.parent / "results"
    n_rows = len(pd.read_csv(study.parent / "cases.csv"))
    assert len(pd.read_parquet(results / "features.parquet")) == n_rows
    assert unfinished_in(results) == []


def test_the_stub_does_show_them_late(study):
    with pytest.raises(RunError, match="Missing files after 1 seconds"):
        run(study, cores=1, extra=["--latency-wait", "1", "--", "features"])
