"""A study of thousands of cases: few jobs, and nothing that grows with each file."""

from __future__ import annotations

import re
import subprocess

import pandas as pd
import pytest
import yaml

from radpred.workflow import command

N_CASES = 5000


@pytest.fixture(scope="module")
def planned(tmp_path_factory) -> str:
    """Return what a dry run says of a study of 5,000 cases."""
    folder = tmp_path_factory.mktemp("large")
    ids = [f"P{i}" for i in range(N_CASES)]
    for name in ids:
        (folder / f"{name}.nii").touch()
    files = [f"{name}.nii" for name in ids]
    table = {"case_id": ids, "patient_id": ids, "image": files, "mask": files}
    pd.DataFrame(table).to_csv(folder / "cases.csv", index=False)
    outcome = {"patient_id": ids, "event": [i % 2 for i in range(N_CASES)]}
    pd.DataFrame(outcome).to_csv(folder / "outcome.csv", index=False)
    (folder / "study.yaml").write_text(
        yaml.safe_dump({"name": "large", "outcome": {"column": "event"}})
    )
    line = command(folder / "study.yaml", cores=2, profile=None, extra=["-n", "--quiet", "rules"])
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("rule", ["segment", "extract"])
def test_5000_cases_are_a_hundred_jobs_of_each_step(rule, planned):
    assert int(re.search(rf"^{rule}\s+(\d+)$", planned, re.MULTILINE)[1]) == 100
