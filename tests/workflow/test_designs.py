"""The workflow plans the parts that a design comes in, and freezes a model before it is opened."""

import re
import subprocess

import pandas as pd
import pytest
import yaml

from radpred.pipeline.demo import make_cohort
from radpred.workflow import command

STUDY = {
    "name": "designs",
    "outcome": {"column": "event"},
    "regions": {"rings_mm": []},
    "extraction": {"filters": [{"kind": "original"}], "bin_width": 25},
}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Return a folder with a made cohort, a quarter of which is set apart."""
    folder = tmp_path_factory.mktemp("designs")
    make_cohort(folder, n_patients=8, seed=3)
    outcome = pd.read_csv(folder / "outcome.csv", dtype=str)
    outcome["set"] = ["1" if place % 4 == 0 else "0" for place in range(len(outcome))]
    outcome.to_csv(folder / "outcome.csv", index=False)
    return folder


def planned(folder, **design):
    """Return what Snakemake would do, rule by rule: the text of each job."""
    path = folder / f"{design['kind']}.yaml"
    out = {"out": f"results_{design['kind']}"}
    path.write_text(yaml.safe_dump({**STUDY, **out, "learning": {"design": design}}))
    line = command(path, cores=1, profile=None, extra=("--dry-run",))
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = re.split(r"^(?:local)?rule ", done.stdout + done.stderr, flags=re.MULTILINE)[1:]
    return [(job.partition(":")[0], job) for job in jobs]


@pytest.mark.parametrize(
    ("design", "n_parts"),
    [
        ({"kind": "folds"}, 5),
        ({"kind": "sites"}, 1),
        ({"kind": "bootstrap", "draws": 50}, 3),
    ],
    ids=lambda value: str(value),
)
def test_train_runs_once_for_each_part_of_a_design(cohort, design, n_parts):
    assert [name for name, _ in planned(cohort, **design)].count("train") == n_parts


def test_the_final_model_is_written_before_the_external_set_is_judged(cohort):
    jobs = dict(planned(cohort, kind="external", external_column="set"))
    assert "models/final.zip" in jobs["train"].partition("output:")[0]
