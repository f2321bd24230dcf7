"""Case 72: two hundred jobs in a scheduler's queue; killed at half, no case is done twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from test_resume import kept, waited_for

from radpred.datasets.phantom import cuboid, noise_box
from radpred.io import write_image, write_mask
from radpred.stages.watching.orphans import processes_of
from radpred.stages.work.lock import NAME

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the queue is of bash and flock")
N = 100
SHAPE = (12, 12, 12)
PLUGIN = Path(__file__).with_name("fake_scheduler")
PROFILE = {
    "executor": "fake",
    "jobs": 200,
    "rerun-incomplete": True,
    "rerun-triggers": ["mtime", "params", "input"],
    "latency-wait": 5,
    "seconds-between-status-checks": 1,
    "scheduler": "greedy",
}
STUDY = {
    "name": "queued",
    "outcome": {"column": "event"},
    "extraction": {"features": {"firstorder": []}, "bin_width": 10},
    "cases_per_shard": 1,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return a study of a hundred small lesions, each a shard of its own."""
    folder = tmp_path_factory.mktemp("queued")
    rng, rows = np.random.default_rng(72), []
    for n in range(N):
        write_image(noise_box(SHAPE, rng=rng), folder / f"scan_{n}.nii")
        row = {"case_id": f"C{n:03d}", "patient_id": f"P{n:03d}", "image": f"scan_{n}.nii"}
        rows.append({**row, "mask": "mask.nii"})
    write_mask(cuboid(SHAPE, start=(4, 4, 4), stop=(8, 8, 8)), folder / "mask.nii")
    pd.DataFrame(rows).to_csv(folder / "cases.csv", index=False)
    outcome = {"patient_id": [row["patient_id"] for row in rows], "event": [0, 1] * (N // 2)}
    pd.DataFrame(outcome).to_csv(folder / "outcome.csv", index=False)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    (folder / "profile").mkdir()
    (folder / "profile" / "profile.yaml").write_text(yaml.safe_dump(PROFILE))
    return folder


def started(folder: Path) -> subprocess.Popen[str]:
    """Start the study in the queue, up to its table of features."""
    queue = folder / "queue"
    queue.mkdir(exist_ok=True)
    paths = [str(PLUGIN), *filter(None, [os.environ.get("PYTHONPATH")])]
    line = [sys.executable, "-m", "radpred", "run", str(folder / "study.yaml")]
    line += ["--profile", str(folder / "profile"), "--", "--until", "assemble"]
    where = {"FAKE_QUEUE": str(queue), "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.Popen(
        line, env={**os.environ, **where}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip


def submitted(folder: Path) -> dict[str, int]:
    """Return how many jobs of each step the queue was given."""
    jobs = [*(folder / "queue").glob("*.job"), *(folder / "queue").glob("*.begun")]
    steps = [json.loads(path.read_text())["rule"] for path in jobs]
    return {step: steps.count(step) for step in steps}


@pytest.fixture(scope="module")
def killed(folder) -> tuple[dict[str, int], dict[str, int]]:
    """Kill the run and all that waits in the queue with half of the cases measured.

    Return which cases were kept, and how many jobs of each step had been submitted.
    """
    results = folder / "results"
    child = started(folder)
    waited_for(lambda: len(kept(results)) >= N // 2 or child.poll() is not None, seconds=300)
    assert child.poll() is None, child.communicate()[1]
    holder = json.loads((results / NAME).read_text())
    child.kill()
    child.communicate()
    os.killpg(holder["snakemake"], signal.SIGKILL)
    while orphans := processes_of(results):  # a job that was waiting may have begun
        for one in orphans:
            with suppress(ProcessLookupError):
                os.kill(int(one.id), signal.SIGKILL)
    return kept(results), submitted(folder)


@pytest.fixture(scope="module")
def resumed(folder, killed) -> dict[str, int]:
    """Run the study again to its end; return how many jobs of each step that took."""
    shutil.rmtree(folder / "queue")
    child = started(folder)
    said = child.communicate()[1]
    assert child.returncode == 0, said
    return submitted(folder)


def test_the_run_was_killed_with_half_of_its_cases_measured(killed):
    assert N // 2 <= len(killed[0]) < N


def test_every_case_is_measured_in_the_end(folder, resumed):
    assert len(pd.read_parquet(folder / "results" / "features.parquet")) == N


def test_no_case_is_done_twice(folder, killed, resumed):
    after = kept(folder / "results")
    assert {name: after[name] for name in killed[0]} == killed[0]


def test_the_second_run_submits_only_what_the_first_had_not_finished(killed, resumed):
    first = killed[1]
    assert first["segment"] + resumed.get("segment", 0) <= N + 2  # two may not have been noticed
    assert resumed["extract"] <= N - len(killed[0]) + 2
    assert resumed["assemble"] == 1
